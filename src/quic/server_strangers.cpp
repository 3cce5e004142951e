// What a server does with datagrams of no connection that it has: new ones, late ones, strange
// ones.
#include <algorithm>
#include <array>
#include <cstring>

#include <ngtcp2/ngtcp2_crypto.h>

#include "quic/server_hub.hpp"

namespace ringway::quic::detail {
namespace {

constexpr std::size_t initial_bytes_min = 1200;  // RFC 9000 section 14.1.
// RFC 9000 section 10.3: what looks like a packet with the shortest id. A longer one would tell.
constexpr std::size_t reset_bytes_min = 21;
constexpr std::size_t reset_bytes_max = 43;
constexpr std::size_t reset_token_bytes = NGTCP2_STATELESS_RESET_TOKENLEN;

ngtcp2_cid id_of(const std::uint8_t* bytes, std::size_t size) noexcept {
    ngtcp2_cid made{};
    ngtcp2_cid_init(&made, bytes, size);
    return made;
}

byte_view bytes_of(const std::uint8_t* bytes, std::size_t size) noexcept {
    return {reinterpret_cast<const std::byte*>(bytes), size};
}

}  // namespace

void server_hub::take_forwarded(std::size_t port, arrival from, byte_view datagram) {
    if (port >= ports_.size() || !receiving_) {
        return;
    }
    from.port = ports_[port].get();
    counts_.forwarded_received.add();
    forwarded_ = true;
    dispatch(from, datagram);
    forwarded_ = false;
}

bool server_hub::hand_on(const arrival& from, byte_view datagram, const ngtcp2_version_cid& head) {
    const auto owner = owner_of(bytes_of(head.dcid, head.dcidlen));
    if (!owner || forwarded_ || *owner == shared_.owner(shard_) ||
        !(*owner == shared_.owner(owner->shard))) {
        return false;
    }
    if (shared_.forward(owner->shard, from, datagram)) {
        counts_.forwarded_sent.add();
    } else {
        counts_.dropped_forward_full.add();
    }
    return true;
}

void server_hub::unknown(const arrival& from, byte_view datagram, const ngtcp2_version_cid& head) {
    if (hand_on(from, datagram, head)) {
        return;
    }
    if (head.version == 0) {  // A short header: an id of ours, or what was one.
        stray(from, datagram, head);
    } else {
        take_in(from, datagram);
    }
}

void server_hub::stray(const arrival& from, byte_view datagram, const ngtcp2_version_cid& head) {
    const auto owner = owner_of(bytes_of(head.dcid, head.dcidlen));
    if (!owner) {
        counts_.dropped_unknown.add();
        return;
    }
    if (!(*owner == shared_.owner(owner->shard))) {
        counts_.dropped_foreign.add();  // It may live on in another process.
        return;
    }
    send_reset(from, datagram.size(), id_of(head.dcid, head.dcidlen));
}

// Always smaller than what it answers, so that two sides can't go on for ever.
void server_hub::send_reset(const arrival& from, std::size_t trigger_bytes, const ngtcp2_cid& id) {
    if (trigger_bytes <= reset_bytes_min || !resets_.allows(from.time)) {
        counts_.dropped_unknown.add();
        return;
    }
    std::array<std::byte, reset_bytes_max> random;
    fill_random(random);
    const std::size_t most = std::min(trigger_bytes - 1, reset_bytes_max);
    const std::size_t size =
        reset_bytes_min + static_cast<std::size_t>(random.back()) % (most - reset_bytes_min + 1);
    const reset_token token = shared_.tokens().make_reset(id);
    std::array<std::byte, reset_bytes_max> packet;
    const auto written =
        ngtcp2_pkt_write_stateless_reset(octets(byte_span{packet}), size, token.data(),
                                         octets(byte_view{random}), size - reset_token_bytes);
    if (written > 0) {
        counts_.resets_sent.add();
        answer(from, byte_view{packet}.first(static_cast<std::size_t>(written)));
    }
}

void server_hub::unknown_version(const arrival& from, byte_view datagram,
                                 const ngtcp2_version_cid& head) {
    if (datagram.size() < initial_bytes_min) {
        counts_.dropped_short_initial.add();
        return;
    }
    if (!negotiations_.allows(from.time)) {
        counts_.dropped_limit.add();
        return;
    }
    std::array<std::byte, 2> random;
    fill_random(random);
    // One that nobody has keeps clients from depending on the list (RFC 9000 section 6.3).
    const std::uint32_t reserved =
        NGTCP2_RESERVED_VERSION_MASK | static_cast<std::uint32_t>(random[0]) << 4U;
    const std::array<std::uint32_t, 3> known{reserved, NGTCP2_PROTO_VER_V1, NGTCP2_PROTO_VER_V2};
    std::array<std::byte, initial_bytes_min> packet;
    const auto written = ngtcp2_pkt_write_version_negotiation(
        octets(byte_span{packet}), packet.size(), static_cast<std::uint8_t>(random[1]), head.scid,
        head.scidlen, head.dcid, head.dcidlen, known.data(), known.size());
    if (written > 0) {
        counts_.version_negotiations.add();
        answer(from, byte_view{packet}.first(static_cast<std::size_t>(written)));
    }
}

void server_hub::take_in(const arrival& from, byte_view datagram) {
    ngtcp2_pkt_hd head;
    if (datagram.size() < initial_bytes_min) {
        counts_.dropped_short_initial.add();
        return;
    }
    if (ngtcp2_accept(&head, octets(datagram), datagram.size()) != 0) {
        counts_.dropped_unknown.add();  // Handshake or 0-RTT without their Initial.
        return;
    }
    const auto initial = judge(from, head);
    if (!initial) {
        return;
    }
    auto made = server_link::make(*this, from, *initial);
    if (made == nullptr) {
        counts_.dropped_limit.add();
        return;
    }
    server_link& fresh = *made;
    fresh.place = links_.size();
    links_.push_back(std::move(made));
    sweep_in(shared_.options().transport.rest_after);
    fresh.receive(from, datagram);
}

// Whether the client's first packet makes a connection; otherwise it has been answered here.
std::optional<accepted_initial> server_hub::judge(const arrival& from, const ngtcp2_pkt_hd& head) {
    const server_options& options = shared_.options();
    // Half-open ones have a limit of their own: anybody can begin them in somebody else's name.
    const std::size_t half_open = shared_.half_open();
    const std::size_t open = shared_.open();
    if (draining_ || open - std::min(open, half_open) >= options.connections_max) {
        counts_.dropped_limit.add();
        refuse(from, head, NGTCP2_CONNECTION_REFUSED);
        return std::nullopt;
    }
    if (half_open >= options.half_open_max) {
        counts_.dropped_limit.add();
        return std::nullopt;
    }
    accepted_initial initial{.head = head, .before_retry = {}, .address_known = false};
    const byte_view token = bytes_of(head.token, head.tokenlen);
    if (!token.empty() && token_keys::is_retry(token)) {
        initial.before_retry =
            shared_.tokens().open_retry(token, head.version, from.remote, head.dcid, wall_clock());
        (initial.before_retry ? counts_.tokens_accepted : counts_.tokens_rejected).add();
        if (!initial.before_retry) {
            refuse(from, head, NGTCP2_INVALID_TOKEN);
            return std::nullopt;
        }
        return initial;
    }
    if (!token.empty()) {
        initial.address_known = shared_.tokens().opens_address(token, from.remote, wall_clock());
        (initial.address_known ? counts_.tokens_accepted : counts_.tokens_rejected).add();
    }
    if (!initial.address_known && shared_.wants_retry()) {
        send_retry(from, head);
        return std::nullopt;
    }
    return initial;
}

void server_hub::refuse(const arrival& from, const ngtcp2_pkt_hd& head, std::uint64_t code) {
    std::array<std::byte, initial_bytes_min> packet;
    const auto written =
        ngtcp2_crypto_write_connection_close(octets(byte_span{packet}), packet.size(), head.version,
                                             &head.scid, &head.dcid, code, nullptr, 0);
    if (written > 0) {
        answer(from, byte_view{packet}.first(static_cast<std::size_t>(written)));
    }
}

void server_hub::send_retry(const arrival& from, const ngtcp2_pkt_hd& head) {
    const ngtcp2_cid ours = make_connection_id(shared_.owner(shard_));
    const auto token =
        shared_.tokens().make_retry(head.version, from.remote, ours, head.dcid, wall_clock());
    std::array<std::byte, initial_bytes_min> packet;
    const auto written = ngtcp2_crypto_write_retry(octets(byte_span{packet}), packet.size(),
                                                   head.version, &head.scid, &ours, &head.dcid,
                                                   octets(byte_view{token}), token.size());
    if (written > 0) {
        counts_.retries_sent.add();
        answer(from, byte_view{packet}.first(static_cast<std::size_t>(written)));
    }
}

void server_hub::answer(const arrival& from, byte_view packet) {
    const ngtcp2_path path = from.path();
    from.port->send_or_drop({packet, &path, packet.size(), 0});
}

}  // namespace ringway::quic::detail
