// channel<T>: a bounded line of values between coroutines of one shard.
#pragma once

#include <coroutine>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/wait_queue.hpp>

namespace ringway {

/// Values come out in the order in which they went in; senders and receivers that wait are served
/// in order of arrival and never overtaken. Room for the values is made once, at construction.
/// Used on one shard only; nobody may wait when it dies, values that are left die with it.
template <class T>
class channel {
    static_assert(std::is_nothrow_move_constructible_v<T>);

public:
    /// `capacity` values, at least 1, can be under way before a sender has to wait.
    explicit channel(std::size_t capacity)
        : slots_{std::make_unique<std::optional<T>[]>(capacity)}, capacity_{capacity} {
        RW_ASSERT(capacity > 0);
    }
    channel(const channel&) = delete;
    channel& operator=(const channel&) = delete;

    class send_awaiter;
    class receive_awaiter;

    /// Sends `value`, waiting for room if need be. Yields result<void>.
    /// Fails with `closed` or `canceled`; then `value` was not sent and is destroyed.
    /// Lifetime: the channel lives until the wait has ended.
    /// Cancel: ends the wait, unless there was room first. Resumes: in its turn, on this shard.
    [[nodiscard]] send_awaiter send(T value) noexcept { return {*this, std::move(value)}; }

    /// Takes the next value, waiting for one if need be. Yields result<T>.
    /// Fails with `closed` when the channel is closed and drained, or `canceled`.
    /// Lifetime: the channel lives until the wait has ended.
    /// Cancel: ends the wait, unless a value came first: then that is yielded, and none is lost.
    /// Resumes: in its turn, on this shard.
    [[nodiscard]] receive_awaiter receive() noexcept { return receive_awaiter{*this}; }

    /// Sends `value` if that can be done at once. Fails with `closed` or `would_block`, and then
    /// leaves `value` as it is.
    [[nodiscard]] result<void> try_send(T&& value) noexcept {
        if (closed_) {
            return fail(errc::closed);
        }
        if (!receivers_.empty()) {  // So the slots are empty: hand the value over.
            static_cast<receive_awaiter&>(receivers_.front()).take(std::move(value));
            return {};
        }
        if (size_ == capacity_) {
            return fail(errc::would_block);
        }
        append(std::move(value));
        return {};
    }

    /// Takes the next value if there is one. Fails with `would_block`, or with `closed` when the
    /// channel is closed and drained.
    [[nodiscard]] result<T> try_receive() noexcept {
        if (size_ == 0) {
            return fail(closed_ ? errc::closed : errc::would_block);
        }
        std::optional<T>& slot = slots_[first_];
        result<T> value{std::in_place, std::move(*slot)};
        slot.reset();
        first_ = first_ + 1 == capacity_ ? 0 : first_ + 1;
        --size_;
        if (!senders_.empty()) {
            auto& sender = static_cast<send_awaiter&>(senders_.front());
            append(std::move(sender.value_));
            sender.finish({});
        }
        return value;
    }

    /// Nothing can be sent any more; what is under way can still be received. Whoever waits to send
    /// or to receive gets `closed`. May be called again.
    void close() noexcept {
        closed_ = true;
        senders_.finish_all(fail(errc::closed));
        receivers_.finish_all(fail(errc::closed));
    }

    [[nodiscard]] bool closed() const noexcept { return closed_; }
    /// Values under way: sent, not received.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    void append(T&& value) noexcept {
        RW_ASSERT(size_ < capacity_);
        const std::size_t to_end = capacity_ - first_;
        slots_[size_ < to_end ? first_ + size_ : size_ - to_end].emplace(std::move(value));
        ++size_;
    }

    std::unique_ptr<std::optional<T>[]> slots_;
    std::size_t capacity_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
    bool closed_ = false;
    detail::wait_queue senders_;    // Empty unless every slot is full.
    detail::wait_queue receivers_;  // Empty unless every slot is empty.
};

template <class T>
class [[nodiscard]] channel<T>::send_awaiter : detail::waiter {
public:
    send_awaiter(channel& owner, T&& value) noexcept : owner_{owner}, value_{std::move(value)} {}

    bool await_ready() noexcept {
        outcome_ = owner_.try_send(std::move(value_));
        return outcome_ || outcome_.error().code == errc::closed;
    }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        return line_up(owner_.senders_, self);
    }
    [[nodiscard]] result<void> await_resume() const noexcept { return outcome_; }

private:
    friend class channel;

    channel& owner_;
    T value_;
};

template <class T>
class [[nodiscard]] channel<T>::receive_awaiter : detail::waiter {
public:
    explicit receive_awaiter(channel& owner) noexcept : owner_{owner} {}

    bool await_ready() noexcept {
        auto taken = owner_.try_receive();
        if (taken) {
            value_.emplace(*std::move(taken));
            return true;
        }
        outcome_ = std::unexpected{taken.error()};
        return taken.error().code == errc::closed;
    }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        return line_up(owner_.receivers_, self);
    }
    [[nodiscard]] result<T> await_resume() noexcept {
        if (!outcome_) {
            return std::unexpected{outcome_.error()};
        }
        return *std::move(value_);
    }

private:
    friend class channel;

    void take(T&& value) noexcept {
        value_.emplace(std::move(value));
        finish({});
    }

    channel& owner_;
    std::optional<T> value_;
};

}  // namespace ringway
