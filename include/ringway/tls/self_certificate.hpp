// The development certificate of `--tls self`: made here, kept, and trusted by nobody.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include <ringway/tls/certificates.hpp>

namespace ringway::tls {

/// How long a development certificate is valid. Some clients refuse more than 825 days.
inline constexpr std::chrono::days self_certificate_days{365};

/// One that is valid for less than this is made anew.
inline constexpr std::chrono::days self_certificate_left_min{7};

/// Names beyond these are not put into it.
inline constexpr std::size_t self_certificate_names_max = 64;

/// A development certificate and where it came from.
struct self_certificate {
    certificate_text text;
    bool kept = false;    ///< Whether `text.file` exists: give it to clients to trust.
    std::string warning;  ///< Why it could not be kept; "" when it is.
};

/// The directory for it: $XDG_STATE_HOME/ringway, else ~/.local/state/ringway (XDG Base Directory
/// Specification); "" when the environment names neither.
[[nodiscard]] std::string state_directory();

/// What a development certificate is for by default: localhost, 127.0.0.1, ::1, the name of this
/// host and `addresses`, IP addresses as text. Sorted, each once.
[[nodiscard]] std::vector<std::string> self_certificate_names(
    std::span<const std::string> addresses);

/// The IP addresses of this machine's interfaces, but for link-local ones.
[[nodiscard]] std::vector<std::string> interface_addresses();

/// Makes a certificate for `names` (DNS names and IP addresses): P-256, signed by itself, valid
/// from an hour ago. Fails with a line for the operator. Takes a millisecond.
[[nodiscard]] std::expected<certificate_text, std::string> make_self_certificate(
    std::span<const std::string> names, std::int64_t now_unix_s);

/// The certificate in `directory` if it is for all `names` and valid for longer than
/// `self_certificate_left_min`, else a new one, which is kept there: the directory with mode 0700,
/// the file self.pem with 0600, replaced in one step. A new one keeps the names of the old, so that
/// servers with different addresses agree on one. Where nothing can be kept (`directory` may be "")
/// it is in memory only. Fails as `make_self_certificate`. Blocks.
[[nodiscard]] std::expected<self_certificate, std::string> obtain_self_certificate(
    const std::string& directory, std::span<const std::string> names, std::int64_t now_unix_s);

}  // namespace ringway::tls
