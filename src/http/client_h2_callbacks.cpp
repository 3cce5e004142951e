// What nghttp2 calls, handed on to the connection.
#include <cstddef>
#include <cstdint>

#include <nghttp2/nghttp2.h>

#include <ringway/base/assert.hpp>

#include "http/client_h2.hpp"

namespace ringway::http::detail {
namespace {

client_h2& self_of(void* user) noexcept { return *static_cast<client_h2*>(user); }

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) noexcept {
    return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_session_callbacks* make_callbacks() {
    nghttp2_session_callbacks* made = nullptr;
    const int failed = nghttp2_session_callbacks_new(&made);
    RW_ASSERT(failed == 0);
    nghttp2_session_callbacks_set_on_header_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                 std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                 std::uint8_t, void* user) {
            return self_of(user).on_header(frame->hd.stream_id, text_of(name, name_size),
                                           text_of(value, value_size));
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
            return self_of(user).on_frame(*frame);
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        made, [](nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                 std::size_t size, void* user) {
            return self_of(user).on_body(id, {reinterpret_cast<const std::byte*>(bytes), size});
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        made, [](nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
            self_of(user).on_closed(id, code);
            return 0;
        });
    return made;
}

nghttp2_option* make_options() {
    nghttp2_option* made = nullptr;
    const int failed = nghttp2_option_new(&made);
    RW_ASSERT(failed == 0);
    nghttp2_option_set_no_auto_window_update(made, 1);
    nghttp2_option_set_peer_max_concurrent_streams(made, 100);  // Until SETTINGS say.
    nghttp2_option_set_no_closed_streams(made, 1);
    return made;
}

}  // namespace

const nghttp2_session_callbacks* client_h2_callbacks() {
    static const nghttp2_session_callbacks* const made = make_callbacks();
    return made;
}

const nghttp2_option* client_h2_options() {
    static const nghttp2_option* const made = make_options();
    return made;
}

}  // namespace ringway::http::detail
