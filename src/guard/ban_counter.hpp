// Which clients of a server have misbehaved so often that they are to be banned.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

#include "guard/cidr.hpp"
#include "guard/rule_book.hpp"

namespace ringway::guard {

/// Counts what clients did within a minute from the first time. Bounded: of more clients than
/// `clients_max` those whose minute has passed are forgotten, and else the new one is not counted.
/// Not for several threads at once.
class ban_counter {
public:
    static constexpr std::size_t clients_max = 65'536;
    static constexpr std::chrono::seconds window{60};

    /// `threshold` at least 1.
    explicit ban_counter(std::uint64_t threshold) noexcept : threshold_{threshold} {}

    /// Once more. True when the threshold is reached; then counting begins anew.
    [[nodiscard]] bool report(const cidr& client, time_point now);

private:
    struct count {
        std::uint64_t times = 0;
        time_point since;
    };
    [[nodiscard]] bool make_room(time_point now);

    std::uint64_t threshold_;
    std::map<cidr, count> clients_;
    time_point swept_{};
};

/// The client with this address as it is counted and banned: an IPv6 address stands for its /64.
/// An error for what is no IP address.
[[nodiscard]] told<cidr> client_of(std::string_view address);

}  // namespace ringway::guard
