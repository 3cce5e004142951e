// Two network namespaces, "client" and "server", whose only way to each other is through us.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include "lab/packet.hpp"

namespace ringway::lab {

enum class side : std::uint8_t { client, server };

struct network_options {
    int mtu = 1500;
    /// Congestion control of TCP over IPv4 at both ends; "" leaves the kernel's.
    std::string tcp_congestion_control = "cubic";
};

/// The pair of namespaces, and a TUN device in each, of which we hold the other end. Without
/// offloads (no IFF_VNET_HDR): every read is one packet of at most the MTU with its checksums
/// written, for TCP and UDP alike.
///
/// Root is not needed where unprivileged user namespaces are allowed (CLONE_NEWUSER, Linux 3.8).
/// Everything is gone with the last descriptor and the last process inside: nothing is written to
/// disk, nothing is left over however this process ends.
class network {
public:
    static constexpr const char* client_v4 = "10.77.0.1";
    static constexpr const char* server_v4 = "10.77.0.2";
    /// A second address of each, to move to.
    static constexpr const char* client_second_v4 = "10.77.0.3";
    static constexpr const char* server_second_v4 = "10.77.0.4";
    static constexpr const char* client_v6 = "fd77::1";
    static constexpr const char* server_v6 = "fd77::2";

    /// Fails with one line for people that says what to do.
    [[nodiscard]] static std::expected<network, std::string> make(const network_options& options);

    /// Our end of the TUN device at a side. Non-blocking.
    [[nodiscard]] int tun(side at) const noexcept { return tun_[index(at)].get(); }

    /// A socket that lives in the namespace of a side, for use in this process: socket(2).
    [[nodiscard]] std::expected<unique_fd, std::string> socket(side at, int domain, int type) const;

    /// Moves the calling process, which must be a forked child with one thread, into a side.
    /// Makes system calls only. False with errno if that failed.
    [[nodiscard]] bool enter(side at) const noexcept;

    /// Lets TCP over IPv4 control congestion with another algorithm from the next connection on.
    /// False if the kernel does not have it.
    [[nodiscard]] bool set_congestion_control(const std::string& algorithm) const;

    /// Packets that the kernel has dropped at a TUN device because we were too slow to read.
    [[nodiscard]] std::uint64_t kernel_drops(side at) const;

    /// Whether there are IPv6 addresses too.
    [[nodiscard]] bool has_ipv6() const noexcept { return has_ipv6_; }

    /// Addresses of the client's subnet that nobody has, of both versions, for rebinding.
    [[nodiscard]] static std::vector<ip_address> spare_addresses(std::size_t count);

private:
    network() = default;
    static constexpr std::size_t index(side at) noexcept { return at == side::client ? 0 : 1; }

    unique_fd tun_[2];
    unique_fd namespace_[2];
    unique_fd devices_[2];  // /proc/net/dev
    unique_fd user_;        // Not there for root.
    bool has_ipv6_ = false;
};

}  // namespace ringway::lab
