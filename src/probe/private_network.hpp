// A network namespace with a pair of interfaces, for trials that must touch no real one.
#pragma once

#include <cstdint>

namespace ringway::probe {

struct private_network {
    std::uint32_t interface = 0;  ///< One end of a pair, up.
    std::uint32_t peer = 0;       ///< What is sent here arrives there.
    bool own_user = false;        ///< It took a user namespace too: bpf(2) is not allowed there.
    int error = 0;                ///< Why there is none; else 0.
};

/// Moves the calling process into one, the first time it is called, and makes a new pair: what a
/// queue's last owner held takes a while to be given back. It all ends with the process: call it in
/// a child only.
[[nodiscard]] private_network enter_private_network() noexcept;

}  // namespace ringway::probe
