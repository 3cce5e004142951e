// What --http-redirect answers: go to https.
#pragma once

#include <cstdint>

#include <ringway/http/handler.hpp>
#include <ringway/tls/certificate_holder.hpp>

namespace ringway::cli {

/// Sends every request to the same host, path and query on https, with status 308 (RFC 9110 section
/// 15.4.9), which keeps the method. Only hosts that a certificate is for: no other name gets into
/// a Location. The challenges of ACME (RFC 8555 section 8.3) are served from the site instead,
/// because whoever renews a certificate puts them there.
class redirect_handler final : public http::handler {
public:
    /// `port` is that of the site on https. Lifetime: both outlive the handler.
    redirect_handler(http::handler& site, const tls::certificate_holder& certificates,
                     std::uint16_t port) noexcept
        : site_{site}, certificates_{certificates}, port_{port} {}

    [[nodiscard]] task<void> respond(const http::request& asked, http::response& out) override;

private:
    http::handler& site_;
    const tls::certificate_holder& certificates_;
    std::uint16_t port_;
};

}  // namespace ringway::cli
