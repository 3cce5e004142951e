// Deadlines of an HTTP/3 connection, and the end of those who cost more than they use.
#include <algorithm>
#include <chrono>

#include <ringway/runtime/shard.hpp>

#include "http/h3_connection.hpp"

namespace ringway::http::detail {
namespace {

// Between the two GOAWAY frames of a drain, for requests that are on their way (RFC 9114 section
// 5.2): at least so long, and two round trips.
constexpr std::chrono::milliseconds drain_grace{100};
constexpr std::chrono::seconds drain_grace_max{3};
// A stream may have no window for so many rate windows: a player that is paused is no attack.
constexpr unsigned stalled_looks_max = 2;

}  // namespace

// Looks again after `limit`, or earlier. Zero: there is no limit.
void h3_connection::arm_timer(std::chrono::nanoseconds limit) noexcept {
    if (limit == std::chrono::nanoseconds{0} || dead_) {
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

nanoseconds h3_connection::grace() const noexcept {
    return std::clamp<nanoseconds>(2 * below_.facts().smoothed_rtt, drain_grace, drain_grace_max);
}

// How long the last GOAWAY may wait for its acknowledgement: it may have to be sent again.
nanoseconds h3_connection::goodbye_patience() const noexcept { return 5 * grace(); }

void h3_connection::tick() noexcept {
    if (!usable()) {
        return;
    }
    const session_limits& limits = context_.limits;
    const nanoseconds now = shard::current().now();
    if (draining_ && !goaway_final_) {
        if (now >= drain_since_ + grace()) {
            say_goodbye();
        } else {
            arm_timer(drain_since_ + grace() - now);
        }
    } else if (goaway_final_ && !is_serving()) {
        if (now >= goodbye_since_ + goodbye_patience()) {  // Whoever is gone confirms nothing.
            fail(NGHTTP3_H3_NO_ERROR, "");
            return;
        }
        arm_timer(goodbye_since_ + goodbye_patience() - now);
    }
    look_at_heads(now);
    if (open_ > 0) {
        look_at_streams(now);
        look_at_rate(now);
        arm_timer(limits.rate_window);
        arm_timer(limits.header_timeout);
    }
    if (limits.idle_timeout != std::chrono::milliseconds{0} && usable()) {
        look_whether_idle(now);
    }
}

// Whether a request is being received or answered.
bool h3_connection::has_business() const noexcept {
    for (const h3_stream* each = heads_; each != nullptr; each = each->head_next) {
        if (!each->in_reset) {
            return true;
        }
    }
    return is_serving();
}

// Whether a request is being answered. A stream that we are through with is no such thing, though
// it stays until the peer ends its direction: it may never do that.
bool h3_connection::is_serving() const noexcept {
    for (const stream_exchange* each = exchanges_; each != nullptr; each = each->next) {
        const auto& stream = static_cast<const h3_stream&>(*each);
        const bool is_sent = stream.finished && stream.acknowledged == stream.given;
        if (!stream.in_reset && !is_sent) {
            return true;
        }
    }
    return false;
}

// Silence is QUIC's business; this ends those who only keep the connection open.
void h3_connection::look_whether_idle(nanoseconds now) noexcept {
    if (has_business()) {
        idle_since_ = now;
    }
    const nanoseconds end = idle_since_ + context_.limits.idle_timeout;
    if (now < end) {
        arm_timer(end - now);
    } else {
        context_.metrics.timeouts.add(observe::timeout_kind::idle);
        fail(NGHTTP3_H3_NO_ERROR, "idle");
    }
}

// Requests whose header section does not come to its end.
void h3_connection::look_at_heads(nanoseconds now) noexcept {
    const std::chrono::milliseconds limit = context_.limits.header_timeout;
    if (limit == std::chrono::milliseconds{0} || heads_ == nullptr) {
        return;
    }
    for (h3_stream* each = heads_; each != nullptr; each = each->head_next) {
        if (!each->in_reset && now >= each->begun + limit) {
            context_.metrics.timeouts.add(observe::timeout_kind::header);
            give_up(*each, NGHTTP3_H3_REQUEST_INCOMPLETE);
        }
    }
    arm_timer(limit);
}

void h3_connection::look_at_streams(nanoseconds now) noexcept {
    const session_limits& limits = context_.limits;
    for (stream_exchange* each = exchanges_; each != nullptr; each = each->next) {
        auto& stream = static_cast<h3_stream&>(*each);
        if (!stream.answer && !stream.answered && !stream.in_reset && !stream.on_hold &&
            limits.header_timeout != std::chrono::milliseconds{0} &&
            now >= stream.facts.started + limits.header_timeout) {
            context_.metrics.timeouts.add(observe::timeout_kind::body);
            begin_answer(stream);  // And the rest of its request is not wanted.
            wake();
        }
    }
}

// Peers that take less than they must, as a whole or on streams whose windows they keep shut.
void h3_connection::look_at_rate(nanoseconds now) noexcept {
    const session_limits& limits = context_.limits;
    if (limits.rate_min == 0 || now < rate_since_ + limits.rate_window || !usable()) {
        return;
    }
    const std::uint64_t wanted =
        limits.rate_min * static_cast<std::uint64_t>(limits.rate_window.count()) / 1000;
    const bool slow = acknowledged_ - acknowledged_at_look_ < wanted;
    const bool sending = outstanding_ > 0;
    const bool shut = sending && slow;
    bool moves = false;
    for (stream_exchange* each = exchanges_; each != nullptr; each = each->next) {
        auto& stream = static_cast<h3_stream&>(*each);
        const bool moved = stream.acknowledged - stream.sent_at_look >= wanted;
        const bool waits = stream.answered && !stream.in_reset && stream.working == 0 &&
                           (stream.body.left() > 0 || stream.unsent > 0) &&
                           (stream.blocked || shut);
        moves = moves || (stream.answered && !stream.in_reset && !waits);
        stream.sent_at_look = stream.acknowledged;
        stream.stalled_looks = waits && !moved ? stream.stalled_looks + 1 : 0;
        if (stream.stalled_looks > stalled_looks_max) {
            context_.metrics.timeouts.add(observe::timeout_kind::min_rate);
            count_abuse(observe::abuse_kind::h3_stalled, is_proven());
            give_up(stream, NGHTTP3_H3_EXCESSIVE_LOAD);
            wake();
        }
    }
    // Without shut windows it is the path, or acknowledgements that come by drops.
    if (shut && was_sending_ && moves && usable()) {
        context_.metrics.timeouts.add(observe::timeout_kind::min_rate);
        fail(NGHTTP3_H3_EXCESSIVE_LOAD, "too slow");
    }
    was_sending_ = sending;
    acknowledged_at_look_ = acknowledged_;
    rate_since_ = now;
}

}  // namespace ringway::http::detail
