// An HTTP/2 connection on a simulated kernel, with a peer that sends bytes and notes what it gets.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ringway/coro/scope.hpp>
#include <ringway/files/file_handler.hpp>
#include <ringway/http/h2_session.hpp>
#include <ringway/net/plain_transport.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/ring/simulated_driver.hpp>
#include <ringway/runtime/shard.hpp>
#include <ringway/runtime/sleep.hpp>

#include "ring/simulated_random.hpp"

namespace ringway::test {

/// How the peer behaves.
struct sim_h2_manner {
    std::uint64_t seed = 1;
    std::size_t piece_max = 0;                  ///< Bytes of one send; 0: all at once.
    bool opens_windows = false;                 ///< Gives back what DATA takes.
    std::chrono::milliseconds window_delay{0};  ///< Waits so long before each time.
    std::chrono::milliseconds read_delay{0};    ///< Waits so long after each receive.
    bool hangs_up = true;  ///< Ends its side when all is sent; else it waits for the server.
};

/// What the server said.
struct sim_h2_result {
    std::map<std::uint32_t, std::string> bodies;  ///< DATA by stream.
    std::map<std::uint32_t, bool> ended;          ///< END_STREAM by stream.
    std::map<std::uint32_t, std::uint32_t> resets;
    std::optional<std::uint32_t> goaway;  ///< The last one's code.
    std::size_t frames = 0;
    bool well_formed = true;  ///< Whole frames, up to the end.
};

namespace detail_sim_h2 {

inline std::uint32_t number(std::string_view text) {
    std::uint32_t value = 0;
    for (const char c : text) {
        value = value << 8U | static_cast<unsigned char>(c);
    }
    return value;
}

inline std::string window_update(std::uint32_t stream, std::uint32_t by) {
    std::string text{"\0\0\4\10\0", 5};
    for (const std::uint32_t each : {stream, by}) {
        for (unsigned shift = 32; shift > 0; shift -= 8) {
            text += static_cast<char>(each >> (shift - 8));
        }
    }
    return text;
}

// Takes the whole frames off the front of `input`; returns what the peer answers.
inline std::string take_frames(std::string& input, sim_h2_result& out) {
    constexpr std::size_t head_bytes = 9;
    std::string answer;
    std::size_t at = 0;
    while (input.size() - at >= head_bytes) {
        const std::string_view rest = std::string_view{input}.substr(at);
        const std::size_t length = number(rest.substr(0, 3));
        if (rest.size() < head_bytes + length) {
            break;
        }
        const auto type = static_cast<unsigned char>(rest[3]);
        const auto flags = static_cast<unsigned char>(rest[4]);
        const std::uint32_t stream = number(rest.substr(5, 4));
        const std::string_view payload = rest.substr(head_bytes, length);
        ++out.frames;
        if (type == 0) {
            out.bodies[stream] += payload;
            if (length > 0) {
                answer += window_update(0, static_cast<std::uint32_t>(length)) +
                          window_update(stream, static_cast<std::uint32_t>(length));
            }
        }
        if (type <= 1) {
            out.ended[stream] |= (flags & 1U) != 0;
        } else if (type == 3) {
            out.resets[stream] = number(payload);
        } else if (type == 7) {
            out.goaway = number(payload.substr(4, 4));
        }
        at += head_bytes + length;
    }
    input.erase(0, at);
    return answer;
}

inline task<void> send_pieces(stream& to, std::string text, sim_h2_manner how) {
    detail::simulated_random random{how.seed};
    std::string_view rest{text};
    while (!rest.empty()) {
        const std::size_t size = how.piece_max == 0
                                     ? rest.size()
                                     : random.between(1, std::min(rest.size(), how.piece_max));
        const auto sent = co_await to.send(as_bytes(rest.substr(0, size)));
        if (!sent || *sent < size) {
            co_return;
        }
        rest.remove_prefix(size);
    }
    if (how.hangs_up) {
        to.shutdown_send();
    }
}

inline task<void> talk(int fd, std::string text, sim_h2_manner how, sim_h2_result& out) {
    stream connection{fd};
    scope sending;
    sending.spawn(send_pieces(connection, std::move(text), how));
    std::string input;
    for (;;) {
        auto received = co_await connection.receive();
        if (!received || !*received) {
            break;
        }
        input += as_text(received->bytes());
        const std::string answer = take_frames(input, out);
        if (how.opens_windows && !answer.empty()) {
            co_await sending.join();  // One send at a time.
            if (how.window_delay != std::chrono::milliseconds{0}) {
                static_cast<void>(co_await sleep_for(how.window_delay));
            }
            static_cast<void>(co_await connection.send(as_bytes(answer)));
        }
        if (how.read_delay != std::chrono::milliseconds{0}) {
            static_cast<void>(co_await sleep_for(how.read_delay));
        }
    }
    out.well_formed = input.empty();
    sending.request_stop();
    co_await sending.join();
    co_await connection.close();
}

inline task<void> serve(int fd, http::session_context& context) {
    context.metrics.connection_opened(observe::transport::tcp);
    stream connection{fd};
    plain_transport output{connection};
    http::h2_session session{output, context, observe::transport::tcp,
                             {},     false,   http::h2_session::origin::handed_over};
    co_await session.run();
}

}  // namespace detail_sim_h2

/// Serves one connection until both sides have closed it, and checks that nothing is left of it.
/// `handler` answers; `metrics` is the handler's.
[[nodiscard]] inline task<void> run_h2_connection(simulated_driver& io, http::handler& handler,
                                                  observe::http_metrics& metrics,
                                                  const http::session_limits& limits,
                                                  std::string text, sim_h2_manner how,
                                                  sim_h2_result& out) {
    http::session_context context{handler, limits, transfer_method::automatic, metrics, nullptr, 0};
    const auto ends = io.make_connection();
    scope both;
    both.spawn(detail_sim_h2::serve(ends[0], context));
    both.spawn(detail_sim_h2::talk(ends[1], std::move(text), how, out));
    co_await both.join();
    constexpr auto tcp = static_cast<std::size_t>(observe::transport::tcp);
    RW_ASSERT(metrics.in_flight.get() == 0);
    RW_ASSERT(metrics.active[tcp].get() == 0 && metrics.idle[tcp].get() == 0);
    RW_ASSERT(shard::current().timers().size() == 0);
    RW_ASSERT(context.first == nullptr);
}

}  // namespace ringway::test
