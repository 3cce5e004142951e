// Scenarios that a seed picks: many kinds of clients in all kinds of weather.
#pragma once

#include <cstdint>
#include <string>

#include "support/sim_server.hpp"

namespace ringway::test {

enum class sim_weather : std::uint8_t {
    perfect,  ///< Nothing fails; things take time and come in any order.
    gentle,   ///< Faults that a correct server lets nobody notice.
    stormy,   ///< Everything that a kernel and a network can do.
};

/// 1 to 20 clients, of which some leave early.
[[nodiscard]] sim_scenario pick_scenario(const sim_site& site, std::uint64_t seed,
                                         sim_weather weather);

/// What a run did wrong, with how to replay it; "" if nothing.
[[nodiscard]] std::string judge(const sim_scenario& scenario, const sim_run& run,
                                sim_weather weather);

}  // namespace ringway::test
