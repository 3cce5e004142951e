// Deadlines of an HTTP/2 connection.
#include <chrono>

#include <ringway/runtime/shard.hpp>

#include "http/h2_connection.hpp"

namespace ringway::http::detail {

void h2_connection::arm_timer(std::chrono::milliseconds limit) noexcept {
    if (limit == std::chrono::milliseconds{0}) {
        return;
    }
    const nanoseconds deadline = shard::current().now() + limit;
    if (armed()) {
        if (timer::deadline() <= deadline) {
            return;
        }
        shard::current().timers().cancel(*this);
    }
    shard::current().timers().add(*this, deadline);
}

void h2_connection::tick() noexcept {
    const nanoseconds now = shard::current().now();
    if (engine_ == nullptr) {
        hang_up_.request_stop();
    } else if (draining_) {
        static_cast<void>(nghttp2_submit_goaway(engine_, NGHTTP2_FLAG_NONE,
                                                nghttp2_session_get_last_proc_stream_id(engine_),
                                                NGHTTP2_NO_ERROR, nullptr, 0));
        wake_.set();
    } else if (open_ == 0 && now >= since_ + context_.limits.idle_timeout) {
        context_.metrics.timeouts.add(observe::timeout_kind::idle);
        fail_connection(NGHTTP2_NO_ERROR);
    } else {
        arm_timer(context_.limits.idle_timeout);
    }
}

}  // namespace ringway::http::detail
