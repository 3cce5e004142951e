// Which clients of a server have misbehaved so often that they are to be banned.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

#include "guard/cidr.hpp"
#include "guard/rule_book.hpp"

namespace ringway::guard {

/// Counts points of what clients did within a minute from the first time. Bounded: of more clients
/// than `clients_max` those whose minute has passed are forgotten, and else the new one is not
/// counted. Not for several threads at once.
class ban_counter {
public:
    static constexpr std::size_t clients_max = 65'536;
    static constexpr std::chrono::seconds window{60};
    static constexpr std::uint64_t points_of_abuse = 16;
    /// Many people behind one address have too many connections now and then.
    static constexpr std::uint64_t points_of_refusal = 1;

    /// `threshold`: how often abuse must be, at least 1.
    explicit ban_counter(std::uint64_t threshold) noexcept
        : threshold_{threshold * points_of_abuse} {}

    /// Once more. True when the threshold is reached; then counting begins anew.
    [[nodiscard]] bool report(const cidr& client, time_point now,
                              std::uint64_t points = points_of_abuse);

private:
    struct count {
        std::uint64_t points = 0;
        time_point since;
    };
    [[nodiscard]] bool make_room(time_point now);

    std::uint64_t threshold_;
    std::map<cidr, count> clients_;
    time_point swept_{};
};

/// The client with this address as it is counted and banned: an IPv6 address stands for its /64,
/// but one of a link (fe80::) for itself: its neighbours have the same prefix. An error for what is
/// no IP address.
[[nodiscard]] told<cidr> client_of(std::string_view address);

}  // namespace ringway::guard
