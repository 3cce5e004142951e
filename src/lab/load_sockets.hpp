// The connections of a load generator.
#pragma once

#include <cstdint>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include "lab/outcome.hpp"

namespace ringway::lab {

/// Connections from one address: less than half of the ports that there are (ip_local_port_range).
inline constexpr unsigned connections_per_address = 10'000;

/// Opens `count` connections to 127.0.0.1:`port`, from 127.0.0.2, 127.0.0.3 and so on. TCP_NODELAY
/// is set; closing one resets it (SO_LINGER of 0), so no port is left in TIME-WAIT.
/// Fails with a line for people, also when there are too few descriptors (after raising the soft
/// limit to the hard one).
[[nodiscard]] outcome<std::vector<unique_fd>> open_load_sockets(std::uint16_t port, unsigned count);

}  // namespace ringway::lab
