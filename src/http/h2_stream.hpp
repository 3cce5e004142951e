// One request of an HTTP/2 connection and its response.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>

#include <ringway/coro/frame_pool.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/http/handler.hpp>
#include <ringway/http/session.hpp>

#include "http/h2_body.hpp"
#include "http/h2_head.hpp"

namespace ringway::http::detail {

class h2_connection;

/// Made when the head of a request is complete. Goes when nghttp2 has closed the stream and no
/// coroutine works for it any more: until then it counts as open.
struct h2_stream {
    h2_stream(h2_connection& connection, std::int32_t number) noexcept
        : owner{connection}, id{number} {}
    h2_stream(const h2_stream&) = delete;
    h2_stream& operator=(const h2_stream&) = delete;

    static void* operator new(std::size_t size) { return ringway::detail::allocate_frame(size); }
    static void operator delete(void* memory, std::size_t size) noexcept {
        ringway::detail::free_frame(memory, size);
    }

    h2_connection& owner;
    std::int32_t id;
    bool closed = false;       // nghttp2 has forgotten it.
    bool answered = false;     // A response was submitted.
    bool body_ended = false;   // The peer has sent all of the request.
    unsigned working = 0;      // Coroutines that use it.
    int reject_status = 0;     // Answer with this error instead of asking the handler.
    bool misdirected = false;  // Asks for a name of another certificate.
    std::uint64_t body_received = 0;
    std::uint64_t sent_at_look = 0;
    unsigned stalled_looks = 0;  // How often in a row it had no window.
    ended_response facts;
    request_note note;
    stop_source stop;
    h2_body body;
    ready_ref ready;                       // The short way,
    std::unique_ptr<response> answer;      // or the long way.
    std::unique_ptr<h2_head::copy> asked;  // Of the long way, until there is an answer.
    std::size_t held_bytes = 0;            // Of `asked` and `note`.
    bool has_chunk = false;                // Of a cold file, in `body`.
    h2_stream* next = nullptr;
    h2_stream* previous = nullptr;
};

}  // namespace ringway::http::detail
