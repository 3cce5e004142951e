#include <ringway/runtime/stall_detector.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <execinfo.h>
#include <optional>
#include <pthread.h>
#include <signal.h>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/log.hpp>
#include <ringway/coro/scheduler.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/runtime/shard.hpp>

#include "runtime/thread_times.hpp"

namespace ringway {
namespace {

using std::chrono::nanoseconds;

constexpr int looks_per_limit = 4;
constexpr int quiet_limits_max = 10;  // The longest rest, in limits.
constexpr int stack_signal = SIGURG;  // Ignored by default, so that a stray one does no harm.
constexpr nanoseconds report_interval{std::chrono::seconds{1}};

// Of `wall`, the time that the coroutine itself took: a processor that others had is no stall.
// The kernel counts a wait for the processor when it ends, so while a thread may be waiting only
// its processor time is certain.
nanoseconds own_time(nanoseconds wall, const std::optional<thread_times>& then,
                     const std::optional<thread_times>& now) noexcept {
    if (!then || !now) {
        return wall;
    }
    return now->runnable ? now->ran - then->ran : wall - (now->queued - then->queued);
}

nanoseconds steady_now() noexcept { return std::chrono::steady_clock::now().time_since_epoch(); }

}  // namespace

struct stall_detector::watched {
    shard& target;
    int thread;                              // gettid(2)
    std::uint64_t activity = 0;              // What it was doing when we looked last.
    nanoseconds since{0};                    // When we saw that first.
    std::optional<thread_times> spent_then;  // What the thread had spent by then.
    bool counted = false;
    nanoseconds reported_at{0};
    std::atomic<std::uint64_t> stack_wanted{0};  // Of the coroutine with this activity number.
};

namespace {

// What the signal handler needs to know of its own thread.
struct handler_facts {
    const scheduler* queues = nullptr;
    const std::atomic<std::uint64_t>* wanted = nullptr;
};
thread_local handler_facts here{};

// Only what is safe in a signal handler: backtrace(3) is once it has been called before.
void print_stack(int) noexcept {
    if (here.queues == nullptr || here.queues->activity() != here.wanted->load()) {
        return;  // The coroutine has given the shard back meanwhile.
    }
    const int before = errno;
    std::array<void*, 64> frames{};
    const int count = ::backtrace(frames.data(), static_cast<int>(frames.size()));
    ::backtrace_symbols_fd(frames.data(), count, STDERR_FILENO);
    errno = before;
}

void prepare_stacks() noexcept {
    std::array<void*, 1> frame{};
    ::backtrace(frame.data(), 1);  // Loads what it needs, which no handler may do.
    struct sigaction action{};
    action.sa_handler = print_stack;
    action.sa_flags = SA_RESTART;
    RW_ASSERT(::sigaction(stack_signal, &action, nullptr) == 0);
}

void unblock_stack_signal() noexcept {
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, stack_signal);
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
}

}  // namespace

stall_detector::stall_detector(const stall_options& options) : options_{options} {
    RW_ASSERT(options.limit > nanoseconds{0});
    if (options.print_stacks) {
        prepare_stacks();
    }
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread{[this] { monitor(); }};
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

stall_detector::~stall_detector() {
    {
        const std::lock_guard lock{mutex_};
        RW_ASSERT(watched_.empty());
        stopping_ = true;
    }
    stop_.notify_one();
    thread_.join();
}

void stall_detector::watch(shard& target) {
    const std::lock_guard lock{mutex_};
    watched_.push_back(std::make_unique<watched>(target, ::gettid()));
    if (options_.print_stacks) {
        here = {&target.run_queues(), &watched_.back()->stack_wanted};
        unblock_stack_signal();
    }
}

void stall_detector::forget(shard& target) noexcept {
    const std::lock_guard lock{mutex_};
    here = {};
    std::erase_if(watched_, [&](const auto& one) { return &one->target == &target; });
}

void stall_detector::monitor() noexcept {
    ::pthread_setname_np(::pthread_self(), "rw-stalls");
    std::unique_lock lock{mutex_};
    const nanoseconds period = options_.limit / looks_per_limit;
    int quiet = 0;
    while (!stopping_) {
        const bool busy = look_at_all(steady_now());
        // When nobody runs anything, a stall has yet to begin, and an idle process should sleep.
        quiet = busy ? 0 : std::min(quiet + 1, quiet_limits_max);
        stop_.wait_for(lock, busy ? period : options_.limit * quiet);
    }
}

bool stall_detector::look_at_all(nanoseconds now) noexcept {
    bool busy = false;
    for (const auto& one : watched_) {
        const std::uint64_t before = one->activity;
        look_at(*one, now);
        busy = busy || one->activity != before || scheduler::is_running(one->activity);
    }
    return busy;
}

void stall_detector::look_at(watched& one, nanoseconds now) noexcept {
    const std::uint64_t activity = one.target.run_queues().activity();
    if (activity != one.activity || !scheduler::is_running(activity)) {
        one.activity = activity;
        one.since = now;
        one.counted = false;
        if (scheduler::is_running(activity)) {
            one.spent_then = times_of(one.thread);
        }
        return;
    }
    if (now - one.since < options_.limit) {
        return;
    }
    const nanoseconds held = own_time(now - one.since, one.spent_then, times_of(one.thread));
    if (held < options_.limit) {
        return;
    }
    one.target.note_stall(held, !one.counted);
    if (!one.counted) {
        one.counted = true;
        report(one, now);
    }
}

void stall_detector::report(watched& one, nanoseconds now) const noexcept {
    if (one.reported_at != nanoseconds{0} && now - one.reported_at < report_interval) {
        return;
    }
    one.reported_at = now;
    const auto limit_ms = std::chrono::duration_cast<std::chrono::milliseconds>(options_.limit);
    log_line(log_level::warning, "shard " + std::to_string(one.target.id()) +
                                     " stalls: a coroutine holds it for more "
                                     "than " +
                                     std::to_string(limit_ms.count()) + " ms (stall " +
                                     std::to_string(one.target.counters().stalls.get()) + ')');
    if (options_.print_stacks) {
        one.stack_wanted.store(one.activity);
        ::syscall(SYS_tgkill, ::getpid(), one.thread, stack_signal);
    }
}

}  // namespace ringway
