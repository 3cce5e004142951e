// What nghttp3 calls, handed on to the connection.
#include <cstddef>
#include <cstdint>

#include <nghttp3/nghttp3.h>

#include "http/client_h3.hpp"

namespace ringway::http::detail {
namespace {

client_h3& self_of(void* user) noexcept { return *static_cast<client_h3*>(user); }
client_stream* stream_of(void* user) noexcept { return static_cast<client_stream*>(user); }

std::string_view text_of(nghttp3_rcbuf* from) noexcept {
    const nghttp3_vec bytes = nghttp3_rcbuf_get_buf(from);
    return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

int received_field(nghttp3_conn*, std::int64_t, std::int32_t, nghttp3_rcbuf* name,
                   nghttp3_rcbuf* value, std::uint8_t, void* user, void* stream) {
    if (stream != nullptr) {
        self_of(user).on_field(*stream_of(stream), text_of(name), text_of(value));
    }
    return 0;
}

int ended_fields(nghttp3_conn*, std::int64_t, int, void* user, void* stream) {
    if (stream != nullptr) {
        self_of(user).on_head_end(*stream_of(stream));
    }
    return 0;
}

int received_data(nghttp3_conn*, std::int64_t id, const std::uint8_t* bytes, std::size_t size,
                  void* user, void* stream) {
    self_of(user).on_body(stream_of(stream), id, {reinterpret_cast<const std::byte*>(bytes), size});
    return 0;
}

int consumed_later(nghttp3_conn*, std::int64_t id, std::size_t size, void* user, void*) {
    self_of(user).link().consumed(id, size);
    return 0;
}

int ended_stream(nghttp3_conn*, std::int64_t, void* user, void* stream) {
    if (stream != nullptr) {
        self_of(user).on_end(*stream_of(stream));
    }
    return 0;
}

int closed_stream(nghttp3_conn*, std::int64_t, std::uint64_t code, void* user, void* stream) {
    self_of(user).on_stream_end(stream_of(stream), code);
    return 0;
}

int wants_stop(nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
    self_of(user).link().stop_reading(id, code);
    return 0;
}

int wants_reset(nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
    self_of(user).link().reset_stream(id, code);
    return 0;
}

int received_goaway(nghttp3_conn*, std::int64_t id, void* user) {
    self_of(user).on_goaway(id);
    return 0;
}

int received_settings(nghttp3_conn*, const nghttp3_settings* now, void* user) {
    self_of(user).on_settings(
        {now->max_field_section_size, now->qpack_max_dtable_capacity, now->qpack_blocked_streams});
    return 0;
}

}  // namespace

const nghttp3_callbacks& client_h3_callbacks() {
    static const nghttp3_callbacks made = [] {
        nghttp3_callbacks out{};
        out.recv_header = received_field;
        out.recv_trailer = received_field;
        out.end_headers = ended_fields;
        out.end_trailers = ended_fields;
        out.recv_data = received_data;
        out.deferred_consume = consumed_later;
        out.end_stream = ended_stream;
        out.stream_close = closed_stream;
        out.stop_sending = wants_stop;
        out.reset_stream = wants_reset;
        out.shutdown = received_goaway;
        out.recv_settings = received_settings;
        return out;
    }();
    return made;
}

}  // namespace ringway::http::detail
