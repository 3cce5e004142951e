// task<T>: a lazy coroutine that is awaited once, on the shard that started it.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/frame_pool.hpp>
#include <ringway/coro/stop.hpp>

namespace ringway {

template <class T = void>
class task;

namespace detail {

/// What every coroutine of this library carries: who waits for it, and which stop it obeys.
struct promise_base {
    std::coroutine_handle<> continuation;  // Null until it is awaited.
    stop_source* stop = nullptr;           // Null: never stopped.

    static void* operator new(std::size_t size) { return allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }

    std::suspend_always initial_suspend() const noexcept { return {}; }

    struct final_awaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
            return self.promise().continuation;
        }
        void await_resume() const noexcept {}
    };
    final_awaiter final_suspend() const noexcept { return {}; }

    /// This library never throws; an exception that escapes a coroutine is a bug of its author.
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <class T>
struct task_promise : promise_base {
    std::optional<T> value;

    task<T> get_return_object() noexcept;
    template <class U = T>
    void return_value(U&& result) {
        value.emplace(std::forward<U>(result));
    }
    T take() { return *std::move(value); }
    bool ended() const noexcept { return value.has_value(); }
};

template <>
struct task_promise<void> : promise_base {
    task<void> get_return_object() noexcept;
    void return_void() const noexcept {}
    void take() const noexcept {}
    bool ended() noexcept {
        return std::coroutine_handle<task_promise>::from_promise(*this).done();
    }
};

}  // namespace detail

/// A lazy coroutine that yields one T.
///
/// It runs when it is awaited, at once and on the same shard, and resumes its awaiter when it is
/// done (symmetric transfer: chains of any length need no stack). The awaiter's stop source becomes
/// its own, so cancellation reaches every operation below without being passed along.
/// Lifetime: the frame belongs to the task object until it is awaited, and is gone when that yields
/// its value; what is passed by reference must outlive it.
/// A task that was never awaited may be destroyed. Destroying a coroutine that awaits one, before
/// that has ended, is a bug (an operation may be in flight).
template <class T>
class [[nodiscard]] task {
public:
    using promise_type = detail::task_promise<T>;
    using value_type = T;

    task(task&& other) noexcept : coroutine_{std::exchange(other.coroutine_, {})} {}
    task& operator=(task&& other) noexcept {
        std::swap(coroutine_, other.coroutine_);
        return *this;
    }
    ~task() { destroy(coroutine_); }

    /// Runs the task and yields its value. Resumes: on the same shard.
    auto operator co_await() && noexcept { return awaiter{std::exchange(coroutine_, {}), nullptr}; }

    /// Like awaiting, but the task obeys `stop` instead of the awaiter's stop source.
    /// Lifetime: `stop` outlives the await.
    [[nodiscard]] auto under(stop_source& stop) && noexcept {
        return awaiter{std::exchange(coroutine_, {}), &stop};
    }

private:
    friend promise_type;
    explicit task(std::coroutine_handle<promise_type> coroutine) noexcept : coroutine_{coroutine} {}

    static void destroy(std::coroutine_handle<promise_type> coroutine) noexcept {
        if (coroutine) {
            RW_ASSERT(!coroutine.promise().continuation || coroutine.promise().ended());
            coroutine.destroy();
        }
    }

    // Owns the frame, and ends it when it yields the value: a parent that ends in the middle of the
    // same expression (or_return) would else destroy it with its own, and so on down the chain.
    class awaiter {
    public:
        awaiter(std::coroutine_handle<promise_type> coroutine, stop_source* stop) noexcept
            : coroutine_{coroutine}, stop_{stop} {}
        awaiter(const awaiter&) = delete;
        awaiter& operator=(const awaiter&) = delete;
        ~awaiter() { destroy(coroutine_); }

        bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> parent) noexcept {
            RW_ASSERT(coroutine_ && !coroutine_.promise().continuation);  // Awaited once.
            coroutine_.promise().continuation = parent;
            coroutine_.promise().stop = stop_ != nullptr ? stop_ : parent.promise().stop;
            return coroutine_;
        }
        T await_resume() {
            const task ended{std::exchange(coroutine_, {})};
            return ended.coroutine_.promise().take();
        }

    private:
        std::coroutine_handle<promise_type> coroutine_;
        stop_source* stop_;
    };

    std::coroutine_handle<promise_type> coroutine_;
};

template <class T>
task<T> detail::task_promise<T>::get_return_object() noexcept {
    return task<T>{std::coroutine_handle<task_promise>::from_promise(*this)};
}
inline task<void> detail::task_promise<void>::get_return_object() noexcept {
    return task<void>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

/// `co_await or_return(r)` yields r's value, or ends this coroutine with r's error.
///
/// Only inside a task<result<U>>. The awaiting task continues before this coroutine's locals are
/// destroyed, so never rely on a local's destructor for ordering.
template <class T>
class or_return {
public:
    explicit or_return(result<T> outcome) : outcome_{std::move(outcome)} {}

    bool await_ready() const noexcept { return outcome_.has_value(); }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
        self.promise().value.emplace(std::unexpected{outcome_.error()});
        return self.promise().continuation;  // The awaiting task destroys our frame.
    }
    T await_resume() {
        if constexpr (!std::is_void_v<T>) {
            return *std::move(outcome_);
        }
    }

private:
    result<T> outcome_;
};
template <class T>
or_return(result<T>) -> or_return<T>;

/// `co_await this_stop()` yields the stop source that the running coroutine obeys, or null.
struct this_stop {
    stop_source* stop = nullptr;
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        stop = self.promise().stop;
        return false;
    }
    stop_source* await_resume() const noexcept { return stop; }
};

}  // namespace ringway
