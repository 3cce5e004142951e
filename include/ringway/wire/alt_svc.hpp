// Alternative services: where else, and with which protocol, an origin can be had (RFC 7838).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringway::wire {

struct alternative {
    std::string protocol;              ///< An ALPN name, decoded: "h3".
    std::string host;                  ///< Empty: the origin's own. IPv6 without brackets.
    std::uint16_t port = 0;            ///< Never 0.
    std::uint32_t max_age_s = 86'400;  ///< How long this may be remembered.

    friend bool operator==(const alternative&, const alternative&) = default;
};

struct alt_svc {
    bool clear = false;                     ///< Forget what was said before.
    std::vector<alternative> alternatives;  ///< By preference; at most `alternatives_max`.
};

inline constexpr std::size_t alternatives_max = 16;

/// Reads the value of an Alt-Svc field (section 3). What breaks the grammar ends the reading: the
/// alternatives before it count.
[[nodiscard]] alt_svc parse_alt_svc(std::string_view value);

}  // namespace ringway::wire
