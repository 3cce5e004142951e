#include "ring/epoll_waiter.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <ringway/base/assert.hpp>

namespace ringway {
namespace {

constexpr std::uint64_t wake_key = ~std::uint64_t{0};
// struct epoll_params of linux/eventpoll.h, which Debian 12 does not have yet.
struct epoll_parameters {
    std::uint32_t busy_poll_microseconds;
    std::uint16_t busy_poll_budget;
    std::uint8_t prefer_busy_poll;
    std::uint8_t padding;
};
constexpr unsigned long set_parameters = _IOW(0x8A, 0x01, epoll_parameters);
constexpr std::uint16_t packets_at_a_time = 8;  // As without asking: BUSY_POLL_BUDGET.

constexpr std::uint32_t watched = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET;

timespec to_timespec(nanoseconds time) noexcept {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return {.tv_sec = seconds.count(), .tv_nsec = (time - seconds).count()};
}

// Rounded up: a timer must not find that its time has not come. At most a day.
int to_milliseconds(nanoseconds time) noexcept {
    using std::chrono::milliseconds;
    const nanoseconds bounded = std::min<nanoseconds>(time, std::chrono::hours{24});
    return static_cast<int>(std::chrono::ceil<milliseconds>(bounded).count());
}

}  // namespace

result<void> epoll_waiter::open() {
    RW_ASSERT(!epoll_);
    epoll_ = unique_fd{::epoll_create1(EPOLL_CLOEXEC)};
    wake_fd_ = unique_fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!epoll_ || !wake_fd_) {
        return fail_errno(errno);
    }
    // Edge-triggered, so that each write is one event and nobody needs to read.
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u64 = wake_key}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_fd_.get(), &event) != 0) {
        return fail_errno(errno);
    }
    return {};
}

result<void> epoll_waiter::poll_cards(std::chrono::microseconds how_long) noexcept {
    epoll_parameters wanted{};
    wanted.busy_poll_microseconds = static_cast<std::uint32_t>(how_long.count());
    wanted.busy_poll_budget = packets_at_a_time;
    wanted.prefer_busy_poll = 1;
    if (::ioctl(epoll_.get(), set_parameters, &wanted) != 0) {
        return fail_errno(errno);
    }
    return {};
}

// The number may be registered already, for a former user of it whose file lives on.
int epoll_waiter::watch(int fd, std::uint64_t key) noexcept {
    RW_ASSERT(key != wake_key);
    epoll_event event{.events = watched, .data = {.u64 = key}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0 ||
        (errno == EEXIST && ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0)) {
        return 0;
    }
    return errno;
}

// Falls asleep only from `awake`, and whoever finds it `asleep` writes: no wake-up is lost.
void epoll_waiter::wait(nanoseconds timeout) noexcept {
    auto expected = mood::awake;
    if (timeout > nanoseconds::zero() &&
        !mood_.compare_exchange_strong(expected, mood::asleep, std::memory_order_seq_cst)) {
        timeout = nanoseconds::zero();
    }
    const int count = wait_in_kernel(std::max(timeout, nanoseconds::zero()));
    RW_ASSERT(count >= 0 || errno == EINTR);
    was_woken_ = mood_.exchange(mood::awake, std::memory_order_seq_cst) == mood::woken;
    count_ = static_cast<std::size_t>(std::max(count, 0));
    const auto end =
        std::remove_if(events_.begin(), events_.begin() + count_,
                       [](const epoll_event& event) { return event.data.u64 == wake_key; });
    count_ = static_cast<std::size_t>(end - events_.begin());
}

void epoll_waiter::wake() noexcept {
    if (mood_.exchange(mood::woken, std::memory_order_seq_cst) == mood::asleep) {
        const std::uint64_t one = 1;
        const ssize_t written = ::write(wake_fd_.get(), &one, sizeof one);
        RW_ASSERT(written == sizeof one);
    }
}

// Kernels before 5.11 and container filters of their time know whole milliseconds only.
int epoll_waiter::wait_in_kernel(nanoseconds timeout) noexcept {
    const bool forever = timeout == nanoseconds::max();
    const auto most = static_cast<int>(events_.size());
    if (has_pwait2_) {
        const timespec time = to_timespec(timeout);
        const int count =
            ::epoll_pwait2(epoll_.get(), events_.data(), most, forever ? nullptr : &time, nullptr);
        has_pwait2_ = count >= 0 || (errno != ENOSYS && errno != EPERM);
        if (has_pwait2_) {
            return count;
        }
    }
    return ::epoll_wait(epoll_.get(), events_.data(), most,
                        forever ? -1 : to_milliseconds(timeout));
}

}  // namespace ringway
