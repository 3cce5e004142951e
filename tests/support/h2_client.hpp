// HTTP/2 by hand: frames as bytes, so that a test can say what no library would.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ringway/base/unique_fd.hpp>

namespace ringway::test {

namespace h2 {

// RFC 9113 section 6, RFC 9218 section 7.1.
enum type : std::uint8_t {
    data = 0,
    headers = 1,
    priority = 2,
    rst_stream = 3,
    settings = 4,
    push_promise = 5,
    ping = 6,
    goaway = 7,
    window_update = 8,
    continuation = 9,
    priority_update = 16,
};
enum flag : std::uint8_t {
    none = 0,
    ack = 1,
    end_stream = 1,
    end_headers = 4,
    padded = 8,
    with_priority = 32,
};
// RFC 9113 section 7.
enum code : std::uint32_t {
    no_error = 0,
    protocol_error = 1,
    internal_error = 2,
    flow_control_error = 3,
    settings_timeout = 4,
    stream_closed = 5,
    frame_size_error = 6,
    refused_stream = 7,
    cancel = 8,
    compression_error = 9,
    enhance_your_calm = 11,
};

inline constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

using fields = std::vector<std::pair<std::string, std::string>>;

/// `value` in network byte order.
[[nodiscard]] std::string u16(std::uint16_t value);
[[nodiscard]] std::string u32(std::uint32_t value);

/// A frame; the length is that of `payload` unless said otherwise.
[[nodiscard]] std::string frame(int type, int flags, std::uint32_t stream,
                                std::string_view payload = {},
                                std::optional<std::uint32_t> length = {});
/// A header block of literals without indexing (RFC 7541 section 6.2.2), not compressed.
[[nodiscard]] std::string block(const fields& list);
/// GET of `path` with further fields.
[[nodiscard]] fields get(std::string_view path, const fields& more = {});
/// HEADERS with END_HEADERS and END_STREAM.
[[nodiscard]] std::string request(std::uint32_t stream, const fields& list,
                                  int flags = end_headers | end_stream);
[[nodiscard]] std::string setting(std::uint16_t id, std::uint32_t value);
[[nodiscard]] std::string ping_frame(std::string_view opaque = "01234567", int flags = 0);

}  // namespace h2

struct h2_frame {
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
    std::string payload;

    /// Of RST_STREAM and GOAWAY.
    [[nodiscard]] std::uint32_t code() const;
    [[nodiscard]] bool has(int flag) const noexcept { return (flags & flag) != 0; }
};

/// A connection to a server on this machine. Blocking; waits a few seconds at most.
class h2_client {
public:
    /// Connects and, unless told otherwise, sends the preface with `settings` and acknowledges the
    /// server's.
    explicit h2_client(int port, std::string_view settings = {}, bool greet = true,
                       int receive_buffer = 0);

    /// Sends all of it. What the server no longer takes is dropped: it may have hung up.
    void send(std::string_view bytes);

    /// The next frame; none at the end of the connection or when nothing comes.
    [[nodiscard]] std::optional<h2_frame> next();
    /// The next frame of `type`, on `stream` if that is given; others are passed over.
    [[nodiscard]] std::optional<h2_frame> next_of(int type,
                                                  std::optional<std::uint32_t> stream = {});

    /// All DATA of `stream`, up to END_STREAM or RST_STREAM; opens the windows as it goes.
    [[nodiscard]] std::string body_of(std::uint32_t stream);

    /// Whether PING is answered: the connection lives.
    [[nodiscard]] bool answers_ping();
    /// Whether the connection is at its end; reads what is left.
    [[nodiscard]] bool ends();

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

private:
    [[nodiscard]] bool read_to(std::size_t size);

    unique_fd fd_;
    std::string input_;
};

}  // namespace ringway::test
