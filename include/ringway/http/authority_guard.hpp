// Whether a request belongs on the TLS connection that it came on.
#pragma once

#include <string>
#include <string_view>

#include <ringway/tls/certificate_holder.hpp>

namespace ringway::http {

/// Compares the authority of requests with the certificate that was shown: a client that connected
/// under one name must not ask for a name that has a certificate, and so a policy, of its own (RFC
/// 9110 section 7.4). One per connection.
class authority_guard {
public:
    /// Admits everything: there is no TLS.
    authority_guard() = default;

    /// `shown` is the policy that the client was shown. Lifetime: both outlive the guard.
    authority_guard(const tls::certificate_holder& certificates, const tls::policy& shown) noexcept
        : certificates_{&certificates}, shown_{&shown} {}

    /// Whether a request for `authority`, host and port, may be answered here; else the answer is
    /// 421. A name that no certificate is for is admitted, as everywhere.
    [[nodiscard]] bool admits(std::string_view authority);

private:
    const tls::certificate_holder* certificates_ = nullptr;
    const tls::policy* shown_ = nullptr;
    std::string admitted_;  // The latest: clients seldom ask for another.
};

}  // namespace ringway::http
