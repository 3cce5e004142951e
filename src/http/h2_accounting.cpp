// Deadlines of an HTTP/2 connection, and the end of those who cost more than they use.
#include <chrono>

#include <ringway/runtime/shard.hpp>

#include "http/h2_connection.hpp"

namespace ringway::http::detail {
namespace {

// Between the two GOAWAY frames of a drain: a round trip for requests that are on their way.
constexpr std::chrono::milliseconds drain_grace{100};
// A stream may have no window for so many rate windows: a player that is paused is no attack.
constexpr unsigned stalled_looks_max = 2;

}  // namespace

// Looks again after `limit`, or earlier. Zero: there is no limit.
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

// What was received last may have left something unfinished, or begun something.
void h2_connection::watch_input() noexcept {
    const bool whole =
        guard_.frames() > 0 && guard_.scanner().between_frames() && !guard_.scanner().in_block();
    if (whole) {
        unfinished_since_.reset();
    } else if (!unfinished_since_ || unfinished_ != guard_.unfinished()) {
        unfinished_ = guard_.unfinished();
        unfinished_since_ = shard::current().now();
        arm_timer(context_.limits.header_timeout);
    }
    if (open_ > 0) {
        arm_timer(context_.limits.rate_window);
    }
}

void h2_connection::tick() noexcept {
    const nanoseconds now = shard::current().now();
    if (engine_ == nullptr || (ended_ && !peer_ended_)) {  // What is left is the farewell.
        if (now >= since_ + context_.limits.linger) {
            writing_.request_stop();
            hang_up_.request_stop();
        } else {
            arm_timer(context_.limits.linger);
        }
        return;
    }
    if (draining_ && !goaway_final_ && now >= drain_since_ + drain_grace) {
        say_goodbye();
    }
    look_at_input(now);
    if (open_ > 0) {
        look_at_streams(now);
        arm_timer(context_.limits.rate_window);
        arm_timer(context_.limits.header_timeout);
    } else if (context_.limits.idle_timeout != std::chrono::milliseconds{0} &&
               now >= since_ + context_.limits.idle_timeout) {
        context_.metrics.timeouts.add(observe::timeout_kind::idle);
        fail_connection(NGHTTP2_NO_ERROR);
    }
    arm_timer(context_.limits.idle_timeout);
}

// A frame or a header block that does not come to its end.
void h2_connection::look_at_input(nanoseconds now) noexcept {
    const std::chrono::milliseconds limit = context_.limits.header_timeout;
    if (!unfinished_since_ || limit == std::chrono::milliseconds{0}) {
        return;
    }
    if (now >= *unfinished_since_ + limit) {
        context_.metrics.timeouts.add(observe::timeout_kind::header);
        unfinished_since_.reset();
        fail_connection(NGHTTP2_NO_ERROR);
    } else {
        arm_timer(limit);
    }
}

void h2_connection::look_at_streams(nanoseconds now) noexcept {
    const session_limits& limits = context_.limits;
    for (stream_exchange* each = exchanges_; each != nullptr;) {
        stream_exchange& stream = *each;
        each = each->next;
        if (!stream.answer && !stream.answered &&
            limits.header_timeout != std::chrono::milliseconds{0} &&
            now >= stream.facts.started + limits.header_timeout) {
            context_.metrics.timeouts.add(observe::timeout_kind::body);
            begin_answer(stream);  // And the rest of its request is not wanted.
        }
    }
    if (limits.rate_min == 0 || now < rate_since_ + limits.rate_window) {
        return;
    }
    const std::uint64_t wanted =
        limits.rate_min * static_cast<std::uint64_t>(limits.rate_window.count()) / 1000;
    if (is_too_slow(now, wanted)) {
        context_.metrics.timeouts.add(observe::timeout_kind::min_rate);
        dead_ = true;  // Nothing can be said to it either.
        writing_.request_stop();
        stop_.request_stop();
        return;
    }
    rate_since_ = now;
    if (!flushing_) {  // Windows open behind what is on its way.
        end_stalled_streams(wanted);
    }
}

// Whether the flush in flight has not moved enough since the last look, at which it was in flight.
bool h2_connection::is_too_slow(nanoseconds now, std::uint64_t wanted) noexcept {
    const auto acknowledged = bytes_acknowledged(out_.fd());
    const std::uint64_t delivered = acknowledged.value_or(body_sent_);
    const bool stuck = flushing_ && was_flushing_ && flushes_ == flushes_at_look_ &&
                       delivered - delivered_at_look_ < wanted;
    was_flushing_ = flushing_;
    flushes_at_look_ = flushes_;
    delivered_at_look_ = delivered;
    if (acknowledged) {
        return stuck;
    }
    // Only whole flushes are known: a peer that is just fast enough takes this long for one.
    const std::chrono::milliseconds slack{1000 * flush_bytes_ / context_.limits.rate_min};
    return stuck && now >= flush_since_ + slack + context_.limits.rate_window;
}

// Streams whose response waits for a window that the peer does not open, or opens by drops.
void h2_connection::end_stalled_streams(std::uint64_t wanted) noexcept {
    // nghttp2 may serve one stream alone: the others are not to blame while that one moves.
    const bool shut = nghttp2_session_get_remote_window_size(engine_) <= 0 &&
                      body_sent_ - body_sent_at_look_ < wanted;
    body_sent_at_look_ = body_sent_;
    for (stream_exchange* each = exchanges_; each != nullptr; each = each->next) {
        auto& stream = static_cast<h2_stream&>(*each);
        const bool waits =
            stream.answered && !stream.closed && stream.body.left() > 0 && stream.working == 0 &&
            (shut || nghttp2_session_get_stream_remote_window_size(engine_, stream.id) <= 0);
        const bool moved = stream.facts.body_bytes - stream.sent_at_look >= wanted;
        stream.sent_at_look = stream.facts.body_bytes;
        stream.stalled_looks = waits && !moved ? stream.stalled_looks + 1 : 0;
        if (stream.stalled_looks == stalled_looks_max + 1) {  // Once.
            context_.metrics.timeouts.add(observe::timeout_kind::min_rate);
            count_abuse(observe::abuse_kind::h2_stalled);
            reset(stream, NGHTTP2_ENHANCE_YOUR_CALM);
            wake_.set();
        }
    }
}

void h2_connection::drain() noexcept {
    if (engine_ == nullptr || draining_ || ended_) {
        return;
    }
    draining_ = true;
    drain_since_ = shard::current().now();
    static_cast<void>(nghttp2_submit_shutdown_notice(engine_));
    static_cast<void>(nghttp2_submit_ping(engine_, NGHTTP2_FLAG_NONE, nullptr));
    arm_timer(drain_grace);
    wake_.set();
}

void h2_connection::cut_off() noexcept {
    cut_off_ = true;
    dead_ = true;  // Nothing is said to it either.
    writing_.request_stop();
    stop_.request_stop();
    hang_up_.request_stop();
}

// The second GOAWAY: what comes after the requests that we know is not served any more.
void h2_connection::say_goodbye() noexcept {
    goaway_final_ = true;
    static_cast<void>(nghttp2_submit_goaway(engine_, NGHTTP2_FLAG_NONE,
                                            nghttp2_session_get_last_proc_stream_id(engine_),
                                            NGHTTP2_NO_ERROR, nullptr, 0));
    wake_.set();
}

}  // namespace ringway::http::detail
