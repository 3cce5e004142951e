#include <ringway/coro/stop.hpp>

#include <ringway/base/assert.hpp>

namespace ringway {

void stop_callback::link(stop_source* source) noexcept {
    RW_ASSERT(place_ == nullptr);
    if (source == nullptr) {
        return;
    }
    if (source->requested_) {
        told_(*this);
        return;
    }
    next_ = source->first_;
    if (next_ != nullptr) {
        next_->place_ = &next_;
    }
    place_ = &source->first_;
    source->first_ = this;
}

void stop_callback::unlink() noexcept {
    if (place_ == nullptr) {
        return;
    }
    *place_ = next_;
    if (next_ != nullptr) {
        next_->place_ = place_;
    }
    next_ = nullptr;
    place_ = nullptr;
}

void stop_source::request_stop() noexcept {
    if (requested_) {
        return;
    }
    requested_ = true;
    while (first_ != nullptr) {  // Unlink before telling: a callback may end its own life.
        stop_callback* const callback = first_;
        callback->unlink();
        callback->told_(*callback);
    }
}

}  // namespace ringway
