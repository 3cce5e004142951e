// The whole way between a client and a server: a translator, and a link in each direction.
#pragma once

#include <cstdint>
#include <optional>

#include "lab/link.hpp"
#include "lab/nat.hpp"
#include "lab/packet.hpp"

namespace ringway::lab {

struct path_options {
    link_options up;    ///< From the client to the server.
    link_options down;  ///< And back.
    nat_options nat;    ///< At the client's end.
    std::uint64_t seed = 1;

    /// The same in both directions: half the round trip each, the same rate and loss.
    [[nodiscard]] static path_options symmetric(lab_time round_trip,
                                                std::uint64_t bits_per_second = 0,
                                                loss_options loss = {});
};

struct path_counters {
    link_counters up;
    link_counters down;
    nat_counters nat;
};

/// The impairment engine: time is given, packets come in and go out with times.
class path {
public:
    explicit path(const path_options& options);

    /// A packet comes from the client (`up`) or from the server (`down`).
    void push(path_direction direction, lab_time now, packet bytes);

    /// When the next packet leaves at either end; nothing if none is on its way.
    [[nodiscard]] std::optional<lab_time> next() const;

    struct arrival {
        path_direction direction = path_direction::up;
        lab_time due{0};  ///< When it was to arrive.
        packet bytes;
    };
    /// A packet that has got to its end by `now`; nothing if there is none.
    [[nodiscard]] std::optional<arrival> pop(lab_time now);

    [[nodiscard]] path_counters counters() const;

private:
    link up_;
    link down_;
    nat nat_;
};

}  // namespace ringway::lab
