#include <ringway/http/h3_service.hpp>

#include <utility>

#include "http/h3_connection.hpp"

namespace ringway::http {

std::unique_ptr<quic::application> h3_service::accept(quic::accepted_connection& client) {
    std::string address = connection_gate::address_text(client.peer());
    std::string key =
        connection_gate::is_loopback(address) ? std::string{} : connection_gate::key_of(address);
    // It is counted when the handshake is complete: until then anybody can have sent its packets in
    // somebody else's name.
    if (const auto said = gate_.would_admit(key); said != connection_gate::verdict::admitted) {
        context_.metrics.rejected.add(detail::reason_of(said));
        return nullptr;
    }
    gate_pass pass{gate_, std::move(key)};
    const tls::policy* const shown = client.shown();
    authority_guard guard =
        shown == nullptr ? authority_guard{} : authority_guard{secure_.certificates(), *shown};
    return std::make_unique<detail::h3_connection>(client, context_, std::move(address),
                                                   std::move(guard), std::move(pass));
}

std::string h3_remembered_settings(const session_limits& limits) {
    const nghttp3_settings settings = detail::h3_settings(limits);
    return "h3 " + std::to_string(settings.max_field_section_size) + ' ' +
           std::to_string(settings.qpack_max_dtable_capacity) + ' ' +
           std::to_string(settings.qpack_blocked_streams);
}

}  // namespace ringway::http
