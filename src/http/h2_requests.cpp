// From a header section to a response, for HTTP/2.
#include <array>
#include <charconv>

#include <ringway/base/assert.hpp>
#include <ringway/http/plan_error.hpp>
#include <ringway/runtime/shard.hpp>

#include "http/h2_connection.hpp"

namespace ringway::http::detail {
namespace {

// The status that the log has for requests that were taken back before they were answered.
constexpr std::uint16_t status_reset = 499;

// Copies of requests that one connection may let us keep; more are refused until some are answered.
constexpr std::size_t held_bytes_max = std::size_t{512} * 1024;

constexpr std::string_view server_name = "ringway";

nghttp2_nv make_field(std::string_view name, std::string_view value, std::uint8_t flags) noexcept {
    return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
            reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(),
            value.size(), flags};
}

// What RFC 9113 section 8.2.2 forbids; only an operator's --header could say it.
bool is_of_connection(std::string_view name) noexcept {
    for (const std::string_view each :
         {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}) {
        if (equal_ignoring_case(name, each)) {
            return true;
        }
    }
    return false;
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
            stream->body_ended = true;
            begin_answer(*stream);
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

void h2_connection::remember_for_log(h2_stream& made, const request& asked) {
    if (context_.log == nullptr) {
        return;
    }
    request_note& note = made.note;
    note.remember(asked.method_text, head_.target(), asked.find(wire::field::referer),
                  asked.find(wire::field::user_agent));
    hold(made, note.method().size() + note.target().size() + note.referer().size() +
                   note.user_agent().size());
}

void h2_connection::take_request(std::int32_t id, bool ended) {
    const h2_head::outcome judged = head_.finish();
    if (judged.malformed) {
        context_.metrics.abuse.add(observe::abuse_kind::malformed_head);
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
    made->next = streams_;
    if (streams_ != nullptr) {
        streams_->previous = made;
    }
    streams_ = made;
    ++open_;
    if (++requests_ == context_.limits.requests_max && !goaway_final_) {
        say_goodbye();
    }
    nghttp2_session_set_stream_user_data(engine_, id, made);
    context_.metrics.request_started();
    set_active(true);
    made->body_ended = ended;
    made->reject_status = judged.reject_status;
    made->facts.protocol = version::http_2;
    made->facts.started = shard::current().now();
    made->facts.status = status_reset;
    if (judged.reject_status != 0) {
        context_.metrics.abuse.add(observe::abuse_of_status(judged.reject_status));
        begin_answer(*made);
        return;
    }
    const request& asked = head_.asked();
    made->facts.method = asked.method;
    made->misdirected = !authorities_.admits(asked.authority);
    remember_for_log(*made, asked);
    if (made->misdirected) {
        begin_answer(*made);
        return;
    }
    if (ended) {
        context_.date.update();
        made->ready =
            context_.answer.find_ready(asked, context_.date.seconds(), context_.date.text());
        if (made->ready) {
            submit_ready(*made);
            return;
        }
    }
    made->asked = std::make_unique<h2_head::copy>(head_);
    hold(*made, made->asked->memory_bytes());
    const std::uint64_t length = head_.content_length().value_or(0);
    if (length > context_.limits.discard_bytes_max) {
        context_.metrics.abuse.add(observe::abuse_kind::body_too_large);
    }
    if (ended || head_.expects_continue() || length > context_.limits.discard_bytes_max) {
        begin_answer(*made);
    }
}

bool h2_connection::refuses_more() const noexcept {
    // The first is work of streams long reset.
    return open_ >= std::size_t{2} * context_.limits.streams_max || held_bytes_ >= held_bytes_max;
}

// Counts memory of a request, in which a few bytes of a peer can become many.
void h2_connection::hold(h2_stream& in, std::size_t bytes) noexcept {
    in.held_bytes += bytes;
    held_bytes_ += bytes;
}

void h2_connection::drop_asked(h2_stream& of) noexcept {
    const std::size_t bytes = of.asked->memory_bytes();
    RW_ASSERT(bytes <= of.held_bytes && of.held_bytes <= held_bytes_);
    of.held_bytes -= bytes;
    held_bytes_ -= bytes;
    of.asked.reset();
}

// Bytes of a request body: nobody wants them, but an answer that came before their end would be
// taken for one to a request that was fine.
void h2_connection::on_body_bytes(std::int32_t id, std::size_t count) noexcept {
    h2_stream* const stream = stream_of(id);
    if (stream == nullptr) {
        return;
    }
    stream->body_received += count;
    if (stream->body_received > context_.limits.discard_bytes_max) {
        begin_answer(*stream);
    }
}

// Once for each stream; later calls do nothing.
void h2_connection::begin_answer(h2_stream& to) {
    if (to.answered || to.working > 0 || to.answer) {
        return;
    }
    to.answer = std::make_unique<response>();
    if (to.reject_status != 0 || to.misdirected) {
        if (to.misdirected) {
            plan_misdirected(to.answer->plan);
        } else {
            plan_error(to.reject_status, "", to.answer->plan);
        }
        submit(to);
        return;
    }
    ++to.working;
    work_.spawn(answer(to));
}

task<void> h2_connection::answer(h2_stream& to) {
    co_await context_.answer.respond(to.asked->asked(), *to.answer).under(to.stop);
    drop_asked(to);
    --to.working;
    if (to.closed) {
        release(to);
    } else if (!dead_) {
        submit(to);
        wake_.set();
    }
}

void h2_connection::submit_ready(h2_stream& to) {
    std::array<nghttp2_nv, ready_response::fields_max + 1> fields;
    constexpr std::uint8_t borrowed = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
    std::size_t count = 0;
    fields[count++] = make_field(":status", "200", borrowed);
    for (const wire::header_field& each : to.ready->fields()) {
        fields[count++] = make_field(each.name, each.value, borrowed);
    }
    to.answered = true;
    to.facts.status = 200;
    to.facts.coding = to.ready->coding();
    to.facts.cache = observe::cache_tier::body;
    to.body.start(*to.ready);
    nghttp2_data_provider source{.source = {.ptr = &to}, .read_callback = &read_callback};
    static_cast<void>(nghttp2_submit_response(engine_, to.id, fields.data(), count,
                                              to.body.left() > 0 ? &source : nullptr));
}

void h2_connection::submit(h2_stream& to) {
    const response& what = *to.answer;
    std::array<nghttp2_nv, header_list::fields_max + 3> fields;
    std::array<char, 3> status;
    std::to_chars(status.data(), status.data() + status.size(), what.plan.status);
    std::size_t count = 0;
    fields[count++] = make_field(":status", {status.data(), status.size()}, NGHTTP2_NV_FLAG_NONE);
    context_.date.update();
    fields[count++] = make_field("date", context_.date.text(), NGHTTP2_NV_FLAG_NONE);
    fields[count++] = make_field("server", server_name, NGHTTP2_NV_FLAG_NO_COPY_VALUE);
    for (const wire::header_field& each : what.plan.headers.fields()) {
        if (!is_of_connection(each.name)) {
            fields[count++] = make_field(each.name, each.value, NGHTTP2_NV_FLAG_NO_COPY_VALUE);
        }
    }
    to.answered = true;
    to.facts.status = static_cast<std::uint16_t>(what.plan.status);
    to.facts.coding = what.coding;
    to.facts.cache = what.cache;
    to.facts.way = what.file ? observe::transfer_way::copy : observe::transfer_way::memory;
    to.body.start(what);
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
    context_.metrics.abuse.add(observe::abuse_kind::h2_protocol_error);
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
void h2_connection::release(h2_stream& gone) noexcept {
    RW_ASSERT(gone.closed && gone.working == 0);
    count_response(gone.facts, gone.note);
    if (gone.answered && gone.body.left() == 0) {
        guard_.served();
    }
    held_bytes_ -= gone.held_bytes;
    if (gone.has_chunk) {
        drop_chunk(gone);
    }
    (gone.previous != nullptr ? gone.previous->next : streams_) = gone.next;
    if (gone.next != nullptr) {
        gone.next->previous = gone.previous;
    }
    delete &gone;
    if (--open_ == 0) {
        set_active(false);
        since_ = shard::current().now();
        arm_timer(context_.limits.idle_timeout);
    }
}

}  // namespace ringway::http::detail
