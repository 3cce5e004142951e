// Running a task on another shard and waiting for what it yields.
#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway {

/// Runs `work` on `target` and yields its value here.
///
/// `work` is a callable that returns a task<T>; it is called on the target's thread, so that the
/// task's frame is made, run and freed there. The value is moved over when the task has ended.
/// Lifetime: `work` and what it refers to stay with the awaiter until then. `target` must run until
/// then; a cluster ends only after all its shards have ended.
/// Cancel: a stop of the awaiter is passed on to the task by message; the await goes on until the
/// task has ended. Resumes: on the calling shard.
template <class Work>
class run_on : message, stop_callback {
    using task_type = std::invoke_result_t<Work&>;
    using value_type = typename task_type::value_type;
    using stored_type = std::conditional_t<std::is_void_v<value_type>, std::monostate, value_type>;

public:
    run_on(shard& target, Work work)
        : stop_callback{&run_on::stop_here}, target_{target}, work_{std::move(work)} {}

    bool await_ready() const noexcept { return false; }

    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) noexcept {
        waiting_.hold(self);
        home_ = &shard::current();
        deliver = [](message& mail) noexcept { static_cast<run_on&>(mail).start(); };
        target_.post(*this);
        // From here on the target may be running; `this` stays valid because only a message back to
        // this thread resumes us.
        link(self.promise().stop);
    }

    value_type await_resume() {
        unlink();
        if constexpr (!std::is_void_v<value_type>) {
            return *std::move(value_);
        }
    }

private:
    struct stop_message : message {
        run_on* owner = nullptr;
        bool under_way = false;
    };

    void start() noexcept { target_.root().spawn(run()); }

    task<void> run() {
        if constexpr (std::is_void_v<value_type>) {
            co_await work_().under(stop_);
        } else {
            value_.emplace(co_await work_().under(stop_));
        }
        ended_ = true;
        deliver = [](message& mail) noexcept { static_cast<run_on&>(mail).arrive(); };
        home_->post(*this);
    }

    // Back home. A stop that is still on its way holds a reference to us: wait for it.
    void arrive() noexcept {
        arrived_ = true;
        if (!stop_mail_.under_way) {
            waiting_.wake();
        }
    }

    static void stop_here(stop_callback& self) noexcept {
        auto& me = static_cast<run_on&>(self);
        if (me.arrived_) {
            return;
        }
        me.stop_mail_.owner = &me;
        me.stop_mail_.under_way = true;
        me.stop_mail_.deliver = [](message& mail) noexcept {
            auto& there = *static_cast<stop_message&>(mail).owner;
            if (!there.ended_) {
                there.stop_.request_stop();
            }
            mail.deliver = [](message& back) noexcept {
                auto& here = *static_cast<stop_message&>(back).owner;
                here.stop_mail_.under_way = false;
                if (here.arrived_) {
                    here.waiting_.wake();
                }
            };
            there.home_->post(mail);
        };
        me.target_.post(me.stop_mail_);
    }

    shard& target_;
    shard* home_ = nullptr;
    Work work_;
    std::optional<stored_type> value_;
    stop_source stop_;  // Used on the target's thread only.
    stop_message stop_mail_;
    suspension waiting_;
    bool ended_ = false;    // Target's thread.
    bool arrived_ = false;  // Home thread.
};

}  // namespace ringway
