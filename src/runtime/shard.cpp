#include <ringway/runtime/shard.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>

namespace ringway {
namespace {

// Coroutines resumed between two looks at the driver. Large enough that one system call serves a
// whole batch, small enough that new completions do not wait behind a flood.
constexpr std::size_t resumes_per_turn = 512;

nanoseconds driver_clock() noexcept { return driver::current().now(); }

}  // namespace

thread_local shard* shard::current_ = nullptr;

shard::shard(unsigned id, std::unique_ptr<driver> io)
    : id_{id}, io_{std::move(io)}, scheduler_{&driver_clock} {}

shard::~shard() { RW_ASSERT(current_ != this); }

result<void> shard::run(task<void> main) {
    RW_ASSERT(current_ == nullptr);
    if (const auto attached = io_->attach(); !attached) {
        return attached;
    }
    current_ = this;
    driver::set_current(io_.get());
    scheduler::set_current(&scheduler_);
    now_ = io_->now();
    timers_.advance(now_);
    root_.spawn(std::move(main));
    loop();
    io_->turn(nanoseconds{0});  // Wake-ups for other shards may still wait to be handed over.
    RW_ASSERT(io_->counters().in_flight() == 0);
    scheduler::set_current(nullptr);
    driver::set_current(nullptr);
    current_ = nullptr;
    return {};
}

void shard::loop() noexcept {
    for (;;) {
        const nanoseconds begin = now_;
        counters_.turns.add();
        // Before whoever sent it can hear that it was done, and run out of work himself: what comes
        // between the look and the delivery is for the next turn.
        if (busy_ || !mailbox_.empty()) {
            if (!busy_) {
                tell_busy(true);
            }
            counters_.messages.add(mailbox_.deliver_all());
        }
        timers_.advance(now_);
        exact_timers_.advance(now_);
        __atomic_store_n(&counters_.ready.value, scheduler_.ready(), __ATOMIC_RELAXED);
        counters_.resumed.add(scheduler_.run_some(resumes_per_turn));
        counters_.busy_ns.add(static_cast<std::uint64_t>((io_->now() - begin).count()));
        if (busy_ && listener_ != nullptr && root_.size() <= 1) {
            tell_busy(false);
        }
        // After the last coroutine a cancelled operation may still be on its way back.
        if (root_.size() == 0 && io_->counters().in_flight() == 0) {
            return;
        }
        wait_or_poll();
        now_ = io_->now();
    }
}

void shard::tell_busy(bool busy) noexcept {
    busy_ = busy;
    listener_->changed(*listener_, busy);
}

void shard::wait_or_poll() noexcept {
    nanoseconds deadline{0};
    if (scheduler_.ready() == 0) {
        deadline = std::min(timers_.next_deadline().value_or(nanoseconds::max()),
                            exact_timers_.next_deadline().value_or(nanoseconds::max()));
        // Order matters: say "asleep", then look into the mailbox. A sender does it the other way
        // round, so that one of the two always sees the other (both sequentially consistent).
        asleep_.store(true, std::memory_order_seq_cst);
        if (!mailbox_.empty()) {
            deadline = nanoseconds{0};
        }
    }
    io_->turn(deadline);
    asleep_.store(false, std::memory_order_relaxed);
}

void shard::note_stall(nanoseconds held, bool is_new) noexcept {
    const auto held_ns = static_cast<std::uint64_t>(held.count());
    if (is_new) {
        counters_.stalls.add();
    }
    if (held_ns > counters_.stall_max_ns.get()) {
        counters_.stall_max_ns.add(held_ns - counters_.stall_max_ns.get());
    }
}

worker_pool& shard::workers() {
    if (workers_ == nullptr) {
        workers_ = std::make_unique<worker_pool>(worker_threads_max);
    }
    return *workers_;
}

void shard::post(message& mail) noexcept {
    mailbox_.push(mail);
    if (asleep_.load(std::memory_order_seq_cst)) {
        shard* const from = current_;
        io_->wake(from != nullptr ? from->io_.get() : nullptr);
    }
}

}  // namespace ringway
