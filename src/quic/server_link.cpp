#include "quic/server_link.hpp"

#include <cstring>
#include <utility>

#include "quic/connection_id.hpp"
#include "quic/early_data_guard.hpp"
#include "quic/link_callbacks.hpp"
#include "quic/link_mtu.hpp"
#include "quic/server_hub.hpp"

namespace ringway::quic::detail {
namespace {

// Version 2 where the client offers it (RFC 9368, compatible negotiation: no round trip).
constexpr std::uint32_t versions_by_preference[]{NGTCP2_PROTO_VER_V2, NGTCP2_PROTO_VER_V1};

// The closing period (RFC 9000 section 10.2).
constexpr unsigned probe_timeouts_kept = 3;

}  // namespace

server_link::server_link(server_hub& owner, const arrival& from)
    : link{owner, from.local, from.remote}, hub_{owner} {
    hub_.shared().open_.fetch_add(1);
    hub_.shared().half_open_.fetch_add(1);
    hub_.counts().connections_open.add();
    hub_.counts().handshakes_open.add();
}

std::unique_ptr<server_link> server_link::make(server_hub& owner, const arrival& from,
                                               const accepted_initial& initial) {
    const server_options& options = owner.shared().options();
    const ngtcp2_pkt_hd& head = initial.head;
    std::unique_ptr<server_link> made{new server_link{owner, from}};
    ngtcp2_settings settings;
    fill_settings(
        settings, options.transport,
        payload_bytes_of_interface(from.port->socket().fd(), from.interface, from.remote.family()));
    settings.initial_ts = made->advance(from.time);
    if (options.prefer_version_2) {  // Else the client's choice stands.
        settings.preferred_versions = versions_by_preference;
        settings.preferred_versionslen = std::size(versions_by_preference);
    }
    settings.available_versions = versions_by_preference;
    settings.available_versionslen = std::size(versions_by_preference);
    if (initial.before_retry || initial.address_known) {
        settings.token = head.token;
        settings.tokenlen = head.tokenlen;
        settings.token_type =
            initial.before_retry ? NGTCP2_TOKEN_TYPE_RETRY : NGTCP2_TOKEN_TYPE_NEW_TOKEN;
    }
    made->open_qlog(settings, options.transport.qlog_directory, head.dcid);

    ngtcp2_transport_params params;
    fill_parameters(params, options.transport);
    params.original_dcid = initial.before_retry.value_or(head.dcid);
    params.original_dcid_present = 1;
    if (initial.before_retry) {
        params.retry_scid = head.dcid;
        params.retry_scid_present = 1;
    }
    ngtcp2_cid ours{};
    made->make_id(ours, params.stateless_reset_token);
    params.stateless_reset_token_present = 1;
    made->fill_preferred(params);

    const ngtcp2_path path = from.path();
    ngtcp2_conn* native = nullptr;
    if (ngtcp2_conn_server_new(&native, &head.scid, &ours, &path, head.version, &callbacks(),
                               &settings, &params, made->engine_memory(),
                               static_cast<link*>(made.get())) != 0) {
        made->leave_half_open();
        owner.shared().open_.fetch_sub(1);
        owner.counts().connections_open.sub();
        made->retire_all_ids();
        return nullptr;
    }
    made->adopt(native, tls_session::accept(owner.shared().crypto(), made->reference()),
                options.transport.congestion);
    if (options.transport.keep_alive > nanoseconds{0}) {
        ngtcp2_conn_set_keep_alive_timeout(
            native, static_cast<ngtcp2_duration>(options.transport.keep_alive.count()));
    }
    made->register_id(ours);
    made->register_id(head.dcid);
    return made;
}

void server_link::fill_preferred(ngtcp2_transport_params& into) {
    const server_options& options = hub_.shared().options();
    ngtcp2_preferred_addr& wish = into.preferred_addr;
    if (options.preferred_v4) {
        wish.ipv4_present = 1;
        std::memcpy(&wish.ipv4, options.preferred_v4->address(), sizeof(wish.ipv4));
    }
    if (options.preferred_v6) {
        wish.ipv6_present = 1;
        std::memcpy(&wish.ipv6, options.preferred_v6->address(), sizeof(wish.ipv6));
    }
    if (wish.ipv4_present != 0 || wish.ipv6_present != 0) {
        into.preferred_addr_present = 1;
        make_id(wish.cid, wish.stateless_reset_token);
        register_id(wish.cid);
    }
}

void server_link::make_id(ngtcp2_cid& id, std::uint8_t* token) {
    id = make_connection_id(hub_.shared().owner(hub_.shard_number()));
    const reset_token made = hub_.shared().tokens().make_reset(id);
    std::memcpy(token, made.data(), made.size());
}

// The first thing behind the ClientHello.
std::unique_ptr<application> server_link::make_protocol() {
    if (early_data_guard::take_refusal()) {
        hub_.counts().early_data_refused.add();
    }
    return hub_.protocol().accept(*this);
}

void server_link::handshake_completed() {
    leave_half_open();
    if (tls().early_data_accepted()) {
        hub_.counts().early_data_accepted.add();
    } else if (tls().early_data_offered()) {
        hub_.counts().early_data_refused.add();
    }
    tls().send_tickets();
    give_token();
}

void server_link::give_token() {
    const auto token = hub_.shared().tokens().make_address(peer_, wall_clock());
    ngtcp2_conn_submit_new_token(native(), octets(byte_view{token}), token.size());
}

// The token that the client has is for its former address.
void server_link::path_validated() {
    note_path(*ngtcp2_conn_get_path(native()));
    give_token();
}

void server_link::leave_behind(farewell how, byte_view packet) {
    if (how == farewell::silent) {
        return;
    }
    const auto period = ngtcp2_conn_get_pto(native()) * probe_timeouts_kept;
    hub_.mark(*this, ids(), packet, nanoseconds{static_cast<nanoseconds::rep>(period)});
}

void server_link::has_ended() {
    leave_half_open();
    hub_.shared().open_.fetch_sub(1);
    hub_.counts().connections_open.sub();
    hub_.bury(*this);
}

void server_link::wants_retry(const arrival& from, byte_view datagram) {
    ngtcp2_pkt_hd head;
    if (ngtcp2_accept(&head, octets(datagram), datagram.size()) == 0) {
        hub_.send_retry(from, head);
    }
}

void server_link::leave_half_open() noexcept {
    if (std::exchange(half_open_, false)) {
        hub_.shared().half_open_.fetch_sub(1);
        hub_.counts().handshakes_open.sub();
    }
}

}  // namespace ringway::quic::detail
