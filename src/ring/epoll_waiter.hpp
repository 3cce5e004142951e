// epoll_wait that other threads can end.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <sys/epoll.h>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {

/// An epoll descriptor and the sleep on it. Used on one thread only, except `wake`.
class epoll_waiter {
public:
    /// Opens the descriptors. Before anything else.
    result<void> open();
    [[nodiscard]] bool is_open() const noexcept { return static_cast<bool>(epoll_); }

    /// Has `wait` poll the network cards of watched sockets for so long before it sleeps
    /// (EPIOCSPARAMS, ioctl_eventpoll(2); Linux 6.9). Fails with the errno, ENOTTY before.
    [[nodiscard]] result<void> poll_cards(std::chrono::microseconds how_long) noexcept;

    /// Has the edges of `fd` in both directions reported with `key`, the present state as the first
    /// one. Returns 0 or an errno: EPERM for files that have no readiness.
    [[nodiscard]] int watch(int fd, std::uint64_t key) noexcept;

    /// Waits until an edge, `wake`, a signal or the end of `timeout` (`max()`: no end).
    void wait(nanoseconds timeout) noexcept;

    /// What the last wait was told, without wake-ups. Lifetime: until the next wait.
    [[nodiscard]] std::span<const epoll_event> events() const noexcept {
        return {events_.data(), count_};
    }
    /// Whether somebody called `wake` since the wait before the last one ended.
    [[nodiscard]] bool was_woken() const noexcept { return was_woken_; }

    /// Ends the wait that goes on, or else keeps the next one from sleeping. Any thread; costs a
    /// system call only when it ends a sleep.
    void wake() noexcept;

private:
    enum class mood : unsigned char { awake, woken, asleep };

    [[nodiscard]] int wait_in_kernel(nanoseconds timeout) noexcept;

    unique_fd epoll_;
    unique_fd wake_fd_;
    std::atomic<mood> mood_{mood::awake};
    bool has_pwait2_ = true;
    bool was_woken_ = false;
    std::size_t count_ = 0;
    std::array<epoll_event, 256> events_{};
};

}  // namespace ringway
