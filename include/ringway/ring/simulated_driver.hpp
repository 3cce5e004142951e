// A driver without a kernel: seeded, on one thread, with a virtual clock. For tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <ringway/ring/driver.hpp>
#include <ringway/ring/simulation_options.hpp>

namespace ringway {
namespace detail {
struct simulated_state;
}

/// What is still held of a simulated driver. All zero when a program has cleaned up.
struct leak_report {
    std::size_t open_sockets = 0;
    std::size_t in_flight = 0;
    std::size_t leased = 0;

    friend bool operator==(const leak_report&, const leak_report&) = default;
};

/// A deterministic model of a kernel: the same seed and the same program give the same history.
///
/// Sockets are simulated: stream sockets as TCP on Linux behaves, with descriptors that no kernel
/// gives out. All other descriptors are real and are used with plain system calls that don't block.
/// Nothing here depends on real time. Completions come in an order that the seed picks among those
/// that are due; the completions of one multishot operation keep their order.
///
/// Aborts on misuse that real kernels punish later: closing a descriptor with operations in flight,
/// an operation that moved or died in flight, a turn that would wait forever, memory of a zero-copy
/// send that changes before its notification.
class simulated_driver final : public driver {
public:
    /// Descriptors from here on are simulated sockets.
    static constexpr int first_descriptor = 1 << 20;

    explicit simulated_driver(const simulation_options& options);
    ~simulated_driver() override;

    /// A socket for a connect operation, to the port in the sockaddr_in or sockaddr_in6 at
    /// `operation::address`; the address itself does not matter.
    [[nodiscard]] int make_socket();

    /// A socket for accept operations. `port` must be free; 0 picks one, see `port_of`.
    [[nodiscard]] int make_listener(std::uint16_t port);
    [[nodiscard]] std::uint16_t port_of(int listener) const noexcept;

    /// Two sockets that are connected to each other.
    [[nodiscard]] std::array<int, 2> make_connection();

    /// Resets the connection of `socket`, as a broken network or peer does.
    void reset_connection(int socket) noexcept;

    [[nodiscard]] leak_report leaks() const noexcept;

    /// Seed, time and state in one line; tests show it with a failure.
    [[nodiscard]] std::string describe() const;

    /// A hash of everything that happened: equal for equal runs.
    [[nodiscard]] std::uint64_t history() const noexcept;

    /// How often each fault struck.
    [[nodiscard]] const per_fault<std::uint64_t>& faults() const noexcept;

    /// Whether a turn could only have waited forever, or was one too many: see `deadlock_action`.
    [[nodiscard]] bool deadlocked() const noexcept;

    [[nodiscard]] const simulation_options& options() const noexcept;

    result<void> attach() override;
    void submit(operation& op) noexcept override;
    void cancel(operation& op) noexcept override;
    void turn(nanoseconds deadline) noexcept override;
    void wake(driver* from) noexcept override;
    [[nodiscard]] nanoseconds now() const noexcept override;
    [[nodiscard]] buffer_pool& buffers() noexcept override;
    [[nodiscard]] std::string_view name() const noexcept override { return "simulated"; }
    [[nodiscard]] std::string features() const override { return describe(); }
    void close_now(int fd) noexcept override;
    void shutdown_now(int fd, int how) noexcept override;
    std::size_t send_now(int fd, byte_view bytes) noexcept override;
    [[nodiscard]] result<std::uint16_t> enroll_buffer(byte_span memory) noexcept override;
    void dismiss_buffer(std::uint16_t slot) noexcept override;
    [[nodiscard]] result<std::uint16_t> enroll_file(int fd) noexcept override;
    void dismiss_file(std::uint16_t slot) noexcept override;
    [[nodiscard]] bool is_simulated() const noexcept override { return true; }
    [[nodiscard]] zero_copy_pool* zero_copy() noexcept override;

private:
    void attempt(std::uint32_t index) noexcept;
    void attempt_what_is_due() noexcept;
    bool tell_some() noexcept;
    void note_zero_copy(const operation& op, int result) noexcept;
    void tell_first(std::uint32_t index) noexcept;
    void tell_all(std::uint32_t index) noexcept;
    bool take_wakes() noexcept;
    void give_up(const char* why);
    void check_idle(int fd, const operation* except) const noexcept;

    std::unique_ptr<detail::simulated_state> state_;
};

}  // namespace ringway
