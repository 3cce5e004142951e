// Calling what blocks without blocking the shard.
#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <ringway/coro/suspension.hpp>
#include <ringway/ring/worker_pool.hpp>
#include <ringway/runtime/mailbox.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway {

/// `co_await run_blocking(call)` calls `call()` on a worker thread of this shard and yields what it
/// returns. For system calls that have no operation of their own and for long computations.
///
/// There are few workers (`shard::worker_threads_max`); calls queue up in order. `call` must not
/// throw, and must not use the shard: it runs beside it. `run_blocking(pool, call)` takes the
/// workers of `pool` instead, which must be gone before the shard's `run` ends.
/// Lifetime: `call` stays with the awaiter; what it refers to must outlive the await.
/// Cancel: a call can't be interrupted, so a stop does not end the wait; the value is yielded all
/// the same. A coroutine that was stopped beforehand makes the call too. Resumes: on this shard.
template <class Call>
class [[nodiscard]] run_blocking : message, work_item {
    using value_type = std::invoke_result_t<Call&>;
    using stored_type = std::conditional_t<std::is_void_v<value_type>, std::monostate, value_type>;

public:
    explicit run_blocking(Call call) : call_{std::move(call)} {}
    run_blocking(worker_pool& where, Call call) : call_{std::move(call)}, where_{&where} {}
    run_blocking(const run_blocking&) = delete;
    run_blocking& operator=(const run_blocking&) = delete;

    bool await_ready() const noexcept { return false; }

    bool await_suspend(std::coroutine_handle<> self) noexcept {
        if (driver::current().is_simulated()) {
            call();  // A thread would live in real time.
            return false;
        }
        waiting_.hold(self);
        home_ = &shard::current();
        run = [](work_item& item) noexcept { static_cast<run_blocking&>(item).call(); };
        finished = [](work_item& item) noexcept {
            auto& me = static_cast<run_blocking&>(item);
            me.home_->post(me);  // `me` may be gone from here on.
        };
        deliver = [](message& mail) noexcept { static_cast<run_blocking&>(mail).waiting_.wake(); };
        (where_ != nullptr ? *where_ : home_->workers()).submit(*this);
        return true;
    }

    value_type await_resume() {
        if constexpr (!std::is_void_v<value_type>) {
            return *std::move(value_);
        }
    }

private:
    void call() noexcept {
        if constexpr (std::is_void_v<value_type>) {
            call_();
        } else {
            value_.emplace(call_());
        }
    }

    Call call_;
    worker_pool* where_ = nullptr;
    shard* home_ = nullptr;
    std::optional<stored_type> value_;
    suspension waiting_;
};

}  // namespace ringway
