// From the bytes of a stream to nghttp3, past what judges them, and the streams that they are on.
#include <algorithm>
#include <utility>

#include <ringway/runtime/shard.hpp>

#include "http/h3_connection.hpp"

namespace ringway::http::detail {
namespace {

// So few bytes at a time are no more than a drip.
constexpr std::size_t crumb_bytes = 32;

// RFC 9000 section 2.1.
constexpr bool is_uni(quic::stream_id id) noexcept { return (id & 2) != 0; }
constexpr bool is_ours(quic::stream_id id) noexcept { return (id & 1) != 0; }

constexpr std::uint64_t data_frame = 0;
constexpr std::uint64_t headers_frame = 1;

// The next frame on a stream. What it passes of the head is counted.
std::optional<h3_frame_head> next_frame(h3_stream& in, byte_view& rest) noexcept {
    const byte_view payload = in.scanner.take_payload(rest);
    if (in.in_head) {
        in.lines.feed(payload);
        in.in_head = in.scanner.payload_left() > 0;
    }
    return in.scanner.next(rest);
}

bool is_critical(h3_input input) noexcept {
    return input == h3_input::control || input == h3_input::encoder || input == h3_input::decoder;
}

// We could not, or it was refused as a whole: the peer has done nothing wrong.
bool is_our_own(std::uint64_t code) noexcept {
    return code == NGHTTP3_H3_INTERNAL_ERROR || code == NGHTTP3_H3_EXCESSIVE_LOAD ||
           code == NGHTTP3_H3_REQUEST_REJECTED;
}

}  // namespace

quic::failure h3_connection::on_data(quic::stream_id stream, byte_view bytes, bool fin,
                                     bool early) {
    if (usable()) {
        if (is_uni(stream)) {
            read_uni(stream, bytes, fin);
        } else {
            read_request(stream, bytes, fin, early);
        }
        wake();
    }
    return std::nullopt;
}

void h3_connection::read_uni(quic::stream_id id, byte_view bytes, bool fin) {
    const nanoseconds now = shard::current().now();
    auto in = std::ranges::find(uni_inputs_, id, &uni_input::id);
    if (in == uni_inputs_.end()) {
        if (!obey(guard_.on_uni_stream(now))) {
            return;
        }
        if (uni_inputs_.size() == uni_inputs_max) {
            end_for(observe::abuse_kind::h3_stream_flood);
            return;
        }
        uni_inputs_.push_back({.id = id});
        in = std::prev(uni_inputs_.end());
    }
    byte_view rest = bytes;
    if (in->scanner.input() == h3_input::untyped) {
        in->scanner.read_type(rest);
    }
    // Of each kind there is one; nghttp3 refuses a second one.
    const bool is_first = std::ranges::none_of(uni_inputs_, [&in](const uni_input& each) {
        return each.id != in->id && each.scanner.input() == in->scanner.input();
    });
    if (is_first && !obey(guard_.on_bytes(in->scanner, rest, now))) {
        return;
    }
    if (is_first && in->scanner.input() == h3_input::control) {
        feed_control(id, bytes, fin);
    } else {
        feed(id, bytes, fin);
    }
}

// nghttp3 1.8 aborts the process if what it is given ends between the two fields of a
// PRIORITY_UPDATE. So the last byte waits for the next one.
void h3_connection::feed_control(quic::stream_id id, byte_view bytes, bool fin) {
    if (withheld_ && !bytes.empty()) {
        const std::array<std::byte, 2> both{*withheld_, bytes.front()};
        withheld_.reset();
        bytes = bytes.subspan(1);
        feed(id, both, fin && bytes.empty());
        if (bytes.empty()) {
            return;
        }
    }
    if (guard_.between_fields() && !bytes.empty()) {
        withheld_ = bytes.back();
        bytes = bytes.first(bytes.size() - 1);
    }
    feed(id, bytes, fin);
}

void h3_connection::read_request(quic::stream_id id, byte_view bytes, bool fin, bool early) {
    if (bytes.size() < crumb_bytes && !fin && !obey(guard_.on_crumb(shard::current().now()))) {
        return;
    }
    h3_stream* const known = stream_of(id);
    h3_stream& in = known != nullptr ? *known : make_stream(id);
    in.early = in.early || (early && !trusted_);
    if (in.in_reset) {
        on_consumed(id, bytes.size());  // Is passed over, but goes back into the windows.
    } else {
        read_frames(in, bytes, fin);
    }
}

// nghttp3 ends the connection for bodies that are not as long as they should be; RFC 9114 section
// 4.1.2 only asks for the end of the stream. So their frames are looked at before it sees them.
void h3_connection::read_frames(h3_stream& in, byte_view bytes, bool fin) {
    byte_view rest = bytes;
    while (const auto frame = next_frame(in, rest)) {
        const bool is_head = frame->type == headers_frame;
        if (!obey(guard_.on_request_frame(*frame, is_head && !in.seen_head,
                                          shard::current().now()))) {
            return;
        }
        in.in_head = is_head && !in.seen_head;
        in.seen_head = in.seen_head || is_head;
        if (frame->type != data_frame) {
            continue;
        }
        feed(in.id, bytes.first(bytes.size() - rest.size()), false);
        bytes = rest;
        in.data_announced += std::min(frame->length, ~std::uint64_t{0} - in.data_announced);
        if (!usable() || in.in_reset) {
            break;
        }
        if (in.length && in.data_announced > *in.length) {
            give_up(in, NGHTTP3_H3_MESSAGE_ERROR);
            break;
        }
    }
    if (fin && usable() && !in.in_reset && !ends_well(in)) {
        return;
    }
    if (in.in_reset) {
        on_consumed(in.id, bytes.size());
        return;
    }
    in.ends_here = fin;
    feed(in.id, bytes, false);
    if (fin && !in.in_reset) {
        feed(in.id, {}, true);
    }
}

// Looks at a request that ends. False: it has ended the connection.
bool h3_connection::ends_well(h3_stream& in) {
    if (!in.scanner.between_frames()) {  // RFC 9114 section 7.1; nghttp3 may give another code.
        return obey(h3_verdict{std::in_place, std::uint64_t{NGHTTP3_H3_FRAME_ERROR}});
    }
    if (!in.seen_head) {
        give_up(in, NGHTTP3_H3_REQUEST_INCOMPLETE);
    } else if (in.length && in.data_announced != *in.length) {
        give_up(in, NGHTTP3_H3_MESSAGE_ERROR);
    }
    return true;
}

void h3_connection::feed(quic::stream_id id, byte_view bytes, bool fin) {
    if (!usable() || (bytes.empty() && !fin)) {
        return;
    }
    const nghttp3_ssize taken =
        nghttp3_conn_read_stream(engine(), id, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                 bytes.size(), fin ? 1 : 0);
    if (check(static_cast<int>(taken)) && taken > 0) {
        below_.consumed(id, static_cast<std::size_t>(taken));
    }
}

h3_stream* h3_connection::stream_of(quic::stream_id id) const noexcept {
    h3_stream* each = buckets_[(static_cast<std::size_t>(id) >> 2U) % bucket_count];
    while (each != nullptr && each->id != id) {
        each = each->bucket_next;
    }
    return each;
}

h3_stream& h3_connection::make_stream(quic::stream_id id) {
    auto* const made = new h3_stream{*this, id};
    h3_stream*& bucket = buckets_[(static_cast<std::size_t>(id) >> 2U) % bucket_count];
    made->bucket_next = std::exchange(bucket, made);
    made->head_next = heads_;
    if (heads_ != nullptr) {
        heads_->head_previous = made;
    }
    heads_ = made;
    made->begun = shard::current().now();
    arm_timer(context_.limits.header_timeout);
    return *made;
}

void h3_connection::drop_head(h3_stream& of) noexcept {
    head_bytes_ -= std::exchange(of.head_bytes, 0);
    if (of.head && !spare_head_) {
        of.head->shrink();
        spare_head_ = std::move(of.head);
    }
    of.head.reset();
}

void h3_connection::unlink_head(h3_stream& of) noexcept {
    (of.head_previous != nullptr ? of.head_previous->head_next : heads_) = of.head_next;
    if (of.head_next != nullptr) {
        of.head_next->head_previous = of.head_previous;
    }
    of.head_next = of.head_previous = nullptr;
}

// The last of a stream.
void h3_connection::remove(h3_stream& gone) noexcept {
    if (!gone.taken) {
        unlink_head(gone);
    }
    drop_head(gone);
    unsent_ -= gone.unsent;
    outstanding_ -= gone.given - gone.acknowledged;
    h3_stream** place = &buckets_[(static_cast<std::size_t>(gone.id) >> 2U) % bucket_count];
    while (*place != &gone) {
        place = &(*place)->bucket_next;
    }
    *place = gone.bucket_next;
    delete &gone;
}

// Resets a stream in both directions, for what the peer did or what we could not do.
void h3_connection::give_up(h3_stream& which, std::uint64_t code) noexcept {
    if (!usable() || std::exchange(which.in_reset, true)) {
        return;
    }
    which.body_ended = true;  // No more of it is read.
    which.stop.request_stop();
    context_.metrics.stream_resets.add(observe::reset_side::server);
    nghttp3_conn_shutdown_stream_write(engine(), which.id);
    static_cast<void>(check(nghttp3_conn_shutdown_stream_read(engine(), which.id)));
    below_.stop_reading(which.id, code);
    below_.reset_stream(which.id, code);
    if (!is_our_own(code) && !guard_.made_reset(shard::current().now())) {
        end_for(observe::abuse_kind::h3_made_reset);
    }
}

// A request that was taken back costs; one whose answer is complete does not.
void h3_connection::peer_gave_up(quic::stream_id id) noexcept {
    h3_stream* const of = stream_of(id);
    if (of != nullptr && (of->finished || std::exchange(of->in_reset, true))) {
        return;
    }
    context_.metrics.stream_resets.add(observe::reset_side::client);
    if (of != nullptr) {
        of->stop.request_stop();
    }
    if (!guard_.peer_reset(shard::current().now())) {
        end_for(observe::abuse_kind::h3_rapid_reset);
    }
}

void h3_connection::on_reset(quic::stream_id stream, std::uint64_t) {
    if (!usable()) {
        return;
    }
    if (is_uni(stream)) {
        const auto in = std::ranges::find(uni_inputs_, stream, &uni_input::id);
        if (in == uni_inputs_.end()) {
            static_cast<void>(obey(guard_.on_uni_stream(shard::current().now())));
        } else if (is_critical(in->scanner.input())) {
            static_cast<void>(check(NGHTTP3_ERR_H3_CLOSED_CRITICAL_STREAM));
        }
        return;
    }
    h3_stream* const of = stream_of(stream);
    const bool is_answered = of != nullptr && of->finished;
    peer_gave_up(stream);
    if (!usable() || !check(nghttp3_conn_shutdown_stream_read(engine(), stream)) || is_answered) {
        return;
    }
    if (of != nullptr) {
        of->body_ended = true;
    }
    nghttp3_conn_shutdown_stream_write(engine(), stream);
    below_.reset_stream(stream, NGHTTP3_H3_REQUEST_CANCELLED);  // RFC 9114 section 4.1.1.
}

void h3_connection::on_stop_sending(quic::stream_id stream, std::uint64_t) {
    if (!usable()) {
        return;
    }
    if (is_ours(stream)) {
        static_cast<void>(check(NGHTTP3_ERR_H3_CLOSED_CRITICAL_STREAM));
        return;
    }
    peer_gave_up(stream);
    if (!usable()) {
        return;
    }
    nghttp3_conn_shutdown_stream_write(engine(), stream);
    h3_stream* const of = stream_of(stream);
    if (of != nullptr && !std::exchange(of->body_ended, true)) {
        static_cast<void>(check(nghttp3_conn_shutdown_stream_read(engine(), stream)));
        below_.stop_reading(stream, NGHTTP3_H3_REQUEST_CANCELLED);
    }
}

void h3_connection::on_stream_closed(quic::stream_id stream, std::optional<std::uint64_t> code) {
    if (is_uni(stream)) {
        const auto in = std::ranges::find(uni_inputs_, stream, &uni_input::id);
        const bool critical =
            is_ours(stream) || (in != uni_inputs_.end() && is_critical(in->scanner.input()));
        if (in != uni_inputs_.end()) {
            uni_inputs_.erase(in);
        }
        if (usable() && critical) {
            static_cast<void>(check(NGHTTP3_ERR_H3_CLOSED_CRITICAL_STREAM));
        } else if (usable()) {  // It may know nothing of it.
            static_cast<void>(
                nghttp3_conn_close_stream(engine(), stream, code.value_or(NGHTTP3_H3_NO_ERROR)));
        }
        return;
    }
    if (usable()) {
        ++closed_;
        nghttp3_conn_set_max_client_streams_bidi(engine(), context_.limits.streams_max + closed_);
        static_cast<void>(nghttp3_conn_set_stream_user_data(engine(), stream, nullptr));
        static_cast<void>(
            nghttp3_conn_close_stream(engine(), stream, code.value_or(NGHTTP3_H3_NO_ERROR)));
    }
    h3_stream* const gone = stream_of(stream);
    if (gone == nullptr) {
        return;
    }
    if (usable() && !gone->finished && !gone->in_reset) {
        peer_gave_up(stream);  // By STOP_SENDING, before there was anything to send.
    }
    gone->closed = true;
    if (!gone->taken) {
        remove(*gone);
    } else if (gone->working == 0) {
        release(*gone);
    } else {
        gone->stop.request_stop();
    }
}

}  // namespace ringway::http::detail
