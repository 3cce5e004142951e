// semaphore: a number of units that coroutines of one shard take and give back.
#pragma once

#include <coroutine>
#include <cstddef>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/wait_queue.hpp>

namespace ringway {

/// Counted and fair: units go to those who wait in order of arrival, and a newcomer never overtakes
/// them, even where it wants less. Used on one shard only; nobody may wait when it dies.
class semaphore {
public:
    /// Starts with `units` to give away.
    explicit semaphore(std::size_t units) noexcept : units_{units} {}
    semaphore(const semaphore&) = delete;
    semaphore& operator=(const semaphore&) = delete;

    /// Units that nobody holds. May be more than zero while somebody waits for more than that.
    [[nodiscard]] std::size_t available() const noexcept { return units_; }

    class acquire_awaiter;
    class permit_awaiter;
    class permit;

    /// Takes `count` units (at least 1), waiting for them if need be. Yields result<void>. More
    /// units than there will ever be means waiting for a stop.
    /// Fails with `canceled` only, and then has taken nothing.
    /// Lifetime: the semaphore lives until the units are given back.
    /// Cancel: ends the wait, unless the units were granted first. Resumes: in its turn, here.
    [[nodiscard]] acquire_awaiter acquire(std::size_t count = 1) noexcept;

    /// As `acquire`, but yields result<permit>, which gives the units back when it dies.
    [[nodiscard]] permit_awaiter acquire_permit(std::size_t count = 1) noexcept;

    /// Takes `count` units if that can be done at once and nobody waits; says whether it did.
    [[nodiscard]] bool try_acquire(std::size_t count = 1) noexcept {
        RW_ASSERT(count > 0);
        if (!waiting_.empty() || units_ < count) {
            return false;
        }
        units_ -= count;
        return true;
    }

    /// Gives back `count` units, or adds new ones, and wakes those whom that suffices.
    void release(std::size_t count = 1) noexcept {
        RW_ASSERT(units_ + count >= units_);
        units_ += count;
        grant();
    }

private:
    void grant() noexcept;

    std::size_t units_;
    detail::wait_queue waiting_;
};

/// Units of a semaphore that are given back when this dies.
/// Lifetime: the semaphore outlives it.
class semaphore::permit {
public:
    permit() = default;
    /// Adopts `count` units that were acquired.
    explicit permit(semaphore& owner, std::size_t count = 1) noexcept
        : owner_{&owner}, count_{count} {}
    permit(permit&& other) noexcept
        : owner_{std::exchange(other.owner_, nullptr)}, count_{std::exchange(other.count_, 0)} {}
    permit& operator=(permit&& other) noexcept {
        if (this != &other) {
            reset();
            owner_ = std::exchange(other.owner_, nullptr);
            count_ = std::exchange(other.count_, 0);
        }
        return *this;
    }
    ~permit() { reset(); }

    [[nodiscard]] explicit operator bool() const noexcept { return owner_ != nullptr; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// Gives the units back now.
    void reset() noexcept {
        if (owner_ != nullptr) {
            std::exchange(owner_, nullptr)->release(std::exchange(count_, 0));
        }
    }

private:
    semaphore* owner_ = nullptr;
    std::size_t count_ = 0;
};

class [[nodiscard]] semaphore::acquire_awaiter : detail::waiter {
public:
    acquire_awaiter(semaphore& owner, std::size_t count) noexcept
        : waiter{[](stop_callback& self) noexcept {
              static_cast<acquire_awaiter&>(self).give_up();
          }},
          owner_{owner},
          count_{count} {
        RW_ASSERT(count > 0);
    }

    bool await_ready() noexcept { return owner_.try_acquire(count_); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        return line_up(owner_.waiting_, self);
    }
    [[nodiscard]] result<void> await_resume() const noexcept { return outcome_; }

private:
    friend class semaphore;
    friend class permit_awaiter;

    void give_up() noexcept;

    semaphore& owner_;
    std::size_t count_;
};

class [[nodiscard]] semaphore::permit_awaiter {
public:
    permit_awaiter(semaphore& owner, std::size_t count) noexcept : inner_{owner, count} {}

    bool await_ready() noexcept { return inner_.await_ready(); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        return inner_.await_suspend(self);
    }
    [[nodiscard]] result<permit> await_resume() const noexcept {
        const auto acquired = inner_.await_resume();
        if (!acquired) {
            return std::unexpected{acquired.error()};
        }
        return permit{inner_.owner_, inner_.count_};
    }

private:
    acquire_awaiter inner_;
};

inline semaphore::acquire_awaiter semaphore::acquire(std::size_t count) noexcept {
    return {*this, count};
}

inline semaphore::permit_awaiter semaphore::acquire_permit(std::size_t count) noexcept {
    return {*this, count};
}

}  // namespace ringway
