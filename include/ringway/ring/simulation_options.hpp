// What a simulated kernel does to the program above it: how often which fault strikes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <ringway/ring/driver.hpp>

namespace ringway {

/// What a simulated kernel may do to an operation. All of it happens on real kernels.
enum class fault : std::uint8_t {
    short_read,         ///< A receive or a file read yields less than is there.
    short_write,        ///< A send goes on in several steps; a file write writes less.
    short_send,         ///< A send that has begun ends there, with a short count.
    eintr,              ///< EINTR.
    enomem,             ///< ENOMEM, for sends and opens.
    enobufs,            ///< A receive finds no buffer. Only while the program holds some.
    reset,              ///< The connection is reset; bytes under way are lost.
    submission_full,    ///< The operation waits until the kernel takes it.
    accept_error,       ///< EMFILE, ENFILE, ENOMEM or ECONNABORTED.
    connect_error,      ///< ECONNREFUSED, ETIMEDOUT or EHOSTUNREACH.
    file_error,         ///< EIO from reads, writes and fsync; EMFILE from opens.
    overflow,           ///< A multishot operation ends with a success.
    stall,              ///< The operation takes up to `stall_max` longer.
    buffer_on_failure,  ///< A failed receive names a buffer all the same.
    cancel_late,        ///< A cancel takes effect later; what happens before it counts.
    complete_inline,    ///< The operation completes inside `submit` if it need not wait. Not
                        ///< while another completion is being told.
    no_space,           ///< ENOSPC, for writes to files and fallocate.
    count_,             ///< How many there are.
};

inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::count_);

/// The name of `kind` for messages ("short_read").
[[nodiscard]] std::string_view name_of(fault kind) noexcept;

/// A number for each fault: per mille of the occasions, or how often it struck.
template <class Number>
class per_fault {
public:
    [[nodiscard]] Number& operator[](fault kind) noexcept {
        return values_[static_cast<std::size_t>(kind)];
    }
    [[nodiscard]] Number operator[](fault kind) const noexcept {
        return values_[static_cast<std::size_t>(kind)];
    }

private:
    std::array<Number, fault_count> values_{};
};

/// What a turn does that could only wait forever, or that is one too many.
enum class deadlock_action : std::uint8_t {
    abort,    ///< Prints the seed and what is in flight, then aborts.
    give_up,  ///< Returns; `simulated_driver::deadlocked` is true from then on.
};

/// A simulated kernel. By default a perfect one: nothing fails, nothing takes time, and only the
/// order of completions depends on the seed.
struct simulation_options {
    std::uint64_t seed = 1;
    driver_options base{.buffer_count = 64, .buffer_bytes = 4096};

    per_fault<std::uint16_t> per_mille;  ///< How often each fault strikes.

    nanoseconds delay_max{0};               ///< Virtual time until an operation has its effect.
    nanoseconds notification_max{0};        ///< From the effect until the completion can be told.
    nanoseconds stall_max{10'000'000'000};  ///< See `fault::stall`.
    nanoseconds zero_copy_max{0};           ///< From a zero-copy send's end to its notification.
    nanoseconds turn_time{1000};            ///< What each turn costs.
    nanoseconds clock_step{20};             ///< What each look at the clock costs.

    std::uint32_t socket_buffer_bytes = 64 * 1024;  ///< What a sender can be ahead of its peer.
    std::uint32_t backlog = 128;                    ///< Connections that wait for an accept.

    std::uint64_t turns_max = 10'000'000;  ///< A program that takes more will never end.
    deadlock_action on_deadlock = deadlock_action::abort;
    bool trace = false;  ///< Prints every submission and completion; also with RINGWAY_TRACE set.
};

/// A bad day: a mixture of faults, delays and small buffers that the seed picks. Each fault is off
/// for about half of the seeds, so that frequent ones don't hide the others.
[[nodiscard]] simulation_options stormy(std::uint64_t seed) noexcept;

/// The seed that the environment variable RINGWAY_SEED asks for, to replay a failure.
[[nodiscard]] std::optional<std::uint64_t> seed_from_environment() noexcept;

}  // namespace ringway
