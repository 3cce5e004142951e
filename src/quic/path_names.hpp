// Names by which ngtcp2 knows the peer's addresses, where those are not the addresses themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <ringway/net/endpoint.hpp>

namespace ringway::quic::detail {

/// To ngtcp2 an address is only a name. When only the peer's port changes, it goes on with the
/// congestion window of the old path, which RFC 9000 section 9.4 allows, and takes what was lost on
/// its way to the old port for congestion of the new path, which the same section forbids ("MUST
/// NOT contribute"). A router that gives a client another port mostly has forgotten the old one:
/// all of the flight is lost each time, and the window shrinks until nothing is left of it. It does
/// begin anew for another address. So a port for which a flight was left behind gets a name with an
/// address that nobody has (of 100::/64, RFC 6666).
class path_names {
public:
    /// The latest ones; nothing is sent to those before.
    static constexpr std::size_t names_max = 4;

    [[nodiscard]] bool empty() const noexcept { return known_.empty(); }

    /// The name of `real`, or null: then it is its own. Lifetime: until the next `make`.
    [[nodiscard]] const endpoint* find(const endpoint& real) const noexcept;

    /// Another address to ngtcp2 than any before. `keep` is not forgotten for it.
    const endpoint& make_apart(const endpoint& real, const endpoint& keep);

    /// The same address as that of `like`, with another port: `real` has no name when `like` has
    /// none, and null is yielded.
    const endpoint* make_like(const endpoint& real, const endpoint& like);

    /// Whose name it is; null for a forgotten one, itself where it is no name of ours.
    [[nodiscard]] const endpoint* real_of(const endpoint& named) const noexcept;

private:
    struct entry {
        endpoint real;
        endpoint name;
    };
    const endpoint& add(const endpoint& real, const endpoint& name, const endpoint& keep);

    std::vector<entry> known_;  // In the order of their making.
    std::uint64_t made_ = 0;
};

}  // namespace ringway::quic::detail
