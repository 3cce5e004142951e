// What `ringway xdp` was asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <ringway/bpf/xdp_link.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/xdp/socket.hpp>

namespace ringway::cli {

enum class xdp_verb : unsigned char {
    drop,
    pass,
    reflect,
    respond,
    forward,
    gen,
    ping,
    capture,
    status,
};

/// Which packets are captured.
enum class xdp_direction : unsigned char { both, in, out };

struct xdp_options {
    xdp_verb verb = xdp_verb::status;
    std::string interface;   ///< Empty with status: all.
    std::string second;      ///< Of forward.
    std::string expression;  ///< Which packets.
    bpf::xdp_mode mode = bpf::xdp_mode::automatic;
    xdp::copy_mode copying = xdp::copy_mode::automatic;
    int queue = -1;  ///< -1: all.
    std::uint32_t busy_poll_us = 0;
    std::uint32_t moderation_us = 50;
    std::uint32_t frame_bytes = 4096;
    std::uint64_t count = 0;                ///< Packets; 0: no limit.
    std::chrono::milliseconds duration{0};  ///< 0: until a signal.
    std::chrono::milliseconds interval{1000};
    std::uint64_t rate = 0;  ///< Packets per second; 0: as many as go.
    std::uint32_t size = 60;
    std::uint32_t sources = 1;
    std::string to;
    std::string from;
    std::string mac;
    std::vector<std::string> addresses;
    std::uint16_t port = 7;
    std::string write;
    std::uint32_t snaplen = 9216;
    xdp_direction direction = xdp_direction::both;
    bool direction_given = false;
    bool hints = false;
    std::string metrics;  ///< Where to serve them; empty: nowhere.
    bool force = false;
    bool json = false;
    bool quiet = false;
    driver_kind driver = driver_kind::automatic;
};

}  // namespace ringway::cli
