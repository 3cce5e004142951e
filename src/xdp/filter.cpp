#include "xdp/filter.hpp"

#include <cstddef>

#include <ringway/xdp/match.hpp>

#include "xdp/headers.hpp"

namespace ringway::xdp {
namespace {

bool lies_in(const ip_address& address, const prefix& what) noexcept {
    const unsigned skipped = what.is_v6 ? 0 : 12;
    for (unsigned i = 0; i < what.bits; ++i) {
        const unsigned bit = 0x80U >> i % 8;
        if (((address[skipped + i / 8] ^ what.address[skipped + i / 8]) & bit) != 0) {
            return false;
        }
    }
    return true;
}

bool has_port(const filter::node& which, int port) noexcept {
    return port >= which.low && port <= which.high;
}

bool fits_ports(const filter::node& which, const frame_headers& it) noexcept {
    return (which.where != filter::side::target && has_port(which, it.source_port)) ||
           (which.where != filter::side::source && has_port(which, it.target_port));
}

bool fits_addresses(const filter::node& which, const frame_headers& it) noexcept {
    const bool is_v4 = it.ip_version == 4 || it.ether_type == type_arp;
    if (which.address.is_v6 ? it.ip_version != 6 : !is_v4) {
        return false;
    }
    return (which.where != filter::side::target && lies_in(it.source, which.address)) ||
           (which.where != filter::side::source && lies_in(it.target, which.address));
}

}  // namespace

bool filter::matches(const frame_headers& headers, std::size_t length) const noexcept {
    return nodes_.empty() || matches(root_, headers, length);
}

// As deep as the parser let it become.
bool filter::matches(std::size_t at, const frame_headers& it,  // NOLINT(misc-no-recursion)
                     std::size_t length) const noexcept {
    const node& which = nodes_[at];
    switch (which.what) {
        case kind::both: return matches(which.left, it, length) && matches(which.right, it, length);
        case kind::either:
            return matches(which.left, it, length) || matches(which.right, it, length);
        case kind::negated: return !matches(which.left, it, length);
        case kind::ip: return it.ip_version == which.low;
        case kind::protocol: return it.ip_version != 0 && it.protocol == which.low;
        case kind::arp: return it.ether_type == type_arp;
        case kind::vlan: return it.vlan >= 0 && (which.low < 0 || it.vlan == which.low);
        case kind::ports: return fits_ports(which, it);
        case kind::addresses: return fits_addresses(which, it);
        case kind::shorter: return length <= static_cast<std::size_t>(which.low);
        case kind::longer: return length >= static_cast<std::size_t>(which.low);
    }
    return false;
}

}  // namespace ringway::xdp
