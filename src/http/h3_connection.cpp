// The life of an HTTP/3 connection: beginning, ending, what QUIC tells of streams.
#include "http/h3_connection.hpp"

#include <algorithm>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway::http::detail {
namespace {

// What nghttp3 may take for one connection: streams, tables of QPACK, requests that wait for them.
constexpr std::size_t memory_bytes_least = std::size_t{2} * 1024 * 1024;
constexpr std::size_t streams_carried = 100;
constexpr std::size_t bytes_per_stream = std::size_t{16} * 1024;

// RFC 9204 section 3.2.3: of the table that requests are compressed with, and that of responses.
constexpr std::size_t qpack_table_bytes = 4096;
constexpr std::size_t qpack_blocked_streams = 16;

std::size_t memory_bytes_max(std::size_t streams_max) noexcept {
    return memory_bytes_least +
           (std::max(streams_max, streams_carried) - streams_carried) * bytes_per_stream;
}

address_budget_ref budget_of(session_context& context, const std::string& client) {
    return connection_gate::is_loopback(client)
               ? address_budget_ref{}
               : context.budgets.find(connection_gate::key_of(client));
}

}  // namespace

nghttp3_settings h3_settings(const session_limits& limits) noexcept {
    nghttp3_settings out;
    nghttp3_settings_default(&out);
    // RFC 9114 section 4.2.2.
    out.max_field_section_size = limits.head.header_bytes_max + limits.head.target_bytes_max +
                                 std::size_t{32} * limits.head.header_count_max;
    out.qpack_max_dtable_capacity = qpack_table_bytes;
    out.qpack_encoder_max_dtable_capacity = qpack_table_bytes;
    out.qpack_blocked_streams = qpack_blocked_streams;
    return out;
}

h3_connection::h3_connection(quic::connection& below, session_context& context, std::string client,
                             authority_guard authorities, gate_pass pass)
    : stream_session{context, observe::transport::quic, std::move(client), std::move(authorities)},
      timer{[](timer& self) noexcept { static_cast<h3_connection&>(self).tick(); }},
      pass_{std::move(pass)},
      below_{below},
      memory_{memory_bytes_max(context.limits.streams_max), below.memory()},
      guard_{context.limits.budget, budget_of(context, client_)} {
    context.metrics.connection_opened(observe::transport::quic);
}

h3_connection::~h3_connection() {
    RW_ASSERT(engine_ == nullptr && heads_ == nullptr);
    context_.metrics.connection_closed(observe::transport::quic, false);
}

quic::failure h3_connection::on_ready() {
    RW_ASSERT(!ready_);
    ready_ = true;
    idle_since_ = shard::current().now();
    if (!start()) {
        fail(NGHTTP3_H3_INTERNAL_ERROR, "no memory");
        return std::nullopt;
    }
    std::array<quic::stream_id, 3> own{};
    for (quic::stream_id& each : own) {
        const auto opened = below_.open_stream(quic::direction::unidirectional);
        if (!opened) {  // RFC 9114 section 6.2: a client must allow three.
            fail(NGHTTP3_H3_STREAM_CREATION_ERROR, "three unidirectional streams must be allowed");
            return std::nullopt;
        }
        each = *opened;
    }
    control_ = own[0];
    if (check(nghttp3_conn_bind_control_stream(engine(), own[0])) &&
        check(nghttp3_conn_bind_qpack_streams(engine(), own[1], own[2]))) {
        arm_timer(context_.limits.idle_timeout);
        if (context_.draining) {
            drain();
        }
        wake();
    }
    return std::nullopt;
}

bool h3_connection::start() {
    const nghttp3_settings settings = h3_settings(context_.limits);
    if (nghttp3_conn_server_new(&engine_, &h3_callbacks(), &settings, memory_.for_nghttp3(),
                                this) != 0) {
        engine_ = nullptr;
        return false;
    }
    nghttp3_conn_set_max_client_streams_bidi(engine(), context_.limits.streams_max);
    return true;
}

void h3_connection::on_handshake_done() {
    trusted_ = true;
    if (const auto said = pass_.enter(); said != connection_gate::verdict::admitted) {
        context_.metrics.rejected.add(reason_of(said));
        if (context_.abuse != nullptr && said == connection_gate::verdict::limit_address) {
            context_.abuse->refused(client_);
        }
        fail(NGHTTP3_H3_EXCESSIVE_LOAD, "too many connections");
        return;
    }
    for (stream_exchange* each = exchanges_; each != nullptr;) {
        stream_exchange& held = *each;
        each = each->next;  // Answering takes nothing off the list.
        if (held.on_hold) {
            end_hold(held);
        }
    }
    wake();
}

// The outcome of a call of nghttp3. False: the connection ends.
bool h3_connection::check(int outcome) {
    if (outcome >= 0) {
        return true;
    }
    if (outcome == NGHTTP3_ERR_NOMEM) {
        end_for(observe::abuse_kind::h3_memory);
    } else if (!failed_) {  // Else it is our own failure that nghttp3 hands back.
        count_abuse(observe::abuse_kind::h3_protocol_error, is_proven());
        fail(outcome == NGHTTP3_ERR_QPACK_HEADER_TOO_LARGE
                 ? NGHTTP3_H3_EXCESSIVE_LOAD
                 : nghttp3_err_infer_quic_app_error_code(outcome),
             nghttp3_strerror(outcome));
    }
    return false;
}

// Ends the connection; nghttp3 is not asked any more.
void h3_connection::fail(std::uint64_t code, std::string_view reason) noexcept {
    failed_ = true;
    below_.close(code, reason);
}

// The peer costs more than it should.
void h3_connection::end_for(observe::abuse_kind why) noexcept {
    if (!failed_) {
        count_abuse(why, is_proven());
        fail(NGHTTP3_H3_EXCESSIVE_LOAD, observe::name_of(why));
    }
}

// False: the connection ends.
bool h3_connection::obey(const h3_verdict& verdict) noexcept {
    if (!verdict) {
        return true;
    }
    if (const auto* const why = std::get_if<observe::abuse_kind>(&*verdict); why != nullptr) {
        end_for(*why);
    } else if (!failed_) {
        count_abuse(observe::abuse_kind::h3_protocol_error, is_proven());
        fail(std::get<std::uint64_t>(*verdict), "");
    }
    return false;
}

void h3_connection::on_acknowledged(quic::stream_id stream, std::uint64_t bytes) {
    if (!usable()) {
        return;
    }
    if (stream == control_) {
        control_unacknowledged_ -= std::min(control_unacknowledged_, bytes);
    }
    static_cast<void>(check(nghttp3_conn_add_ack_offset(engine(), stream, bytes)));
    end_if_drained();
}

void h3_connection::on_unblocked(quic::stream_id stream) {
    if (usable()) {
        if (h3_stream* const known = stream_of(stream); known != nullptr) {
            known->blocked = false;
        }
        static_cast<void>(check(nghttp3_conn_unblock_stream(engine(), stream)));
        wake();
    }
}

void h3_connection::on_blocked(quic::stream_id stream) {
    if (usable()) {
        if (h3_stream* const known = stream_of(stream); known != nullptr) {
            known->blocked = true;
        }
        nghttp3_conn_block_stream(engine(), stream);
    }
}

// As of 1.11 ngtcp2 tells of STOP_SENDING by this alone.
void h3_connection::on_shut(quic::stream_id stream) {
    if (!usable()) {
        return;
    }
    const h3_stream* const of = stream_of(stream);
    if (of != nullptr && !of->finished && !of->in_reset) {
        on_stop_sending(stream, NGHTTP3_H3_REQUEST_CANCELLED);
    } else {
        nghttp3_conn_shutdown_stream_write(engine(), stream);
    }
}

quic::stream_output h3_connection::next_output() {
    quic::stream_output out;
    if (!usable()) {
        return out;
    }
    std::array<nghttp3_vec, quic::stream_output::pieces_max> parts;
    int fin = 0;
    const nghttp3_ssize count =
        nghttp3_conn_writev_stream(engine(), &out.stream, &fin, parts.data(), parts.size());
    if (!check(static_cast<int>(count)) || out.stream < 0) {
        return {};
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        pieces_[i] = {parts[i].base, parts[i].len};
    }
    out.pieces = std::span{pieces_}.first(static_cast<std::size_t>(count));
    out.fin = fin != 0;
    return out;
}

void h3_connection::on_written(quic::stream_id stream, std::size_t bytes, bool fin) {
    if (!usable() || !check(nghttp3_conn_add_write_offset(engine(), stream, bytes))) {
        return;
    }
    if (stream == control_) {
        control_unacknowledged_ += bytes;
        goodbye_written_ = goaway_final_;
    }
    h3_stream* const of = stream_of(stream);
    if (of == nullptr) {
        return;
    }
    const std::size_t sent = std::min(of->unsent, bytes);
    of->unsent -= sent;
    unsent_ -= sent;
    guard_.sent(sent);
    if (!fin) {
        return;
    }
    of->finished = true;
    if (goaway_final_) {  // It may have to be sent again, too.
        goodbye_since_ = shard::current().now();
    }
    if (of->taken) {
        count(*of);
        guard_.served();
    }
    if (!of->body_ended) {
        // RFC 9114 section 4.1: the rest of the request is not wanted, and the response is good.
        static_cast<void>(nghttp3_conn_shutdown_stream_read(engine(), stream));
        below_.stop_reading(stream, NGHTTP3_H3_NO_ERROR);
    }
}

void h3_connection::drain() noexcept {
    if (!usable() || control_ < 0 || draining_) {
        return;
    }
    draining_ = true;
    drain_since_ = shard::current().now();
    static_cast<void>(check(nghttp3_conn_submit_shutdown_notice(engine())));
    arm_timer(std::chrono::nanoseconds{1});  // The next look says when the round trip has passed.
    wake();
}

// One packet, of which QUIC says no more than that (RFC 9000 section 10.2).
void h3_connection::cut_off() noexcept {
    if (!failed_) {
        fail(NGHTTP3_H3_EXCESSIVE_LOAD, "");
    }
}

// The second GOAWAY: what comes after the requests that we know is not served any more.
void h3_connection::say_goodbye() noexcept {
    if (std::exchange(goaway_final_, true) || !check(nghttp3_conn_shutdown(engine()))) {
        return;
    }
    context_.metrics.goaways.add(observe::goaway_code::no_error);
    goodbye_since_ = shard::current().now();
    arm_timer(goodbye_patience());
    wake();
}

// Closing sooner could overtake the GOAWAY that says which requests may be repeated, or the end of
// an answer.
void h3_connection::end_if_drained() noexcept {
    if (!goodbye_written_ || failed_ || is_serving()) {
        return;
    }
    if (control_unacknowledged_ == 0 && open_ == 0) {
        fail(NGHTTP3_H3_NO_ERROR, "");
    } else {
        arm_timer(goodbye_patience());
    }
}

// For the log. The budget and the gate go on counting it where it came from: they would have to be
// asked anew, and could refuse a client in the middle of its requests.
void h3_connection::on_address_proved(const endpoint& at) {
    client_ = connection_gate::address_text(at);
}

void h3_connection::on_closed() {
    shard::current().timers().cancel(*this);
    dead_ = true;
}

task<void> h3_connection::finish() {
    shard::current().timers().cancel(*this);
    co_await end_work();
    release_all();
    while (heads_ != nullptr) {
        remove(*heads_);
    }
    nghttp3_conn* const gone = engine();
    engine_ = nullptr;
    nghttp3_conn_del(gone);
    set_active(false);
}

}  // namespace ringway::http::detail
