// The bounded sets that requests and connections are counted by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringway::observe {

/// In the order of `http::version`.
enum class http_protocol : std::uint8_t { http_1_0, http_1_1, http_2, http_3, count_ };

/// What a connection runs on.
enum class transport : std::uint8_t { tcp, tls, quic, unix_, count_ };

/// Why a connection was not served.
enum class reject_reason : std::uint8_t {
    limit_total,    ///< --max-connections.
    limit_address,  ///< --max-connections-per-address.
    no_fds,         ///< EMFILE or ENFILE.
    no_memory,      ///< ENOMEM or ENOBUFS.
    tls_handshake,  ///< The handshake failed.
    count_,
};

/// What a peer did that no well-behaved client does.
enum class abuse_kind : std::uint8_t {
    malformed_head,         ///< 400: the head of a request does not follow its grammar.
    malformed_body,         ///< 400: broken chunks.
    target_too_long,        ///< 414.
    head_too_large,         ///< 431.
    body_too_large,         ///< 413.
    unknown_method,         ///< 501.
    unsupported_version,    ///< 505.
    tls_on_plain_port,      ///< A TLS handshake where plain HTTP is spoken.
    plain_on_tls_port,      ///< Plain HTTP where TLS is spoken.
    path_escape,            ///< A path that would leave the root.
    h2_protocol_error,      ///< HTTP/2 framing or state.
    h2_rapid_reset,         ///< Streams opened and reset at once.
    h2_control_flood,       ///< PING, SETTINGS or empty frames without end.
    h2_made_reset,          ///< Streams that we had to reset, again and again.
    h2_continuation_flood,  ///< A header block without end.
    h2_header_bomb,         ///< Little that becomes far too much when it is decoded.
    h2_stalled,             ///< Windows that are kept shut.
    h2_memory,              ///< More memory for one connection than it may take.
    h3_protocol_error,      ///< HTTP/3 or QPACK.
    h3_rapid_reset,         ///< Streams opened and reset at once.
    h3_made_reset,          ///< Streams that we had to reset, again and again.
    h3_control_flood,       ///< PRIORITY_UPDATE, MAX_PUSH_ID, unknown or empty frames without end.
    h3_stream_flood,        ///< Unidirectional streams without end.
    h3_qpack_flood,         ///< Instructions of QPACK that serve no request.
    h3_header_bomb,         ///< Little that becomes far too much when it is decoded.
    h3_stalled,             ///< Windows that are kept shut.
    h3_memory,              ///< More memory for one connection than it may take.
    count_,
};

/// Which deadline ended a connection.
enum class timeout_kind : std::uint8_t { header, body, idle, min_rate, drain, handshake, count_ };

/// Where the file of a response came from: ready-made bytes, an open descriptor, the file system.
/// `none`: no file was involved.
enum class cache_tier : std::uint8_t { body, fd, miss, none, count_ };

/// How the bytes of a body reached the socket.
enum class transfer_way : std::uint8_t { memory, copy, sendfile, splice, zero_copy, count_ };

/// Who gave a stream of HTTP/2 or HTTP/3 up before its end.
enum class reset_side : std::uint8_t { client, server, count_ };

/// With which code we ended a connection of HTTP/2.
enum class goaway_code : std::uint8_t {
    no_error,
    protocol_error,
    enhance_your_calm,
    other,
    count_
};

/// The ALPN name: "http/1.0", "http/1.1", "h2", "h3".
[[nodiscard]] std::string_view name_of(http_protocol which) noexcept;
/// As it stands in a request line: "HTTP/1.1", "HTTP/2".
[[nodiscard]] std::string_view version_text(http_protocol which) noexcept;
[[nodiscard]] std::string_view name_of(transport which) noexcept;
[[nodiscard]] std::string_view name_of(reject_reason which) noexcept;
[[nodiscard]] std::string_view name_of(abuse_kind which) noexcept;
[[nodiscard]] std::string_view name_of(timeout_kind which) noexcept;
/// "hit", "fd", "miss", "-".
[[nodiscard]] std::string_view name_of(cache_tier which) noexcept;
[[nodiscard]] std::string_view name_of(transfer_way which) noexcept;

[[nodiscard]] std::string_view name_of(reset_side which) noexcept;
[[nodiscard]] std::string_view name_of(goaway_code which) noexcept;

/// What kind of abuse a parser's refusal with `status` is: 414, 431, 413, 501, 505, else
/// `malformed_head`.
[[nodiscard]] abuse_kind abuse_of_status(int status) noexcept;

/// How many values an enumeration of this header has.
template <class Label>
inline constexpr std::size_t label_count = static_cast<std::size_t>(Label::count_);

}  // namespace ringway::observe
