// A network address translator that forgets its bindings, as those of homes and phones do.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "lab/link.hpp"
#include "lab/packet.hpp"

namespace ringway::lab {

struct nat_options {
    lab_time port_every{0};     ///< A new port after so long; 0: never.
    lab_time address_every{0};  ///< A new address after so long; 0: never.
    /// Where new addresses come from, in turn; those of the other IP version are left out.
    std::vector<ip_address> addresses = {};
    /// Packets to an earlier binding are dropped, as by a translator that has lost its table.
    /// false: they still arrive, as after a change of port by a translator that keeps the old one.
    bool forgets = true;
    bool tcp = false;  ///< TCP too; it does not survive that.
};

struct nat_counters {
    std::uint64_t rebindings = 0;
    std::uint64_t rewritten_up = 0;
    std::uint64_t rewritten_down = 0;
    std::uint64_t dropped_stale = 0;  ///< Came to a binding that was forgotten.
};

/// Rewrites the client's address and port, with correct checksums. A flow keeps what the client
/// chose until its first interval is over, counted from its first packet; a new binding begins with
/// the client's next packet. No I/O and no clock.
class nat {
public:
    /// Flows that are known at a time; packets of more pass unchanged.
    static constexpr std::size_t flows_max = 65536;

    explicit nat(nat_options options) : options_{std::move(options)} {}

    /// A packet of the client; rewrites it.
    void up(lab_time now, packet& bytes);

    /// A packet to the client; rewrites it. False if it is to be dropped.
    [[nodiscard]] bool down(packet& bytes);

    [[nodiscard]] const nat_counters& counters() const noexcept { return counters_; }

private:
    struct binding {
        ip_address address;
        std::uint16_t port = 0;
        transport_protocol protocol = transport_protocol::other;
        auto operator<=>(const binding&) const = default;
    };
    struct flow {
        lab_time began{0};
        std::int64_t port_changes = 0;
        std::int64_t address_changes = 0;
        binding outside;
    };

    [[nodiscard]] bool applies(const packet_facts& facts) const noexcept;
    void rebind(lab_time now, const binding& inside, flow& of);
    [[nodiscard]] std::uint16_t new_port(const binding& like);

    nat_options options_;
    std::map<binding, flow> flows_;         // By what the client chose.
    std::map<binding, binding> inside_of_;  // All bindings that lead to the client.
    std::uint16_t last_port_ = 0;
    nat_counters counters_;
};

}  // namespace ringway::lab
