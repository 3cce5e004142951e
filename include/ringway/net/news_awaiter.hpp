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
/// only friend, has `has_news()`, `arm()`, `take()`, which yields its type `news`, and a pointer
/// `waiting_`.
///
/// Cancel: `canceled`; what has arrived stays for the next one. Resumes: on the owner's shard.
template <class Owner>
class [[nodiscard]] news_awaiter : stop_callback {
public:
    explicit news_awaiter(Owner& owner) noexcept
        : stop_callback{&news_awaiter::stop_requested}, owner_{owner} {}

    bool await_ready() const noexcept { return owner_.has_news(); }

    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
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
        if (stopped_) {
            return fail_errno(ECANCELED);
        }
        return owner_.take();
    }

private:
    friend Owner;

    static void stop_requested(stop_callback& self) noexcept {
        auto& me = static_cast<news_awaiter&>(self);
        if (me.owner_.waiting_ == &me) {  // Else it is awake already and has news.
            me.stop();
        }
    }
    // From then on the owner is not touched.
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
