// Signals as events: waited for by a coroutine instead of interrupting a thread.
#pragma once

#include <csignal>
#include <initializer_list>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/task.hpp>

namespace ringway {

/// Takes some signals of the process (signalfd(2)).
///
/// They are blocked on the thread that makes it, for its lifetime. A signal sent to the process
/// goes to any thread that does not block it, so make it before other threads are started, or where
/// they all block signals, as those of a cluster do. Used on one shard.
class signal_set {
public:
    /// Blocks `signals` and opens the descriptor. Fails with the errno of signalfd(2),
    /// EINVAL for what is no signal.
    [[nodiscard]] static result<signal_set> open(std::initializer_list<int> signals) noexcept;

    signal_set(signal_set&& other) noexcept = default;
    signal_set& operator=(signal_set&&) = delete;
    ~signal_set() { close(); }

    /// Waits for the next of the signals and yields its number. Equal signals that come before they
    /// are taken are one (signal(7)). One awaiter at a time.
    /// Fails with `canceled` when stopped. Resumes: on this shard.
    [[nodiscard]] task<result<int>> next();

    /// Drops what is pending, closes the descriptor and unblocks what was not blocked before.
    /// Nobody may be in `next`. On the thread that opened it.
    void close() noexcept;

private:
    signal_set(unique_fd fd, const sigset_t& taken, const sigset_t& before) noexcept
        : fd_{std::move(fd)}, taken_{taken}, before_{before} {}

    unique_fd fd_;
    sigset_t taken_;
    sigset_t before_;  // The thread's mask.
};

}  // namespace ringway
