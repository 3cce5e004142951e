// URLs of the schemes http and https: reading, resolving references, putting together (RFC 3986).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <ringway/base/result.hpp>

namespace ringway::wire {

/// A URL as a client needs it. The fragment is dropped: it is never sent (RFC 9110 section 7.1).
struct url {
    bool secure = false;     ///< https.
    std::string host;        ///< In lower case; an IPv6 address without its brackets.
    bool is_ipv6 = false;    ///< The host is an IPv6 address.
    std::uint16_t port = 0;  ///< The scheme's own where none was given; never 0.
    /// Path and query, as they are sent: begins with '/', percent-encodings as they were given.
    std::string target = "/";

    [[nodiscard]] std::string_view scheme() const noexcept { return secure ? "https" : "http"; }
    [[nodiscard]] std::uint16_t default_port() const noexcept { return secure ? 443 : 80; }

    /// The target up to the query.
    [[nodiscard]] std::string_view path() const noexcept;

    /// "example.org", "[::1]:8080": what Host and :authority say, the port where it isn't the
    /// scheme's own.
    [[nodiscard]] std::string authority() const;

    /// "https://example.org": what connections and what is remembered of a server are kept by.
    [[nodiscard]] std::string origin() const;

    /// The whole URL.
    [[nodiscard]] std::string text() const;

    friend bool operator==(const url&, const url&) = default;
};

/// The longest URL that is read.
inline constexpr std::size_t url_bytes_max = 65536;

/// Reads an absolute URL. Segments "." and ".." are resolved (section 5.2.4); bytes of the path and
/// the query that a URL can't hold, as spaces and those beyond ASCII, are percent-encoded.
///
/// Fails with `malformed`, for user information (RFC 9110 section 4.2.4), other schemes and hosts
/// that are not ASCII as well; then `*reason`, if asked for, is one sentence that lives for ever.
[[nodiscard]] result<url> parse_url(std::string_view text, std::string_view* reason = nullptr);

/// What `reference`, as of a Location field, means to `base` (section 5.2.2). Fails as `parse_url`.
[[nodiscard]] result<url> resolve_url(const url& base, std::string_view reference,
                                      std::string_view* reason = nullptr);

/// A name for a file with the content of `of`: the last segment of its path, decoded. Empty where
/// there is none, or none that may be a file here: "." and "..", with a slash or a control
/// character in it, longer than 255 bytes.
[[nodiscard]] std::string file_name_of(const url& of);

}  // namespace ringway::wire
