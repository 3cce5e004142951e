#include "lab/nat.hpp"

namespace ringway::lab {
namespace {

// Below the ports that Linux gives out by itself (ip_local_port_range begins at 32768).
constexpr std::uint16_t port_first = 10000;
constexpr std::uint16_t port_last = 31999;

std::int64_t intervals(lab_time passed, lab_time every) {
    return every.count() > 0 ? passed / every : 0;
}

}  // namespace

bool nat::applies(const packet_facts& facts) const noexcept {
    return (options_.port_every.count() > 0 || options_.address_every.count() > 0) &&
           (facts.protocol == transport_protocol::udp ||
            (options_.tcp && facts.protocol == transport_protocol::tcp));
}

std::uint16_t nat::new_port(const binding& like) {
    for (int tries = 0; tries <= port_last - port_first; ++tries) {
        last_port_ = last_port_ < port_first || last_port_ == port_last
                         ? port_first
                         : static_cast<std::uint16_t>(last_port_ + 1);
        binding candidate = like;
        candidate.port = last_port_;
        if (!inside_of_.contains(candidate)) {
            break;
        }
    }
    return last_port_;
}

void nat::rebind(lab_time now, const binding& inside, flow& of) {
    const auto port_changes = intervals(now - of.began, options_.port_every);
    const auto address_changes = intervals(now - of.began, options_.address_every);
    if (port_changes == of.port_changes && address_changes == of.address_changes) {
        return;
    }
    if (options_.forgets) {
        inside_of_.erase(of.outside);
    }
    if (address_changes != of.address_changes) {
        std::vector<ip_address> fitting;
        for (const auto& address : options_.addresses) {
            if (address.v6 == inside.address.v6) {
                fitting.push_back(address);
            }
        }
        if (!fitting.empty()) {
            const auto index = static_cast<std::size_t>(address_changes - 1) % fitting.size();
            of.outside.address = fitting[index];
        }
    }
    if (port_changes != of.port_changes) {
        of.outside.port = new_port(of.outside);
    }
    of.port_changes = port_changes;
    of.address_changes = address_changes;
    inside_of_[of.outside] = inside;
    ++counters_.rebindings;
}

void nat::up(lab_time now, packet& bytes) {
    auto facts = read_packet(bytes);
    if (!facts || !applies(*facts)) {
        return;
    }
    const binding inside{address_of(bytes, *facts, packet_end::source), facts->source_port,
                         facts->protocol};
    auto found = flows_.find(inside);
    if (found == flows_.end()) {
        if (flows_.size() >= flows_max) {
            return;
        }
        found = flows_.emplace(inside, flow{.began = now, .outside = inside}).first;
        inside_of_[inside] = inside;
    }
    rebind(now, inside, found->second);
    const auto& outside = found->second.outside;
    if (outside != inside) {
        write_address(bytes, *facts, packet_end::source, outside.address);
        write_port(bytes, *facts, packet_end::source, outside.port);
        ++counters_.rewritten_up;
    }
}

bool nat::down(packet& bytes) {
    const auto facts = read_packet(bytes);
    if (!facts || !applies(*facts)) {
        return true;
    }
    const binding outside{address_of(bytes, *facts, packet_end::destination),
                          facts->destination_port, facts->protocol};
    const auto found = inside_of_.find(outside);
    if (found == inside_of_.end()) {
        ++counters_.dropped_stale;
        return false;
    }
    const auto& inside = found->second;
    if (inside != outside) {
        write_address(bytes, *facts, packet_end::destination, inside.address);
        write_port(bytes, *facts, packet_end::destination, inside.port);
        ++counters_.rewritten_down;
    }
    return true;
}

}  // namespace ringway::lab
