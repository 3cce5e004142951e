#include "quic/client_link.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "quic/connection_id.hpp"
#include "quic/link_callbacks.hpp"
#include "quic/link_mtu.hpp"

namespace ringway::quic::detail {
namespace {

constexpr std::size_t first_id_bytes = 18;  // Of the server, until it has chosen one itself.
constexpr std::size_t parameters_bytes_max = 256;

std::uint32_t number_of(version which) noexcept {
    return which == version::v2 ? NGTCP2_PROTO_VER_V2 : NGTCP2_PROTO_VER_V1;
}

ngtcp2_cid random_id(std::size_t size) noexcept {
    ngtcp2_cid made{};
    made.datalen = size;
    fill_random({reinterpret_cast<std::byte*>(made.data), size});
    return made;
}

// The address of the server's family, if it names one.
endpoint preferred_address(const ngtcp2_preferred_addr& offered, int family) noexcept {
    if (family == AF_INET && offered.ipv4_present != 0) {
        return *endpoint::from(reinterpret_cast<const sockaddr*>(&offered.ipv4),
                               sizeof(offered.ipv4));
    }
    if (family == AF_INET6 && offered.ipv6_present != 0) {
        return *endpoint::from(reinterpret_cast<const sockaddr*>(&offered.ipv6),
                               sizeof(offered.ipv6));
    }
    return {};
}

}  // namespace

client_link::client_link(client_hub& owner, const endpoint& local, const endpoint& server,
                         make_application protocol)
    : link{owner, local, server}, hub_{owner}, maker_{std::move(protocol)} {}

result<void> client_link::begin(udp_port& port, std::string_view host,
                                const tls::client_context& context, const client_options& options,
                                const resumption& earlier) {
    std::vector<std::uint32_t> versions;
    versions.reserve(options.versions.size());
    for (const version each : options.versions) {
        versions.push_back(number_of(each));
    }
    ngtcp2_settings settings;
    fill_settings(settings, options.transport,
                  payload_bytes_of_route(port.socket().fd(), port.local().family()));
    settings.initial_ts = clock();
    settings.available_versions = versions.data();
    settings.available_versionslen = versions.size();
    settings.preferred_versions = versions.data();
    settings.preferred_versionslen = versions.size();
    settings.token = octets(byte_view{earlier.token});
    settings.tokenlen = earlier.token.size();
    settings.token_type =
        earlier.token.empty() ? NGTCP2_TOKEN_TYPE_UNKNOWN : NGTCP2_TOKEN_TYPE_NEW_TOKEN;
    ngtcp2_transport_params params;
    fill_parameters(params, options.transport);
    const ngtcp2_cid theirs = random_id(first_id_bytes);
    const ngtcp2_cid ours = random_id(id_bytes);
    open_qlog(settings, options.transport.qlog_directory, theirs);
    follow_preferred_ = options.follow_preferred_address;

    local_ = port.local();
    const ngtcp2_path path{to_ngtcp2(local_), to_ngtcp2(peer_), &port};
    ngtcp2_conn* native = nullptr;
    if (ngtcp2_conn_client_new(&native, &theirs, &ours, &path, versions.front(), &callbacks(),
                               &settings, &params, nullptr, static_cast<link*>(this)) != 0) {
        return fail(errc::invalid_argument);
    }
    version_ = versions.front();
    adopt(native, tls_session::connect(context, host, earlier.session, reference()),
          options.transport.congestion);
    register_id(ours);
    if (options.transport.keep_alive > nanoseconds{0}) {
        ngtcp2_conn_set_keep_alive_timeout(
            native, static_cast<ngtcp2_duration>(options.transport.keep_alive.count()));
    }
    const byte_view remembered{earlier.parameters};
    if (options.early_data && !earlier.session.empty() && !remembered.empty() &&
        ngtcp2_conn_decode_and_set_0rtt_transport_params(native, octets(remembered),
                                                         remembered.size()) == 0) {
        early_attempted_ = true;
        if (const failure said = begin_protocol()) {
            close(*said, "");
        }
    }
    owner().touch(*this);
    return {};
}

void client_link::make_id(ngtcp2_cid& id, std::uint8_t* token) {
    id = random_id(id_bytes);
    fill_random({reinterpret_cast<std::byte*>(token), NGTCP2_STATELESS_RESET_TOKENLEN});
}

std::unique_ptr<application> client_link::make_protocol() {
    auto maker = std::exchange(maker_, {});
    return maker ? maker(*this) : nullptr;
}

void client_link::handshake_completed() {
    version_ = ngtcp2_conn_get_negotiated_version(native());
    std::array<std::byte, parameters_bytes_max> room;
    const auto size =
        ngtcp2_conn_encode_0rtt_transport_params(native(), octets(byte_span{room}), room.size());
    if (size > 0) {
        parameters_.assign(room.begin(), room.begin() + size);
    }
    if (tls().early_data_accepted()) {
        owner().counters().early_data_accepted.add();
    }
    handshake_over.set();
}

void client_link::handshake_confirmed() {
    confirmed_ = true;
    confirmation_over.set();
}

void client_link::token_received(byte_view token) { token_.assign(token.begin(), token.end()); }

bool client_link::choose_preferred(ngtcp2_path& path, const ngtcp2_preferred_addr& offered) {
    const endpoint there = preferred_address(offered, peer_.family());
    if (!follow_preferred_ || !there.is_ip()) {
        return false;
    }
    const auto port = hub_.open_port(local_.with_port(0), there);
    if (!port) {
        return false;
    }
    hub_.use(**port);
    const endpoint here = (*port)->local();
    const ngtcp2_addr from = to_ngtcp2(here);
    const ngtcp2_addr to = to_ngtcp2(there);
    ngtcp2_addr_copy_byte(&path.local, from.addr, from.addrlen);
    ngtcp2_addr_copy_byte(&path.remote, to.addr, to.addrlen);
    path.user_data = *port;
    return true;
}

void client_link::has_ended() {
    handshake_over.set();
    confirmation_over.set();
    over.set();
}

result<void> client_link::migrate(udp_port& to) {
    if (is_over()) {
        return fail(errc::closed);
    }
    if (ngtcp2_conn_get_remote_transport_params(native())->disable_active_migration != 0) {
        return fail(errc::not_permitted);
    }
    const ngtcp2_path path{to_ngtcp2(to.local()), to_ngtcp2(peer_), &to};
    const int begun = ngtcp2_conn_initiate_migration(native(), &path, clock());
    owner().touch(*this);
    if (begun != 0) {
        return fail(errc::would_block);
    }
    return {};
}

void client_link::rebind(udp_port& to) {
    const ngtcp2_addr here = to_ngtcp2(to.local());
    ngtcp2_conn_set_local_addr(native(), &here);
    ngtcp2_conn_set_path_user_data(native(), &to);
    local_ = to.local();
    owner().touch(*this);
}

result<void> client_link::update_keys() {
    if (is_over()) {
        return fail(errc::closed);
    }
    if (!confirmed_ || ngtcp2_conn_initiate_key_update(native(), clock()) != 0) {
        return fail(errc::would_block);
    }
    owner().touch(*this);
    return {};
}

resumption client_link::resumption_data() const {
    return {.session = tls().resumption_data(),
            .parameters = parameters_,
            .token = token_,
            .application = {}};
}

std::uint32_t client_link::version_in_use() const noexcept {
    return handshake_done_ ? version_ : 0;
}

}  // namespace ringway::quic::detail
