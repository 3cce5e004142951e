// A shard: one thread with its driver, run queues, timers and mailbox. Nothing of it is shared.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <ringway/coro/scheduler.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/ring/worker_pool.hpp>
#include <ringway/runtime/mailbox.hpp>
#include <ringway/runtime/precise_timers.hpp>
#include <ringway/runtime/timer_wheel.hpp>

namespace ringway {

class cluster;

/// What a shard has done. Each is written by one thread, the shard's own or, for stalls, the one
/// that watches over it, and read by anybody.
struct shard_counters {
    driver_counters::counter turns;
    driver_counters::counter resumed;       ///< Coroutines resumed.
    driver_counters::counter ready;         ///< Run queue depth at the last turn.
    driver_counters::counter busy_ns;       ///< Time outside of waiting.
    driver_counters::counter stalls;        ///< Times a coroutine held the shard too long.
    driver_counters::counter stall_max_ns;  ///< The longest of them.
    driver_counters::counter messages;      ///< Messages received from other threads.
};

/// The event loop of one thread.
///
/// `run` owns the thread until the scope it started is joined. Everything here is for the shard's
/// own thread, except `post`, `id` and `counters`.
class shard {
public:
    /// Threads for `run_blocking`, started when they are first needed.
    static constexpr unsigned worker_threads_max = 2;

    shard(unsigned id, std::unique_ptr<driver> io);
    ~shard();
    shard(const shard&) = delete;
    shard& operator=(const shard&) = delete;

    /// The shard of the calling thread. Only inside `run`.
    [[nodiscard]] static shard& current() noexcept {
        RW_ASSERT(current_ != nullptr);
        return *current_;
    }
    [[nodiscard]] static shard* current_or_null() noexcept { return current_; }

    /// Makes the calling thread this shard's until `main` and all that it spawned have ended.
    /// Fails when the driver can't be attached; then `main` never ran.
    result<void> run(task<void> main);

    [[nodiscard]] unsigned id() const noexcept { return id_; }
    [[nodiscard]] driver& io() noexcept { return *io_; }
    [[nodiscard]] scheduler& run_queues() noexcept { return scheduler_; }
    [[nodiscard]] timer_wheel& timers() noexcept { return timers_; }
    /// For what can't wait for the next tick of `timers`, as packets that leave at a pace.
    [[nodiscard]] precise_timers& exact_timers() noexcept { return exact_timers_; }
    /// The scope of `main`; stopped when the cluster is.
    [[nodiscard]] scope& root() noexcept { return root_; }
    /// Time at the beginning of this turn: for deadlines, not for measuring.
    [[nodiscard]] nanoseconds now() const noexcept { return now_; }

    /// Delivers `mail` on this shard's thread. Any thread, as long as the shard runs: a cluster may
    /// end before it is delivered unless the sender waits for an answer, as `run_on` does.
    void post(message& mail) noexcept;

    /// The threads for calls that block; `run_blocking` is the way to use them.
    [[nodiscard]] worker_pool& workers();

    [[nodiscard]] const shard_counters& counters() const noexcept { return counters_; }

    /// Hears on the shard's thread when it runs out of work, and when it has some again.
    struct work_listener {
        void (*changed)(work_listener& self, bool busy) noexcept = nullptr;
    };

    /// For the cluster, from the main coroutine, which only waits for other shards from now on:
    /// `listener` hears when there is nothing beside it in the root scope. Lifetime: until the
    /// shard's end.
    void wait_for_others(work_listener& listener) noexcept { listener_ = &listener; }

    /// Counts a stall of `held` so far; `is_new`: the first time that it is noted. For the
    /// `stall_detector`, from its thread.
    void note_stall(nanoseconds held, bool is_new) noexcept;

private:
    void loop() noexcept;
    void tell_busy(bool busy) noexcept;
    void wait_or_poll() noexcept;

    static thread_local shard* current_;

    unsigned id_;
    std::unique_ptr<driver> io_;
    scheduler scheduler_;
    timer_wheel timers_;
    precise_timers exact_timers_;
    scope root_;
    mailbox mailbox_;
    std::atomic<bool> asleep_{false};
    nanoseconds now_{0};
    work_listener* listener_ = nullptr;
    bool busy_ = true;  // As it was told last.
    shard_counters counters_;
    std::unique_ptr<worker_pool> workers_;  // Last: its threads post to the members above.
};

}  // namespace ringway
