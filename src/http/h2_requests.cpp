// From a header section to a response, for HTTP/2.
#include <array>

#include <ringway/runtime/shard.hpp>

#include "http/h2_connection.hpp"
#include "http/response_fields.hpp"

namespace ringway::http::detail {
namespace {

nghttp2_nv as_nghttp2(const response_field& field) noexcept {
    const unsigned flags = (field.lower_case ? NGHTTP2_NV_FLAG_NO_COPY_NAME : 0U) |
                           (field.value_lives ? NGHTTP2_NV_FLAG_NO_COPY_VALUE : 0U);
    return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(field.name.data())),
            reinterpret_cast<std::uint8_t*>(const_cast<char*>(field.value.data())),
            field.name.size(), field.value.size(), static_cast<std::uint8_t>(flags)};
}

ssize_t read_callback(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t length,
                      std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& stream = *static_cast<h2_stream*>(source->ptr);
    return stream.owner.read_data(stream, length, *flags);
}

}  // namespace

// What nghttp2 passes over in silence and must not be.
void h2_connection::on_frame_begins(const nghttp2_frame_hd& head) noexcept {
    if (head.type == NGHTTP2_PRIORITY && head.stream_id == 0) {  // RFC 9113 section 6.3.
        fail_connection(NGHTTP2_PROTOCOL_ERROR);
    } else if (head.type == NGHTTP2_HEADERS && head.stream_id > newest_) {
        newest_ = head.stream_id;
    } else if (head.type == NGHTTP2_HEADERS) {
        judge_frame_of_request(head.stream_id, true);
    }
}

// A HEADERS or DATA frame, maybe for a stream that is no more. Such a one nghttp2 passes over, but
// decodes its header block and counts its bytes in the connection's window.
void h2_connection::judge_frame_of_request(std::int32_t id, bool is_head) noexcept {
    if (id % 2 == 0 || id > newest_ || nghttp2_session_find_stream(engine_, id) != nullptr) {
        return;
    }
    // It may have crossed a reset of ours. After the last GOAWAY requests are passed over that
    // nothing is remembered of.
    if (goaway_final_ || failed_ || reset_streams_.contains(id)) {
        if (is_head && !guard_.late_head(shard::current().now())) {
            end_for(observe::abuse_kind::h2_control_flood);
        }
        return;
    }
    // RFC 9113 section 5.1; and 5.1.1: identifiers go up.
    fail_connection(ended_streams_.contains(id) ? NGHTTP2_STREAM_CLOSED : NGHTTP2_PROTOCOL_ERROR);
}

int h2_connection::on_header(const nghttp2_frame&, std::string_view name, std::string_view value) {
    if (!head_.add(name, value)) {
        end_for(observe::abuse_kind::h2_header_bomb);
    }
    return 0;
}

int h2_connection::on_frame_received(const nghttp2_frame& frame) {
    const bool ended = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
        take_request(frame.hd.stream_id, ended);
    } else if (ended && (frame.hd.type == NGHTTP2_DATA || frame.hd.type == NGHTTP2_HEADERS)) {
        if (h2_stream* const stream = stream_of(frame.hd.stream_id); stream != nullptr) {
            on_body_end(*stream);
        }
    } else if (frame.hd.type == NGHTTP2_RST_STREAM) {
        context_.metrics.stream_resets.add(observe::reset_side::client);
        // Known here means that its response was not complete.
        if (stream_of(frame.hd.stream_id) != nullptr &&
            !guard_.peer_reset(shard::current().now())) {
            end_for(observe::abuse_kind::h2_rapid_reset);
        }
    } else if (frame.hd.type == NGHTTP2_PRIORITY_UPDATE) {
        const auto* const update =
            static_cast<const nghttp2_ext_priority_update*>(frame.ext.payload);
        if (update->stream_id == 0) {  // RFC 9218 section 7.1.
            fail_connection(NGHTTP2_PROTOCOL_ERROR);
        }
    } else if (frame.hd.type == NGHTTP2_PING && (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0 &&
               draining_ && !goaway_final_) {
        say_goodbye();  // A round trip has passed since the first one.
    }
    return 0;
}

h2_stream* h2_connection::stream_of(std::int32_t id) const noexcept {
    return static_cast<h2_stream*>(nghttp2_session_get_stream_user_data(engine_, id));
}

void h2_connection::take_request(std::int32_t id, bool ended) {
    const stream_head::outcome judged = head_.finish();
    if (judged.malformed) {
        count_abuse(observe::abuse_kind::malformed_head);
        static_cast<void>(
            nghttp2_submit_rst_stream(engine_, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR));
        return;
    }
    if (refuses_more()) {
        if (!guard_.made_reset(shard::current().now())) {
            end_for(observe::abuse_kind::h2_rapid_reset);
            return;
        }
        static_cast<void>(
            nghttp2_submit_rst_stream(engine_, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM));
        return;
    }
    auto* const made = new h2_stream{*this, id};
    nghttp2_session_set_stream_user_data(engine_, id, made);
    stream_session::take_request(*made, head_, judged, ended);
    if (requests_ == context_.limits.requests_max && !goaway_final_) {
        say_goodbye();
    }
}

void h2_connection::on_body_bytes(std::int32_t id, std::size_t count) {
    if (h2_stream* const stream = stream_of(id); stream != nullptr) {
        on_body(*stream, count);
    }
}

void h2_connection::submit_fields(stream_exchange& which, const response_fields& what) {
    auto& to = static_cast<h2_stream&>(which);
    std::array<nghttp2_nv, response_fields::count_max> fields;
    std::size_t count = 0;
    for (const response_field& each : what.all()) {
        fields[count++] = as_nghttp2(each);
    }
    nghttp2_data_provider source{.source = {.ptr = &to}, .read_callback = &read_callback};
    static_cast<void>(nghttp2_submit_response(engine_, to.id, fields.data(), count,
                                              to.body.left() > 0 ? &source : nullptr));
}

void h2_connection::on_frame_sent(const nghttp2_frame& frame) noexcept {
    if (frame.hd.type == NGHTTP2_RST_STREAM) {
        reset_streams_.remember(frame.hd.stream_id);
        reset_sent(frame.rst_stream.error_code);
        return;
    }
    if (frame.hd.type == NGHTTP2_GOAWAY) {
        goaway_sent(frame.goaway.error_code);
        return;
    }
    const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (!ends || (frame.hd.type != NGHTTP2_DATA && frame.hd.type != NGHTTP2_HEADERS)) {
        return;
    }
    h2_stream* const stream = stream_of(frame.hd.stream_id);
    if (stream != nullptr && !stream->body_ended) {
        // RFC 9113 section 8.1: the rest of the request is not wanted, and the response is good.
        reset(*stream, NGHTTP2_NO_ERROR);
    }
}

// A peer can make us reset as many streams as it likes by breaking rules: that must not be cheaper
// than resetting them itself (MadeYouReset).
void h2_connection::reset_sent(std::uint32_t code) noexcept {
    if (code == NGHTTP2_NO_ERROR) {
        return;
    }
    context_.metrics.stream_resets.add(observe::reset_side::server);
    const bool our_own = code == NGHTTP2_INTERNAL_ERROR || code == NGHTTP2_ENHANCE_YOUR_CALM;
    if (!our_own && !guard_.made_reset(shard::current().now())) {
        end_for(observe::abuse_kind::h2_made_reset);
    }
}

void h2_connection::goaway_sent(std::uint32_t code) noexcept {
    using observe::goaway_code;
    switch (code) {
        case NGHTTP2_NO_ERROR: context_.metrics.goaways.add(goaway_code::no_error); return;
        case NGHTTP2_ENHANCE_YOUR_CALM:
            context_.metrics.goaways.add(goaway_code::enhance_your_calm);
            return;
        case NGHTTP2_PROTOCOL_ERROR:
            context_.metrics.goaways.add(goaway_code::protocol_error);
            break;
        default: context_.metrics.goaways.add(goaway_code::other);
    }
    count_abuse(observe::abuse_kind::h2_protocol_error);
}

void h2_connection::reset(h2_stream& which, std::uint32_t code) noexcept {
    static_cast<void>(nghttp2_submit_rst_stream(engine_, NGHTTP2_FLAG_NONE, which.id, code));
}

void h2_connection::on_stream_closed(std::int32_t id, std::uint32_t) noexcept {
    if (!reset_streams_.contains(id)) {
        ended_streams_.remember(id);
    }
    h2_stream* const stream = stream_of(id);
    if (stream == nullptr) {
        return;
    }
    nghttp2_session_set_stream_user_data(engine_, id, nullptr);
    stream->closed = true;
    if (stream->working == 0) {
        release(*stream);
    } else {
        stream->stop.request_stop();
    }
}

// The end of a stream that nobody uses any more: it is counted and forgotten.
void h2_connection::release(stream_exchange& which) noexcept {
    auto& gone = static_cast<h2_stream&>(which);
    if (gone.answered && gone.body.left() == 0) {
        guard_.served();
    }
    if (gone.has_chunk) {
        drop_chunk(gone);
    }
    forget(gone);
    delete &gone;
    if (open_ == 0) {
        since_ = shard::current().now();
        arm_timer(context_.limits.idle_timeout);
    }
}

}  // namespace ringway::http::detail
