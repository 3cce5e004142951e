// Deadlines, counters and the access log of an HTTP/1 connection.
#include <chrono>

#include <ringway/http/h1_session.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway::http {
void h1_session::await_request() noexcept {
    const nanoseconds now = shard::current().now();
    if (!input_.view().empty()) {
        if (phase_ != phase::reading_head) {
            set_phase(phase::reading_head);
            since_ = now;
        }
        arm_timer(context_.limits.header_timeout);
        input_.release_buffer();  // The rest may take its time; the shard's buffers are few.
    } else if (phase_ == phase::responding || phase_ == phase::discarding) {
        set_phase(phase::idle);
        since_ = now;
        arm_timer(limit_of_phase());
        note_.shrink();
    }
}

void h1_session::begin_response() noexcept {
    started_ = shard::current().now();
    ++requests_;
    context_.metrics.request_started();
    set_phase(phase::responding);
    progress_ = {};
    sending_ = false;
    arm_timer(context_.limits.rate_window);
}

// From here on the peer has to take what it is sent; how long the answer took to make is not its
// fault.
void h1_session::begin_sending() noexcept {
    sending_ = true;
    rate_known_ = false;
}

void h1_session::set_phase(phase next) noexcept {
    phase_ = next;
    set_active(next == phase::responding || next == phase::discarding);
}

observe::transfer_way h1_session::way_taken(const response_facts& facts) const noexcept {
    if (progress_.used_sendfile) {
        return observe::transfer_way::sendfile;
    }
    if (progress_.used_splice) {
        return observe::transfer_way::splice;
    }
    if (progress_.used_zero_copy) {
        return observe::transfer_way::zero_copy;
    }
    return facts.from_file ? observe::transfer_way::copy : observe::transfer_way::memory;
}

void h1_session::end_response(const response_facts& facts) noexcept {
    count_response({.protocol = protocol_,
                    .method = method_,
                    .status = facts.status,
                    .body_bytes = facts.body_bytes,
                    .coding = facts.coding,
                    .cache = facts.cache,
                    .way = way_taken(facts),
                    .started = started_},
                   note_);
}

// Looks again when `limit` has passed since `since_`, or earlier. Zero: there is no limit.
void h1_session::arm_timer(std::chrono::milliseconds limit) noexcept {
    if (limit != std::chrono::milliseconds{0}) {
        look_at_latest((phase_ == phase::responding ? shard::current().now() : since_) + limit);
    }
}

// A timer that is armed for an earlier time stays: most deadlines are moved into the future long
// before they come, and that must cost nothing.
void h1_session::look_at_latest(nanoseconds deadline) noexcept {
    if (armed()) {
        if (timer::deadline() <= deadline) {
            return;
        }
        shard::current().timers().cancel(*this);
    }
    shard::current().timers().add(*this, deadline);
}

std::chrono::milliseconds h1_session::limit_of_phase() const noexcept {
    switch (phase_) {
        case phase::idle: return must_close_ ? drain_grace : context_.limits.idle_timeout;
        case phase::reading_head:
        case phase::discarding: return context_.limits.header_timeout;
        case phase::responding: return context_.limits.rate_window;
        case phase::lingering: return context_.limits.linger;
    }
    return {};
}

void h1_session::tick() noexcept {
    const nanoseconds now = shard::current().now();
    const std::chrono::milliseconds limit = limit_of_phase();
    if (phase_ == phase::responding) {
        if (sending_ && !moves_fast_enough(now)) {
            expire(observe::timeout_kind::min_rate);
            return;
        }
    } else if (limit != std::chrono::milliseconds{0} && now >= since_ + limit) {
        switch (phase_) {
            case phase::idle: expire(observe::timeout_kind::idle); return;
            case phase::discarding: expire(observe::timeout_kind::body); return;
            case phase::lingering: hang_up_.request_stop(); return;
            default: expire(observe::timeout_kind::header); return;
        }
    }
    arm_timer(limit);
}

void h1_session::expire(observe::timeout_kind why) noexcept {
    if (!must_close_ || why != observe::timeout_kind::idle) {  // Drained, not too slow.
        context_.metrics.timeouts.add(why);
    }
    header_timed_out_ = why == observe::timeout_kind::header && !input_.view().empty();
    stop_.request_stop();
}

// Looks at the rate since the last look; the first one of a response only notes where it stands.
bool h1_session::moves_fast_enough(nanoseconds now) noexcept {
    using std::chrono::milliseconds;
    const auto acknowledged = bytes_acknowledged(connection_.fd());
    const std::uint64_t delivered = acknowledged.value_or(progress_.bytes);
    milliseconds slack{0};
    if (!acknowledged && context_.limits.rate_min > 0) {
        // Only whole sends are known: a peer that is just fast enough takes this long for it.
        slack = milliseconds{1000 * progress_.in_hand / context_.limits.rate_min};
    }
    const auto window = std::chrono::duration_cast<milliseconds>(now - since_) - slack;
    if (rate_known_) {
        if (window < context_.limits.rate_window) {
            return true;
        }
        const std::uint64_t wanted =
            context_.limits.rate_min * static_cast<std::uint64_t>(window.count()) / 1000;
        if (delivered - bytes_at_since_ < wanted) {
            return false;
        }
    }
    rate_known_ = true;
    since_ = now;
    bytes_at_since_ = delivered;
    return true;
}

}  // namespace ringway::http
