// Programs that run at one side of the network, or on one core: servers and clients.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <sys/types.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include "lab/network.hpp"

namespace ringway::lab {

/// What becomes of what a program prints.
enum class output_kind : std::uint8_t { kept, discarded };

/// Where a program runs when it needs no network of its own.
struct placement {
    std::vector<unsigned> cores;           ///< On these alone.
    std::vector<std::string> environment;  ///< Further variables, "NAME=value".
};

/// A running program. Killed and waited for when this dies; the kernel kills it when the thread
/// that started it dies, however that happens (PR_SET_PDEATHSIG).
class process {
public:
    /// Starts `arguments[0]`, searched in PATH. Its standard input is empty; what it prints is
    /// kept in memory, its standard output only when `output` says so. Fails with a line for
    /// people.
    [[nodiscard]] static std::expected<process, std::string> start(
        const network& in, side at, const std::vector<std::string>& arguments,
        output_kind output = output_kind::kept);

    /// The same in the namespaces of this process, at `where`, with as many descriptors as it may
    /// have.
    [[nodiscard]] static std::expected<process, std::string> start_on(
        const placement& where, const std::vector<std::string>& arguments,
        output_kind output = output_kind::kept);

    /// The same on one core.
    [[nodiscard]] static std::expected<process, std::string> start_on(
        unsigned core, const std::vector<std::string>& arguments,
        output_kind output = output_kind::kept) {
        return start_on(placement{.cores = {core}, .environment = {}}, arguments, output);
    }

    /// The same on any core.
    [[nodiscard]] static std::expected<process, std::string> start_anywhere(
        const std::vector<std::string>& arguments, output_kind output = output_kind::kept);

    process(process&& other) noexcept;
    process& operator=(process&& other) = delete;
    ~process();

    /// What it has printed so far.
    [[nodiscard]] std::string output() const;
    [[nodiscard]] std::string errors() const;

    [[nodiscard]] pid_t id() const noexcept { return id_; }
    /// Whether a socket of its namespace is bound to the port, as proc(5) tells: its server is
    /// there.
    [[nodiscard]] bool has_port(transport_protocol protocol, std::uint16_t port) const;
    void signal(int number) const noexcept;

    /// The exit status, or 128 and the signal; nothing if it still runs after `limit`.
    [[nodiscard]] std::expected<int, std::string> wait(std::chrono::milliseconds limit);

    /// Processor time of user and kernel, after it has ended.
    [[nodiscard]] std::chrono::microseconds cpu_time() const noexcept { return cpu_time_; }

private:
    process() = default;
    struct surroundings;
    [[nodiscard]] static std::expected<process, std::string> start_within(
        const surroundings& where, const std::vector<std::string>& arguments, output_kind output);

    pid_t id_ = -1;
    std::string name_;
    unique_fd handle_;  // pidfd_open(2), to wait with a limit.
    unique_fd output_;
    unique_fd errors_;
    bool ended_ = false;
    int status_ = -1;
    std::chrono::microseconds cpu_time_{0};
};

struct finished_program {
    int status = -1;
    std::string output;
    std::string errors;
    std::chrono::microseconds cpu_time{0};
};

/// Runs a program to its end. Fails if it can't be started or does not end within `limit`; it is
/// killed then.
[[nodiscard]] std::expected<finished_program, std::string> run_program(
    const network& in, side at, const std::vector<std::string>& arguments,
    std::chrono::milliseconds limit, output_kind output = output_kind::kept);

}  // namespace ringway::lab
