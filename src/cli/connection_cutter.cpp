#include "cli/connection_cutter.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway::cli {
namespace {

constexpr std::size_t asked_max = 1024;

}  // namespace

connection_cutter::seat::seat(connection_cutter& of, std::function<unsigned(const is_meant&)> work)
    : of_{of}, here_{shard::current()}, work_{std::move(work)} {
    mail_.owner = this;
    mail_.deliver = [](message& self) noexcept { static_cast<mail&>(self).owner->work_off(); };
    const std::scoped_lock held{of_.one_};
    of_.seats_.push_back(this);
}

connection_cutter::seat::~seat() { RW_ASSERT(has_left_); }

task<void> connection_cutter::seat::leave() {
    {
        const std::scoped_lock held{of_.one_};
        std::erase(of_.seats_, this);
    }
    for (;;) {  // What is on its way arrives with the next turn.
        {
            const std::scoped_lock held{of_.one_};
            if (!posted_) {
                has_left_ = true;
                co_return;
            }
        }
        co_await yield{};
    }
}

void connection_cutter::seat::work_off() noexcept {
    std::vector<std::shared_ptr<const is_meant>> asked;
    {
        const std::scoped_lock held{of_.one_};
        asked.swap(asked_);
        posted_ = false;
    }
    for (const auto& each : asked) {
        of_.count_ += work_(*each);
    }
}

void connection_cutter::cut_off(is_meant who) {
    const auto shared = std::make_shared<const is_meant>(std::move(who));
    const std::scoped_lock held{one_};
    for (seat* const each : seats_) {
        if (each->asked_.size() < asked_max) {
            each->asked_.push_back(shared);
        }
        if (!std::exchange(each->posted_, true)) {
            each->here_.post(each->mail_);
        }
    }
}

}  // namespace ringway::cli
