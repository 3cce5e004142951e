// The life of an HTTP/2 connection: reading, writing, ending.
#include "http/h2_connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/runtime/shard.hpp>

#include "http/stop_relay.hpp"

namespace ringway::http::detail {
namespace {

// What nghttp2 may take for one connection: streams, header tables, frames that wait.
constexpr std::size_t memory_bytes_least = std::size_t{2} * 1024 * 1024;
// That carries so many streams; where more are allowed, each adds something.
constexpr std::size_t streams_carried = 100;
constexpr std::size_t bytes_per_stream = std::size_t{16} * 1024;

// A peer that goes on sending after GOAWAY is read for so many times the linger time.
constexpr int linger_factor_max = 5;

// For the last words of a connection that has used all its memory up.
constexpr std::size_t farewell_bytes = std::size_t{64} * 1024;

std::size_t memory_bytes_max(std::size_t streams_max) noexcept {
    const std::size_t more = std::max(streams_max, streams_carried) - streams_carried;
    return memory_bytes_least + more * bytes_per_stream;
}

// Honest peers compress; who does not may send this much more than the decoded limit.
std::size_t block_bytes_max(const wire::head_limits& limits) noexcept {
    return 2 * (limits.header_bytes_max + limits.target_bytes_max);
}

address_budget_ref budget_of(session_context& context, const std::string& client) {
    return connection_gate::is_loopback(client)
               ? address_budget_ref{}
               : context.budgets.find(connection_gate::key_of(client));
}

byte_view bytes_at(const std::uint8_t* data, std::size_t size) noexcept {
    return {reinterpret_cast<const std::byte*>(data), size};
}

}  // namespace

h2_connection::h2_connection(transport& output, session_context& context, observe::transport kind,
                             std::string client, bool secure, bool counted,
                             authority_guard authorities)
    : stream_session{context, kind, std::move(client), std::move(authorities)},
      timer{[](timer& self) noexcept { static_cast<h2_connection&>(self).tick(); }},
      out_{output},
      memory_{memory_bytes_max(context.limits.streams_max)},
      head_{context.limits.head, version::http_2},
      guard_{context.limits.budget, budget_of(context, client_),
             block_bytes_max(context.limits.head)},
      secure_{secure} {
    if (!counted) {
        context.metrics.connection_opened(kind);
    }
}

h2_connection::~h2_connection() { RW_ASSERT(engine_ == nullptr); }

task<void> h2_connection::run() {
    stop_relay relay{context_, stop_, hang_up_};
    relay.link(co_await this_stop{});
    since_ = shard::current().now();
    if (start()) {
        watch_input();
        writing_.spawn(write());
        if (context_.draining) {  // It came, or was handed over, while the server was ending.
            drain();
        }
        co_await read().under(stop_);
        ended_ = true;
        since_ = shard::current().now();
        arm_timer(context_.limits.linger);
        wake_.set();
        co_await writing_.join();
    }
    co_await end_work();
    release_all();
    nghttp2_session_del(std::exchange(engine_, nullptr));
    if (!peer_ended_ && !cut_off_) {
        co_await finish().under(hang_up_);
    }
    shard::current().timers().cancel(*this);
    set_active(false);
    context_.metrics.connection_closed(transport_, false);
    if (cut_off_) {
        reset_when_closed(out_.fd());
    }
    co_await out_.close();
}

// Makes nghttp2's part, and says what we expect of the peer.
bool h2_connection::start() {
    if (nghttp2_session_server_new3(&engine_, h2_callbacks(), this, h2_options(),
                                    memory_.for_nghttp2()) != 0) {
        engine_ = nullptr;
        return false;
    }
    const session_limits& limits = context_.limits;
    const auto list_bytes =
        limits.head.header_bytes_max + limits.head.target_bytes_max +
        std::size_t{32} * limits.head.header_count_max;  // RFC 9113 section 6.5.2.
    const std::array<nghttp2_settings_entry, 5> settings{{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams_max},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 65'535},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(list_bytes)},
        {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 0},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    }};
    return nghttp2_submit_settings(engine_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) ==
           0;
}

task<void> h2_connection::read() {
    while (!dead_ && nghttp2_session_want_read(engine_) != 0) {
        auto received = co_await out_.receive();
        if (!received || !*received) {
            peer_ended_ = !stop_.stop_requested();  // Else it was us.
            dead_ = dead_ || (peer_ended_ && !received);
            co_return;
        }
        const bool good = feed(received->bytes());
        wake_.set();
        if (!good) {
            co_return;
        }
    }
}

// Hands received bytes to nghttp2, which calls back for each frame. False: no more of them.
bool h2_connection::feed(byte_view bytes) {
    while (!bytes.empty() && !failed_) {
        bytes = bytes.subspan(feed_part(bytes));
    }
    watch_input();
    return !failed_;
}

// Up to the end, or behind the head of a DATA frame: nghttp2 does not tell of those that are late.
// Returns how many bytes that was.
std::size_t h2_connection::feed_part(byte_view bytes) {
    std::size_t good = bytes.size();
    const auto overdone = guard_.look_at(bytes, shard::current().now(), good);
    if (overdone) {
        hand_on(bytes.first(good));
        if (*overdone == observe::abuse_kind::h2_protocol_error) {
            fail_connection(NGHTTP2_PROTOCOL_ERROR);  // Is counted when it is told.
        } else {
            end_for(*overdone);
        }
        return bytes.size();
    }
    if (guard_.data_stream() != 0) {
        // What came before it may have opened or ended its stream.
        const std::size_t before = good - std::min(good, h2_scanner::head_bytes);
        hand_on(bytes.first(before));
        if (!failed_) {
            judge_frame_of_request(static_cast<std::int32_t>(guard_.data_stream()), false);
        }
        bytes = bytes.subspan(before, good - before);
    }
    if (!failed_) {
        hand_on(bytes);
    }
    return good;
}

void h2_connection::hand_on(byte_view bytes) {
    const ssize_t taken = nghttp2_session_mem_recv(
        engine_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (taken < 0) {
        switch (taken) {
            case NGHTTP2_ERR_NOMEM: end_for(observe::abuse_kind::h2_memory); break;
            case NGHTTP2_ERR_FLOODED: end_for(observe::abuse_kind::h2_control_flood); break;
            default: fail_connection(NGHTTP2_PROTOCOL_ERROR);
        }
    }
}

// The peer costs more than it should: it is told so, and nothing more is read of it.
void h2_connection::end_for(observe::abuse_kind why) noexcept {
    if (!failed_) {
        count_abuse(why);
        memory_.allow(farewell_bytes);
        fail_connection(NGHTTP2_ENHANCE_YOUR_CALM);
    }
}

// Ends the connection with GOAWAY, after what is queued already.
void h2_connection::fail_connection(std::uint32_t code) noexcept {
    failed_ = true;
    if (nghttp2_session_terminate_session(engine_, code) != 0) {
        dead_ = true;
    }
    stop_.request_stop();  // Of reading; what has arrived is not looked at any more.
    wake_.set();
}

task<void> h2_connection::write() {
    for (;;) {
        wake_.reset();
        fill();
        if (out_.pending() > 0) {
            flushing_ = true;
            flush_since_ = shard::current().now();
            flush_bytes_ = out_.pending();
            const auto flushed = co_await out_.flush();
            flushing_ = false;
            ++flushes_;
            if (!flushed) {
                dead_ = true;
            }
            if (!dead_) {
                continue;
            }
        }
        const bool over =
            nghttp2_session_want_read(engine_) == 0 && nghttp2_session_want_write(engine_) == 0;
        if (dead_ || over || (ended_ && !is_answering())) {
            stop_.request_stop();
            co_return;
        }
        const auto woken = co_await wake_.wait();
        if (!woken) {
            stop_.request_stop();
            co_return;
        }
    }
}

// Collects what nghttp2 has to send until the transport is full or there is no more.
void h2_connection::fill() {
    while (!dead_) {
        if (!leftover_.empty()) {
            if (leftover_.size() > out_.free_bytes()) {
                const std::size_t part = out_.free_bytes();
                out_.put(leftover_.first(part));
                leftover_ = leftover_.subspan(part);
                return;
            }
            out_.put(std::exchange(leftover_, byte_view{}));
        }
        const std::uint8_t* data = nullptr;
        const ssize_t size = nghttp2_session_mem_send(engine_, &data);
        if (size < 0) {
            dead_ = true;
        } else if (size == 0) {
            return;
        } else {
            leftover_ = bytes_at(data, static_cast<std::size_t>(size));
        }
    }
}

// The peer may not expect the end: closing with unread bytes would reset the connection, and the
// reset could overtake what was sent last.
task<void> h2_connection::finish() {
    const nanoseconds begun = shard::current().now();
    since_ = begun;
    arm_timer(context_.limits.linger);
    out_.shutdown_send();
    while (since_ - begun <= linger_factor_max * context_.limits.linger) {
        auto received = co_await out_.receive();
        if (!received || !*received) {
            co_return;
        }
        since_ = shard::current().now();
    }
}

}  // namespace ringway::http::detail
