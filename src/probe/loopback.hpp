// Connections of this process to itself, for trials.
#pragma once

#include <ringway/base/unique_fd.hpp>

namespace ringway::probe {

/// A TCP connection over 127.0.0.1.
struct tcp_pair {
    tcp_pair() noexcept;
    unique_fd client;
    unique_fd server;
    int error = 0;  ///< Why there is none: loopback may be down, or sockets refused.
};

/// A UDP socket on 127.0.0.1 that is connected to itself. Receiving ends after 200 ms.
struct udp_loop {
    udp_loop() noexcept;
    unique_fd socket;
    int error = 0;
};

}  // namespace ringway::probe
