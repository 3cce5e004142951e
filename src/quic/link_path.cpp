// Datagrams of a link come in: by which path, and what it means when that is another one.
#include <algorithm>

#include <ringway/base/assert.hpp>

#include "quic/hub.hpp"
#include "quic/link.hpp"

namespace ringway::quic::detail {
namespace {

constexpr std::byte long_header{0x80};

// The destination id of a packet with a short header; empty for others.
byte_view id_of(byte_view datagram) noexcept {
    if (datagram.size() < 1 + connection_id_bytes || (datagram[0] & long_header) != std::byte{0}) {
        return {};
    }
    return datagram.subspan(1, connection_id_bytes);
}

}  // namespace

void link::receive(const arrival& from, byte_view datagram) {
    RW_ASSERT(!is_over());
    const endpoint& remote = remote_name(from, datagram);
    const ngtcp2_path path{to_ngtcp2(from.local), to_ngtcp2(remote), from.port};
    const ngtcp2_pkt_info info{.ecn = from.ecn};
    ++packets_received_;
    const int outcome = ngtcp2_conn_read_pkt(native(), &path, &info, octets(datagram),
                                             datagram.size(), advance(from.time));
    if (outcome != 0) {
        read_failed(outcome, from, datagram);
        return;
    }
    if (handshake_done_ && !settled_) {
        settle();
    }
    if (!(from.remote == peer_ && from.local == local_)) {
        note_path(*ngtcp2_conn_get_path(native()));
    }
    owner_.touch(*this);
}

// By which ngtcp2 knows the peer's end of a datagram's path, or is to know it. See path_names.
const endpoint& link::remote_name(const arrival& from, byte_view datagram) {
    const endpoint* name = names_.empty() ? nullptr : names_.find(from.remote);
    if (from.remote == peer_) {
        std::ranges::copy(id_of(datagram), latest_id_.begin());
    } else if (name == nullptr && is_behind_another_port(from, datagram)) {
        ngtcp2_conn_info info;
        ngtcp2_conn_get_conn_info(native(), &info);
        name = info.bytes_in_flight > 0 ? &names_.make_apart(from.remote, peer_)
                                        : names_.make_like(from.remote, peer_);
    }
    return name == nullptr ? from.remote : *name;
}

// Whether this is the same client behind another port, not by its own doing: it would have taken
// another id (RFC 9000 section 9.5), and would still listen at the old port.
bool link::is_behind_another_port(const arrival& from, byte_view datagram) const noexcept {
    return ngtcp2_conn_is_server(native()) != 0 && from.local == local_ && peer_.is_ip() &&
           from.remote.with_port(peer_.port()) == peer_ &&
           std::ranges::equal(id_of(datagram), latest_id_);
}

// To where ngtcp2 wants to send; false when that is forgotten.
bool link::find_real(ngtcp2_path& path) const noexcept {
    if (names_.empty()) {
        return true;
    }
    const endpoint named = from_ngtcp2(path.remote);
    const endpoint* const real = names_.real_of(named);
    if (real == nullptr) {
        return false;
    }
    const ngtcp2_addr to = to_ngtcp2(*real);
    ngtcp2_addr_copy_byte(&path.remote, to.addr, to.addrlen);
    return true;
}

void link::note_path(const ngtcp2_path& path) {
    local_ = from_ngtcp2(path.local);
    const endpoint named = from_ngtcp2(path.remote);
    const endpoint* const real = names_.real_of(named);
    RW_ASSERT(real != nullptr);  // Where the peer is now is not forgotten.
    if (*real == peer_) {
        return;
    }
    peer_ = *real;
    owner_.counters().migrations.add();
    if (application_ != nullptr) {
        application_->on_migrated(peer_);
    }
}

// ngtcp2 goes on at a new address at once, which anybody can have written into a datagram. What
// reaches the log has answered from there.
void link::tell_proved(const ngtcp2_path& validated) {
    const endpoint named = from_ngtcp2(validated.remote);
    const endpoint* const real = names_.real_of(named);
    const bool is_in_use = named == from_ngtcp2(ngtcp2_conn_get_path(native())->remote);
    if (is_in_use && real != nullptr && !(*real == told_peer_)) {
        told_peer_ = *real;
        if (application_ != nullptr) {
            application_->on_address_proved(*real);
        }
    }
}

}  // namespace ringway::quic::detail
