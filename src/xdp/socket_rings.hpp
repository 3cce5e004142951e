// The rings of an AF_XDP socket, and which frames the kernel holds for it.
#pragma once

#include <cstdint>
#include <deque>
#include <linux/if_xdp.h>
#include <vector>

#include <ringway/xdp/socket.hpp>

#include "xdp/shared_ring.hpp"

namespace ringway::xdp {

constexpr std::uint64_t driver_headroom = 256;  // XDP_PACKET_HEADROOM, in front of a packet.

struct xdp_socket::rings {
    ring_memory fill_memory, completion_memory, receive_memory, transmit_memory;
    producer_ring<std::uint64_t> fill;
    consumer_ring<std::uint64_t> completion;
    consumer_ring<xdp_desc> receive;
    producer_ring<xdp_desc> transmit;
    std::vector<bool> held;    // By frame: whether the kernel has it from this socket.
    std::vector<bool> stamps;  // By frame: whether to look when it was sent. Empty: none was asked.
    std::deque<sent_time> sent_times;
};

}  // namespace ringway::xdp
