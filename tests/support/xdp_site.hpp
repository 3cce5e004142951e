// An AF_XDP socket per queue at one end of a virtual network, a UDP socket of the kernel at the
// other.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/steering.hpp>

#include "support/virtual_network.hpp"

namespace ringway::test {

/// A UDP socket of the kernel at "far", connected to port 7000 of "near".
class udp_end {
public:
    explicit udp_end(const virtual_network& network);

    void send(std::string_view text) const;
    /// The next datagram; "(nothing)" if none comes for as long as a test waits.
    [[nodiscard]] std::string receive() const;
    /// Whether one is there already.
    [[nodiscard]] bool has_received() const;

private:
    unique_fd fd_;
};

struct xdp_site_options {
    bpf::xdp_mode mode = bpf::xdp_mode::automatic;
    xdp::socket_options socket{};
    xdp::umem_options memory{.frames = 4096};
};

/// All queues of "near" steered to sockets on one UMEM: UDP to port 7000, nothing else.
class xdp_site {
public:
    /// Adds a test failure when it can't be made.
    xdp_site(const virtual_network& network, const xdp_site_options& options);
    ~xdp_site();
    xdp_site(const xdp_site&) = delete;
    xdp_site& operator=(const xdp_site&) = delete;

    [[nodiscard]] xdp::xdp_socket& socket(std::size_t queue = 0) { return *sockets_[queue]; }
    [[nodiscard]] std::size_t queues() const { return sockets_.size(); }
    [[nodiscard]] xdp::umem& memory() { return *memory_; }
    [[nodiscard]] xdp::steering& program() { return *program_; }
    [[nodiscard]] bool is_ready() const { return is_ready_; }

private:
    void make(const xdp_site_options& options);

    std::unique_ptr<xdp::umem> memory_;
    std::vector<std::unique_ptr<xdp::xdp_socket>> sockets_;
    std::unique_ptr<xdp::steering> program_;
    bool is_ready_ = false;
};

/// Exchanges the addresses and ports of an Ethernet frame with UDP over IPv4.
void turn_around(xdp::packet& one);

/// The program for UDP to port 7000.
[[nodiscard]] xdp::steering_options steer_udp_7000();

}  // namespace ringway::test
