// From a header section to a response, for HTTP/3.
#include <array>

#include <ringway/runtime/shard.hpp>

#include "http/h3_connection.hpp"
#include "http/response_fields.hpp"

namespace ringway::http::detail {
namespace {

// Of all header sections that are being received on one connection. They can come a little of each
// at a time, which those of HTTP/2 can't.
constexpr std::size_t head_bytes_max = std::size_t{512} * 1024;

nghttp3_nv as_nghttp3(const response_field& field) noexcept {
    const unsigned flags = (field.lower_case ? NGHTTP3_NV_FLAG_NO_COPY_NAME : 0U) |
                           (field.value_lives ? NGHTTP3_NV_FLAG_NO_COPY_VALUE : 0U);
    return {reinterpret_cast<const std::uint8_t*>(field.name.data()),
            reinterpret_cast<const std::uint8_t*>(field.value.data()), field.name.size(),
            field.value.size(), static_cast<std::uint8_t>(flags)};
}

nghttp3_ssize read_callback(nghttp3_conn*, std::int64_t, nghttp3_vec* out, std::size_t count,
                            std::uint32_t* flags, void*, void* stream) {
    auto& of = *static_cast<h3_stream*>(stream);
    return of.owner.read_data(of, out, count, *flags);
}

// A method that changes nothing: a replay of it does no harm (RFC 8470 section 4).
bool is_safe(wire::method_id method) noexcept {
    return method == wire::method_id::get || method == wire::method_id::head;
}

// What an HTTP/3 client need not be told again (RFC 7838 section 3).
bool is_advertisement(std::string_view name) noexcept {
    return equal_ignoring_case(name, "alt-svc");
}

}  // namespace

int h3_connection::on_begin_head(quic::stream_id id) {
    h3_stream* const in = stream_of(id);
    if (in == nullptr || in->closed) {
        return 0;
    }
    static_cast<void>(nghttp3_conn_set_stream_user_data(engine(), id, in));
    in->head = spare_head_ ? std::move(spare_head_)
                           : std::make_unique<stream_head>(context_.limits.head, version::http_3);
    in->head->start();
    return 0;
}

int h3_connection::on_field(h3_stream& in, std::string_view name, std::string_view value) {
    if (!in.head || in.in_reset) {
        return 0;
    }
    if (!in.head->add(name, value)) {
        end_for(observe::abuse_kind::h3_header_bomb);
        return NGHTTP3_ERR_CALLBACK_FAILURE;
    }
    const std::size_t bytes = in.head->memory_bytes();
    head_bytes_ += bytes - in.head_bytes;
    in.head_bytes = bytes;
    if (head_bytes_ > head_bytes_max) {
        give_up(in, NGHTTP3_H3_EXCESSIVE_LOAD);
        drop_head(in);
    }
    return 0;
}

void h3_connection::on_head(h3_stream& in) {
    if (!in.head || in.in_reset) {
        return;
    }
    const stream_head::outcome judged = in.head->finish();
    // Fields that nghttp3 has kept back had forbidden characters.
    const bool kept_back = in.head->field_count() != in.lines.count();
    const bool refused = judged.malformed || judged.reject_status != 0;
    in.length = refused ? std::nullopt : in.head->content_length();
    // nghttp3 would end the connection where the body that was promised does not follow.
    const bool broken = in.ends_here && in.length.value_or(0) != in.data_announced;
    if (judged.malformed || kept_back || broken) {
        count_abuse(observe::abuse_kind::malformed_head, is_proven());
        give_up(in, NGHTTP3_H3_MESSAGE_ERROR);
    } else if (refuses_more()) {
        if (guard_.made_reset(shard::current().now())) {
            give_up(in, NGHTTP3_H3_REQUEST_REJECTED);
        } else {
            end_for(observe::abuse_kind::h3_rapid_reset);
        }
    } else {
        unlink_head(in);
        in.taken = true;
        idle_since_ = shard::current().now();
        // What was early and is whole only now is no replay any more.
        in.on_hold =
            in.early && !trusted_ && judged.reject_status == 0 && !is_safe(in.head->asked().method);
        if (in.early && !trusted_) {
            (in.on_hold ? context_.metrics.early_waits : context_.metrics.early_requests).add();
        }
        take_request(in, *in.head, judged, in.ends_here);
        arm_timer(context_.limits.rate_window);
        if (requests_ == context_.limits.requests_max) {
            say_goodbye();
        }
    }
    drop_head(in);
}

void h3_connection::on_body_bytes(h3_stream& in, std::size_t bytes) {
    if (in.taken && !in.in_reset) {
        on_body(in, bytes);
    }
}

void h3_connection::on_request_end(h3_stream& in) {
    if (in.taken && !in.in_reset) {
        on_body_end(in);
    }
}

// nghttp3 has found the request to be malformed, or to come after the last GOAWAY.
void h3_connection::on_engine_reset(quic::stream_id id, std::uint64_t code) {
    h3_stream* const which = stream_of(id);
    if (which != nullptr && code != NGHTTP3_H3_REQUEST_REJECTED) {
        count_abuse(observe::abuse_kind::malformed_head, is_proven());
    }
    if (which != nullptr) {
        give_up(*which, code);
    } else {
        below_.reset_stream(id, code);
    }
}

void h3_connection::on_engine_stop(quic::stream_id id, std::uint64_t code) {
    below_.stop_reading(id, code);
}

void h3_connection::on_consumed(quic::stream_id id, std::size_t bytes) noexcept {
    if (bytes > 0) {
        below_.consumed(id, bytes);
    }
}

bool h3_connection::takes_answer(const stream_exchange& to) const noexcept {
    return usable() && !static_cast<const h3_stream&>(to).in_reset;
}

void h3_connection::submit_fields(stream_exchange& which, const response_fields& what) {
    auto& to = static_cast<h3_stream&>(which);
    std::array<nghttp3_nv, response_fields::count_max> fields;
    std::size_t count = 0;
    for (const response_field& each : what.all()) {
        if (!is_advertisement(each.name)) {
            fields[count++] = as_nghttp3(each);
        }
    }
    const nghttp3_data_reader source{.read_data = &read_callback};
    static_cast<void>(check(nghttp3_conn_submit_response(engine(), to.id, fields.data(), count,
                                                         to.body.left() > 0 ? &source : nullptr)));
}

void h3_connection::release(stream_exchange& which) noexcept {
    auto& gone = static_cast<h3_stream&>(which);
    gone.facts.body_bytes = gone.counted ? gone.facts.body_bytes : gone.acknowledged;
    forget(gone);
    remove(gone);
    if (open_ == 0 && !dead_) {
        idle_since_ = shard::current().now();
        arm_timer(context_.limits.idle_timeout);
        end_if_drained();
    }
}

}  // namespace ringway::http::detail
