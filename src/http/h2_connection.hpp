// The state of an HTTP/2 connection, between nghttp2, the transport and the handler.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <nghttp2/nghttp2.h>

#include <ringway/base/bytes.hpp>
#include <ringway/coro/event.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/semaphore.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/http/authority_guard.hpp>
#include <ringway/net/transport.hpp>
#include <ringway/runtime/timer_wheel.hpp>

#include "http/engine_memory.hpp"
#include "http/h2_guard.hpp"
#include "http/h2_recent_streams.hpp"
#include "http/h2_stream.hpp"
#include "http/stream_head.hpp"
#include "http/stream_session.hpp"

namespace ringway::http::detail {

class response_fields;

/// See `h2_session`.
class h2_connection final : public stream_session, timer {
public:
    h2_connection(transport& output, session_context& context, observe::transport kind,
                  std::string client, bool secure, bool counted, authority_guard authorities);
    ~h2_connection();

    [[nodiscard]] task<void> run();
    void drain() noexcept override;
    void cut_off() noexcept override;

    // What nghttp2 calls; see h2_callbacks.cpp.
    void on_frame_begins(const nghttp2_frame_hd& head) noexcept;
    [[nodiscard]] int on_header(const nghttp2_frame& frame, std::string_view name,
                                std::string_view value);
    [[nodiscard]] int on_frame_received(const nghttp2_frame& frame);
    void on_refused(std::int32_t id) noexcept { reset_streams_.remember(id); }
    void on_frame_sent(const nghttp2_frame& frame) noexcept;
    void on_body_bytes(std::int32_t id, std::size_t count);
    void on_stream_closed(std::int32_t id, std::uint32_t code) noexcept;
    [[nodiscard]] ssize_t read_data(h2_stream& of, std::size_t length, std::uint32_t& flags);
    [[nodiscard]] int send_data(h2_stream& of, const std::uint8_t* head, std::size_t length);

    void begin_head() noexcept { head_.start(); }

private:
    [[nodiscard, gnu::noinline]] task<void> read();
    [[nodiscard, gnu::noinline]] task<void> write();
    [[nodiscard, gnu::noinline]] task<void> load_chunk(h2_stream& of);
    [[nodiscard, gnu::noinline]] task<void> finish();

    [[nodiscard]] bool start();
    [[nodiscard]] bool feed(byte_view bytes);
    [[nodiscard]] std::size_t feed_part(byte_view bytes);
    void hand_on(byte_view bytes);
    void fill();
    void fail_connection(std::uint32_t code) noexcept;

    void take_request(std::int32_t id, bool ended);
    [[nodiscard]] bool takes_answer(const stream_exchange&) const noexcept override { return true; }
    void submit_fields(stream_exchange& which, const response_fields& what) override;
    void wake() noexcept override { wake_.set(); }
    void judge_frame_of_request(std::int32_t id, bool is_head) noexcept;
    void reset(h2_stream& which, std::uint32_t code) noexcept;
    void reset_sent(std::uint32_t code) noexcept;
    void goaway_sent(std::uint32_t code) noexcept;
    [[nodiscard]] h2_stream* stream_of(std::int32_t id) const noexcept;
    void release(stream_exchange& which) noexcept override;
    [[nodiscard]] ssize_t read_file(h2_stream& of, std::size_t length);
    [[nodiscard]] std::size_t chunk_size(const h2_stream& of, std::uint64_t left) const noexcept;
    void drop_chunk(h2_stream& of) noexcept;

    void end_for(observe::abuse_kind why) noexcept;
    void say_goodbye() noexcept;
    void arm_timer(std::chrono::milliseconds limit) noexcept;
    void watch_input() noexcept;
    void tick() noexcept;
    void look_at_input(nanoseconds now) noexcept;
    void look_at_streams(nanoseconds now) noexcept;
    [[nodiscard]] bool is_too_slow(nanoseconds now, std::uint64_t wanted) noexcept;
    void end_stalled_streams(std::uint64_t wanted) noexcept;

    transport& out_;
    engine_memory memory_;
    stream_head head_;
    h2_guard guard_;
    nghttp2_session* engine_ = nullptr;
    stop_source stop_;                 // Ends reading and writing.
    stop_source hang_up_;              // Ends the farewell.
    scope writing_;                    // The writer.
    event wake_;                       // Tells it that there may be something to write.
    byte_view leftover_;               // Of nghttp2's output: did not fit.
    byte_span prefilled_;              // Room in the output with the bytes of the next DATA frame.
    std::string_view staged_;          // Or where they lie in memory.
    semaphore chunks_{32};             // Reads of cold files at a time.
    std::size_t chunks_held_ = 0;      // What they have read, or will have.
    std::int32_t newest_ = 0;          // The highest stream that the peer has opened.
    h2_recent_streams reset_streams_;  // By us: the peer may not have known.
    h2_recent_streams ended_streams_;  // In any other way.
    std::uint64_t body_sent_ = 0;
    nanoseconds since_{0};  // When the last stream ended, or the farewell began.
    nanoseconds drain_since_{0};
    std::optional<nanoseconds> unfinished_since_;  // A frame or a header block.
    std::uint64_t unfinished_ = 0;                 // Which one, see `h2_guard`.
    // At the last look at the rate:
    nanoseconds rate_since_{0};
    std::uint64_t delivered_at_look_ = 0;
    std::uint64_t flushes_at_look_ = 0;
    std::uint64_t body_sent_at_look_ = 0;
    bool was_flushing_ = false;
    bool cut_off_ = false;
    std::uint64_t flushes_ = 0;
    nanoseconds flush_since_{0};   // When the one in flight, or the last, began,
    std::size_t flush_bytes_ = 0;  // and what it had to send.
    bool secure_;
    bool failed_ = false;      // The last GOAWAY is on its way, or was.
    bool ended_ = false;       // No more is read.
    bool peer_ended_ = false;  // Because the peer sends no more.
    bool flushing_ = false;
    bool draining_ = false;
    bool goaway_final_ = false;  // Later requests are not served.
};

/// What all sessions give nghttp2; made once.
[[nodiscard]] const nghttp2_session_callbacks* h2_callbacks();
[[nodiscard]] const nghttp2_option* h2_options();

}  // namespace ringway::http::detail
