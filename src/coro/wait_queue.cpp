#include <ringway/coro/wait_queue.hpp>

#include <coroutine>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/stop.hpp>

namespace ringway::detail {

void wait_queue::finish_all(const result<void>& outcome) noexcept {
    while (first_ != nullptr) {
        first_->finish(outcome);
    }
}

void wait_queue::append(waiter& last) noexcept {
    last.before_ = last_;
    last.behind_ = nullptr;
    (last_ == nullptr ? first_ : last_->behind_) = &last;
    last_ = &last;
}

void wait_queue::remove(waiter& any) noexcept {
    (any.before_ == nullptr ? first_ : any.before_->behind_) = any.behind_;
    (any.behind_ == nullptr ? last_ : any.behind_->before_) = any.before_;
}

void waiter::finish(const result<void>& outcome) noexcept {
    RW_ASSERT(queue_ != nullptr);
    queue_->remove(*this);
    queue_ = nullptr;
    unlink();
    outcome_ = outcome;
    waiting_.wake();
}

bool waiter::line_up(wait_queue& queue, std::coroutine_handle<> self, stop_source* stop) noexcept {
    RW_ASSERT(queue_ == nullptr);
    if (stop != nullptr && stop->stop_requested()) {
        outcome_ = fail(errc::canceled);
        return false;
    }
    waiting_.hold(self);
    queue_ = &queue;
    queue.append(*this);
    link(stop);
    return true;
}

}  // namespace ringway::detail
