// What is done inside the namespaces: devices, addresses, settings. System calls only.
#pragma once

#include <cstdint>

#include "lab/fd_passing.hpp"

namespace ringway::lab {

/// The steps of the set-up, in order; each has its line for people.
enum class setup_step : int { unshare, map_user, open_tun, make_device, addresses, open_names };

struct setup_request {
    int mtu = 1500;
    unsigned user = 0;  ///< Of the calling process, before it enters a user namespace.
    unsigned group = 0;
};

/// For `run_helper`: `argument` is a `setup_request`. Yields, in order: TUN of the client and the
/// server, their namespaces, their /proc/net/dev, and the user namespace if there is one. `step` is
/// -1 after success where IPv6 addresses could not be had, else the step that was reached.
[[nodiscard]] helper_result set_up_namespaces(const void* argument);

}  // namespace ringway::lab
