// HTTP/3 for the QUIC connections of one shard (RFC 9114).
#pragma once

#include <memory>
#include <string>

#include <ringway/http/connection_gate.hpp>
#include <ringway/http/session_context.hpp>
#include <ringway/quic/server.hpp>
#include <ringway/tls/server_context.hpp>

namespace ringway::http {

/// Makes a session for each connection that the gate admits. The sessions stand in the context's
/// list with those over TCP; they end by `quic::server_endpoint::finish`.
class h3_service final : public quic::service {
public:
    /// Lifetime: all outlive the service and its sessions.
    h3_service(session_context& context, connection_gate& gate,
               const tls::server_context& secure) noexcept
        : context_{context}, gate_{gate}, secure_{secure} {}

    /// Null where a limit of the gate is reached. Allocates.
    [[nodiscard]] std::unique_ptr<quic::application> accept(
        quic::accepted_connection& client) override;

private:
    session_context& context_;
    connection_gate& gate_;
    const tls::server_context& secure_;
};

/// What a client keeps of our SETTINGS along with a ticket, for `quic::server_options::remembered`:
/// early data relies on it (RFC 9114 section 7.2.4.2).
[[nodiscard]] std::string h3_remembered_settings(const session_limits& limits);

}  // namespace ringway::http
