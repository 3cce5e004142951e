// What servers have left for the next connection, kept in a directory of the user's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ringway/quic/client.hpp>

namespace ringway::http::detail {

/// Where else an origin can be had by HTTP/3 (RFC 7838), until when.
struct known_alternative {
    std::string host;
    std::uint16_t port = 0;
    std::int64_t until_unix_s = 0;
    std::int64_t from_unix_s = 0;  ///< Not before: it led nowhere.
};

/// Sessions of QUIC and of TLS over TCP are no use to each other.
enum class session_kind : std::uint8_t { quic, tls };

/// Small files, one for each origin and kind, readable by their owner only. What can't be read or
/// written is as if it were not there. Blocks for a moment.
class client_sessions {
public:
    /// `directory` is made when there is something to keep; empty: nothing is kept.
    explicit client_sessions(std::string directory) : directory_{std::move(directory)} {}

    /// What `origin` has left, and forgets it: a ticket is used once, so that nobody can connect
    /// two of our connections (RFC 8446 appendix C.4).
    [[nodiscard]] quic::resumption take(std::string_view origin,
                                        session_kind kind = session_kind::quic);
    void keep(std::string_view origin, const quic::resumption& what,
              session_kind kind = session_kind::quic);

    [[nodiscard]] std::optional<known_alternative> alternative(std::string_view origin,
                                                               std::int64_t now_unix_s) const;
    void keep_alternative(std::string_view origin, const known_alternative& what);
    void forget_alternative(std::string_view origin);

private:
    [[nodiscard]] std::string path_of(std::string_view origin, std::string_view kind) const;
    void write(const std::string& path, std::string_view content);

    std::string directory_;
};

/// For a file, and back. Empty parts for what is no such text.
[[nodiscard]] std::string to_text(const quic::resumption& what);
[[nodiscard]] quic::resumption read_resumption(std::string_view text);

}  // namespace ringway::http::detail
