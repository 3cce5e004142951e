// What nghttp2 calls, handed on to the connection.
#include <ringway/base/assert.hpp>

#include "http/h2_connection.hpp"

namespace ringway::http::detail {
namespace {

h2_connection& connection_of(void* user) noexcept { return *static_cast<h2_connection*>(user); }

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) noexcept {
    return {reinterpret_cast<const char*>(bytes), size};
}

int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    connection_of(user).on_frame_begins(*head);
    return 0;
}

int on_begin_headers(nghttp2_session*, const nghttp2_frame*, void* user) {
    connection_of(user).begin_head();
    return 0;
}

int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
              std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
              std::uint8_t, void* user) {
    return connection_of(user).on_header(*frame, text_of(name, name_size),
                                         text_of(value, value_size));
}

// Without this nghttp2 would pass over a field with forbidden characters (RFC 9113 section 8.2.1).
int on_invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t,
                      const std::uint8_t*, std::size_t, std::uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int on_frame_received(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    return connection_of(user).on_frame_received(*frame);
}

// A request that nghttp2 refuses itself: there is never a stream for it.
int on_invalid_frame(nghttp2_session*, const nghttp2_frame* frame, int, void* user) {
    connection_of(user).on_refused(frame->hd.stream_id);
    return 0;
}

int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    connection_of(user).on_frame_sent(*frame);
    return 0;
}

int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t*, std::size_t size,
            void* user) {
    connection_of(user).on_body_bytes(id, size);
    return 0;
}

int on_stream_closed(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    connection_of(user).on_stream_closed(id, code);
    return 0;
}

int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head, std::size_t size,
              nghttp2_data_source* source, void* user) {
    return connection_of(user).send_data(*static_cast<h2_stream*>(source->ptr), head, size);
}

nghttp2_session_callbacks* make_callbacks() {
    nghttp2_session_callbacks* made = nullptr;
    RW_ASSERT(nghttp2_session_callbacks_new(&made) == 0);
    nghttp2_session_callbacks_set_on_begin_frame_callback(made, &on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, &on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, &on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(made, &on_invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, &on_frame_received);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, &on_invalid_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, &on_frame_sent);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, &on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, &on_stream_closed);
    nghttp2_session_callbacks_set_send_data_callback(made, &send_data);
    return made;
}

nghttp2_option* make_options() {
    nghttp2_option* made = nullptr;
    RW_ASSERT(nghttp2_option_new(&made) == 0);
    nghttp2_option_set_builtin_recv_extension_type(made, NGHTTP2_PRIORITY_UPDATE);
    // Its limits would come before ours, with other codes and without our counters.
    constexpr std::uint64_t never = std::uint64_t{1} << 40U;
    nghttp2_option_set_stream_reset_rate_limit(made, never, never);
    return made;
}

}  // namespace

const nghttp2_session_callbacks* h2_callbacks() {
    static const nghttp2_session_callbacks* const made = make_callbacks();
    return made;
}

const nghttp2_option* h2_options() {
    static const nghttp2_option* const made = make_options();
    return made;
}

}  // namespace ringway::http::detail
