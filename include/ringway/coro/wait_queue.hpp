// Coroutines that wait in line on one shard: what event, semaphore and channel are made of.
#pragma once

#include <coroutine>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>

namespace ringway::detail {

class waiter;

/// First come, first served. Must be empty when it dies.
class wait_queue {
public:
    wait_queue() = default;
    wait_queue(const wait_queue&) = delete;
    wait_queue& operator=(const wait_queue&) = delete;
    ~wait_queue() { RW_ASSERT(first_ == nullptr); }

    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }

    /// The one that has waited longest. Must not be empty.
    [[nodiscard]] waiter& front() const noexcept {
        RW_ASSERT(first_ != nullptr);
        return *first_;
    }

    /// Ends the wait of everybody with `outcome`.
    void finish_all(const result<void>& outcome) noexcept;

private:
    friend class waiter;

    void append(waiter& last) noexcept;
    void remove(waiter& any) noexcept;

    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
};

/// One coroutine in line. Base of awaiters, so that waiting allocates nothing.
///
/// Its wait ends once: by `finish`, or by a stop, which makes the outcome `canceled`. What comes
/// second does nothing, so an outcome that was given is never taken back.
class waiter : protected stop_callback {
public:
    /// `canceled` is told of a stop while in line and must call `leave`.
    explicit waiter(function canceled =
                        [](stop_callback& self) noexcept {
                            static_cast<waiter&>(self).leave();
                        }) noexcept
        : stop_callback{canceled} {}

    /// A coroutine must not die while it waits.
    ~waiter() { RW_ASSERT(queue_ == nullptr); }

    /// Takes the coroutine out of line and wakes it with `outcome`. Must be in line.
    void finish(const result<void>& outcome) noexcept;

protected:
    /// Gets in line; for await_suspend. False when a stop was requested already: the outcome is
    /// `canceled`, and the coroutine goes on without having waited.
    template <class Promise>
    [[nodiscard]] bool line_up(wait_queue& queue, std::coroutine_handle<Promise> self) noexcept {
        return line_up(queue, self, self.promise().stop);
    }

    void leave() noexcept { finish(fail(errc::canceled)); }

    result<void> outcome_;

private:
    friend class wait_queue;

    bool line_up(wait_queue& queue, std::coroutine_handle<> self, stop_source* stop) noexcept;

    wait_queue* queue_ = nullptr;  // Null: not in line.
    waiter* before_ = nullptr;
    waiter* behind_ = nullptr;
    suspension waiting_;
};

}  // namespace ringway::detail
