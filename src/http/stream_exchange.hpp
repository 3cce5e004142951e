// One request of a protocol with streams, and its response.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include <ringway/coro/frame_pool.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/http/handler.hpp>
#include <ringway/http/session.hpp>

#include "http/stream_body.hpp"
#include "http/stream_head.hpp"

namespace ringway::http::detail {

/// What HTTP/2 and HTTP/3 have in common about a stream. Goes when the protocol has closed the
/// stream and no coroutine works for it any more: until then it counts as open.
struct stream_exchange {
    stream_exchange() = default;
    stream_exchange(const stream_exchange&) = delete;
    stream_exchange& operator=(const stream_exchange&) = delete;

    static void* operator new(std::size_t size) { return ringway::detail::allocate_frame(size); }
    static void operator delete(void* memory, std::size_t size) noexcept {
        ringway::detail::free_frame(memory, size);
    }

    bool closed = false;       // The library has forgotten it.
    bool answered = false;     // A response was submitted.
    bool body_ended = false;   // The peer has sent all of the request.
    bool on_hold = false;      // May not be answered yet: it may be a replay (RFC 8470).
    bool due = false;          // Would be answered but for that.
    bool misdirected = false;  // Asks for a name of another certificate.
    bool counted = false;      // The response is in the metrics and the log.
    unsigned working = 0;      // Coroutines that use it.
    int reject_status = 0;     // Answer with this error instead of asking the handler.
    std::uint64_t body_received = 0;
    std::uint64_t sent_at_look = 0;
    unsigned stalled_looks = 0;  // How often in a row it had no window.
    ended_response facts;
    request_note note;
    stop_source stop;
    stream_body body;
    ready_ref ready;                           // The short way,
    std::unique_ptr<response> answer;          // or the long way.
    std::unique_ptr<stream_head::copy> asked;  // Of the long way, until there is an answer.
    std::size_t held_bytes = 0;                // Of `asked` and `note`.
    stream_exchange* next = nullptr;
    stream_exchange* previous = nullptr;

protected:
    ~stream_exchange() = default;
};

}  // namespace ringway::http::detail
