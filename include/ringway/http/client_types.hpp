// What goes into the HTTP client and what comes out of it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/wire/url.hpp>

namespace ringway::http {

enum class client_version : std::uint8_t { automatic, http_1_1, http_2, http_3 };

/// "HTTP/1.1", "HTTP/2", "HTTP/3"; "HTTP" for `automatic`.
[[nodiscard]] std::string_view name_of(client_version version) noexcept;

struct client_field {
    std::string name;  ///< Of a response: in lower case where it came by HTTP/2 or HTTP/3.
    std::string value;
};

/// The value of the first field called `name`, whatever its case; null if there is none.
[[nodiscard]] const std::string* find_field(const std::vector<client_field>& fields,
                                            std::string_view name) noexcept;

struct client_request {
    std::string method = "GET";
    wire::url target;
    /// Beside Host, Content-Length and what the options add; a field of the same name replaces
    /// that. Those that belong to the connection are refused.
    std::vector<client_field> fields;
    std::string body;
};

/// How far a request came.
enum class client_stage : std::uint8_t { request, name, connect, tls, response, body };

/// Why a request has failed.
struct client_failure {
    client_stage stage = client_stage::request;
    error what;
    std::string text;                 ///< One line for people.
    bool certificate = false;         ///< At `tls`: the server's certificate was refused.
    bool surely_unprocessed = false;  ///< The server has not looked at it.
};

template <class T>
using client_result = std::expected<T, client_failure>;

/// What became of a server's offer of HTTP/3 (Alt-Svc), where any version would do.
enum class http3_offer : std::uint8_t {
    none,     ///< There was none.
    taken,    ///< HTTP/3 it is.
    slower,   ///< TCP was there before QUIC, which was tried first: UDP may be blocked.
    failed,   ///< QUIC failed.
    avoided,  ///< It was slower or failed less than five minutes ago, so it was not tried.
};

/// "none", "taken" and so on.
[[nodiscard]] std::string_view name_of(http3_offer offer) noexcept;

/// When what had happened, counted from the beginning of the fetch. What did not happen, as with a
/// connection that was there already, took no time: it has the value of the step before.
struct client_timings {
    nanoseconds name{0};        ///< The name was resolved.
    nanoseconds connect{0};     ///< TCP was connected; for QUIC as `tls`.
    nanoseconds tls{0};         ///< Keys were agreed on; without TLS as `connect`.
    nanoseconds first_byte{0};  ///< The head of the response was there.
    nanoseconds total{0};       ///< The body had ended.
    bool reused = false;        ///< The connection was there already.
    bool resumed = false;       ///< Keys came from an earlier connection's ticket.
    bool early_data = false;    ///< The request went out with the first packet, and was accepted.
    http3_offer http3 = http3_offer::none;
};

/// What the transport has measured: TCP_INFO, or QUIC's loss recovery (RFC 9002).
struct client_facts {
    nanoseconds rtt{0};
    nanoseconds rtt_min{0};
    std::uint64_t lost = 0;               ///< Packets that we sent and lost.
    std::uint64_t retransmitted = 0;      ///< Segments sent again, over the life of the connection.
    std::uint64_t congestion_window = 0;  ///< Bytes.
};

/// The head of a response.
struct client_head {
    int status = 0;
    std::vector<client_field> fields;
};

}  // namespace ringway::http
