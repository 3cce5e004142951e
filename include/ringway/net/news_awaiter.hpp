// Waiting for what arrives by itself at an object: bytes at a stream, connections at an acceptor.
#pragma once

#include <cerrno>
#include <coroutine>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>

namespace ringway {

/// The awaiter of an `Owner` whose multishot operation goes on while nobody waits. The owner, its
/// only friend, has `has_news()`, `arm()`, `take()`, which yields its type `news`, a pointer
/// `waiting_`, and `users_`: how many await, or have been woken and not resumed.
///
/// Cancel: `canceled`; what has arrived stays for the next one. Resumes: on the owner's shard.
template <class Owner>
class [[nodiscard]] news_awaiter : stop_callback {
public:
    explicit news_awaiter(Owner& owner) noexcept
        : stop_callback{&news_awaiter::stop_requested}, owner_{owner} {}

    bool await_ready() noexcept {
        const bool ready = owner_.has_news();
        owner_.users_ += ready ? 1 : 0;  // Left again below, as by who had to wait.
        return ready;
    }

    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        ++owner_.users_;
        stop_source* const stop = self.promise().stop;
        if (stop != nullptr && stop->stop_requested()) {
            stopped_ = true;
            return false;
        }
        RW_ASSERT(owner_.waiting_ == nullptr);
        waiting_.hold(self);
        owner_.waiting_ = this;
        owner_.arm();
        link(stop);
        return true;
    }

    Owner::news await_resume() noexcept {
        unlink();
        --owner_.users_;
        if (stopped_) {
            return fail_errno(ECANCELED);
        }
        return owner_.take();
    }

private:
    friend Owner;

    static void stop_requested(stop_callback& self) noexcept {
        auto& me = static_cast<news_awaiter&>(self);
        if (!me.stopped_ && me.owner_.waiting_ == &me) {  // Else it is awake already and has news.
            me.stop();
        }
    }
    void stop() noexcept {
        stopped_ = true;
        wake();
    }
    void wake() noexcept {
        owner_.waiting_ = nullptr;
        waiting_.wake();
    }

    Owner& owner_;
    suspension waiting_;
    bool stopped_ = false;
};

}  // namespace ringway
