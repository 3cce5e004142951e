// What nghttp3 calls, handed on to the connection.
#include "http/h3_connection.hpp"

namespace ringway::http::detail {
namespace {

h3_connection& connection_of(void* user) noexcept { return *static_cast<h3_connection*>(user); }

std::string_view text_of(nghttp3_rcbuf* of) noexcept {
    const nghttp3_vec bytes = nghttp3_rcbuf_get_buf(of);
    return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

// Calls for streams that QUIC has closed have no stream any more: a request may have waited for the
// table of QPACK until then.
template <class Call>
int with_stream(void* stream, Call call) {
    if (stream != nullptr) {
        call(*static_cast<h3_stream*>(stream));
    }
    return 0;
}

int on_acknowledged(nghttp3_conn*, std::int64_t, std::uint64_t bytes, void* user, void* stream) {
    return with_stream(stream,
                       [&](h3_stream& of) { connection_of(user).on_body_acknowledged(of, bytes); });
}

int on_data(nghttp3_conn*, std::int64_t id, const std::uint8_t*, std::size_t size, void* user,
            void* stream) {
    connection_of(user).on_consumed(id, size);
    return with_stream(stream, [&](h3_stream& in) { connection_of(user).on_body_bytes(in, size); });
}

int on_deferred(nghttp3_conn*, std::int64_t id, std::size_t size, void* user, void*) {
    connection_of(user).on_consumed(id, size);
    return 0;
}

int on_begin_head(nghttp3_conn*, std::int64_t id, void* user, void*) {
    return connection_of(user).on_begin_head(id);
}

int on_field(nghttp3_conn*, std::int64_t, std::int32_t, nghttp3_rcbuf* name, nghttp3_rcbuf* value,
             std::uint8_t, void* user, void* stream) {
    return stream == nullptr ? 0
                             : connection_of(user).on_field(*static_cast<h3_stream*>(stream),
                                                            text_of(name), text_of(value));
}

int on_head(nghttp3_conn*, std::int64_t, int, void* user, void* stream) {
    return with_stream(stream, [&](h3_stream& in) { connection_of(user).on_head(in); });
}

int on_request_end(nghttp3_conn*, std::int64_t, void* user, void* stream) {
    return with_stream(stream, [&](h3_stream& in) { connection_of(user).on_request_end(in); });
}

int on_stop(nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
    connection_of(user).on_engine_stop(id, code);
    return 0;
}

int on_reset(nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
    connection_of(user).on_engine_reset(id, code);
    return 0;
}

}  // namespace

// Trailers are checked by nghttp3 and passed over.
const nghttp3_callbacks& h3_callbacks() noexcept {
    static const nghttp3_callbacks made{
        .acked_stream_data = &on_acknowledged,
        .recv_data = &on_data,
        .deferred_consume = &on_deferred,
        .begin_headers = &on_begin_head,
        .recv_header = &on_field,
        .end_headers = &on_head,
        .stop_sending = &on_stop,
        .end_stream = &on_request_end,
        .reset_stream = &on_reset,
    };
    return made;
}

}  // namespace ringway::http::detail
