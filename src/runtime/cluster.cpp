#include <ringway/runtime/cluster.hpp>

#include <coroutine>
#include <expected>
#include <sched.h>
#include <signal.h>
#include <thread>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/runtime/mailbox.hpp>

namespace ringway {
namespace {

// The n-th core that this process may use.
void pin_to_core(unsigned n) noexcept {
    cpu_set_t usable;
    if (::sched_getaffinity(0, sizeof(usable), &usable) != 0) {
        return;
    }
    const auto count = static_cast<unsigned>(CPU_COUNT(&usable));
    unsigned wanted = count == 0 ? 0 : n % count;
    for (unsigned core = 0; core < CPU_SETSIZE; ++core) {
        if (!CPU_ISSET(core, &usable) || wanted-- > 0) {
            continue;
        }
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(core, &one);
        ::sched_setaffinity(0, sizeof(one), &one);
        return;
    }
}

void block_signals() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

// What one shard needs while the cluster runs. The gate keeps a shard that has nothing left to do
// alive for messages of the others.
struct cluster::member : shard::work_listener {
    struct stop_mail : message {
        shard* target = nullptr;
        std::atomic<bool> sent{false};
    };
    struct gate_mail : message {
        member* owner = nullptr;
    };

    cluster* owner = nullptr;
    stop_mail stop;
    gate_mail gate;
    suspension waiting;
    bool open = false;
    result<void> outcome;
};

namespace {

// Ends when `done` has been set by a message.
struct gate_awaiter {
    bool& open;
    suspension& waiting;
    bool await_ready() const noexcept { return open; }
    void await_suspend(std::coroutine_handle<> self) noexcept { waiting.hold(self); }
    void await_resume() const noexcept {}
};

}  // namespace

unsigned cluster::usable_cores() noexcept {
    cpu_set_t usable;
    if (::sched_getaffinity(0, sizeof(usable), &usable) != 0) {
        return 1;
    }
    const int count = CPU_COUNT(&usable);
    return count > 0 ? static_cast<unsigned>(count) : 1;
}

cluster::~cluster() = default;

result<std::unique_ptr<cluster>> cluster::make(const cluster_options& options) {
    RW_ASSERT(options.shards > 0);
    auto chosen = choose_driver(options.driver);
    if (!chosen) {
        return std::unexpected{chosen.error()};
    }
    std::unique_ptr<cluster> made{new cluster};
    made->choice_ = *std::move(chosen);
    made->pin_ = options.pin;
    made->stall_settings_ = options.stalls;
    for (unsigned id = 0; id < options.shards; ++id) {
        auto io = make_driver(made->choice_.kind, options.driver_settings);
        if (!io) {
            return std::unexpected{io.error()};
        }
        made->shards_.push_back(std::make_unique<shard>(id, *std::move(io)));
        auto& own = *made->members_.emplace_back(std::make_unique<member>());
        own.owner = made.get();
        own.changed = [](shard::work_listener& self, bool busy) noexcept {
            static_cast<member&>(self).owner->work_changed(busy);
        };
    }
    return made;
}

void cluster::request_stop() noexcept {
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        auto& mail = members_[i]->stop;
        if (mail.sent.exchange(true)) {
            continue;
        }
        mail.target = shards_[i].get();
        mail.deliver = [](message& self) noexcept {
            static_cast<member::stop_mail&>(self).target->root().request_stop();
        };
        shards_[i]->post(mail);
    }
}

// Tells every shard that nobody has anything left to do.
void cluster::open_gates() noexcept {
    if (gates_open_.exchange(true)) {
        return;
    }
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        auto& gate = members_[i]->gate;
        gate.owner = members_[i].get();
        gate.deliver = [](message& self) noexcept {
            auto& owner = *static_cast<member::gate_mail&>(self).owner;
            owner.open = true;
            if (owner.waiting.holds()) {
                owner.waiting.wake();
            }
        };
        shards_[i]->post(gate);
    }
}

// A shard that has work gets more only from another that has, which waits for the answer: once none
// has, none will have again.
void cluster::work_changed(bool busy) noexcept {
    if (busy) {
        busy_shards_.fetch_add(1);
    } else if (busy_shards_.fetch_sub(1) == 1) {
        open_gates();
    }
}

task<void> cluster::serve(shard& self, member& own, const main_function& main) {
    {
        task<void> user = main(self);
        co_await std::move(user);
    }
    self.wait_for_others(own);
    co_await gate_awaiter{own.open, own.waiting};
}

void cluster::run_member(unsigned id, const main_function& main, stall_detector& stalls) noexcept {
    if (pin_) {
        pin_to_core(id);
    }
    member& own = *members_[id];
    stalls.watch(*shards_[id]);
    own.outcome = shards_[id]->run(serve(*shards_[id], own, main));
    stalls.forget(*shards_[id]);
    if (!own.outcome) {  // Its main never ran: the others must not wait for it.
        request_stop();
        work_changed(false);
    }
}

result<void> cluster::run(const main_function& main) {
    if (std::exchange(has_run_, true)) {
        return fail(errc::invalid_argument);
    }
    busy_shards_.store(shards_.size());
    stall_detector stalls{stall_settings_};
    cpu_set_t cores;
    const bool knows_cores = ::sched_getaffinity(0, sizeof(cores), &cores) == 0;
    sigset_t before;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
    block_signals();  // Inherited by the threads; signals are read where somebody waits for them.
    std::vector<std::thread> threads;
    for (unsigned id = 1; id < shards_.size(); ++id) {
        threads.emplace_back([this, id, &main, &stalls] { run_member(id, main, stalls); });
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    run_member(0, main, stalls);
    if (pin_ && knows_cores) {
        ::sched_setaffinity(0, sizeof(cores), &cores);
    }
    for (auto& thread : threads) {
        thread.join();
    }
    for (const auto& own : members_) {
        if (!own->outcome) {
            return own->outcome;
        }
    }
    return {};
}

}  // namespace ringway
