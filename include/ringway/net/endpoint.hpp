// Where a socket is: an IP address with a port, or a path of a Unix socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include <ringway/base/result.hpp>

namespace ringway {

/// An address of the kernel's socket families AF_INET, AF_INET6 and AF_UNIX, as a value.
class endpoint {
public:
    /// No address: family AF_UNSPEC.
    endpoint() noexcept = default;

    /// What the kernel calls `address`, `size` bytes of it.
    /// Fails with `unsupported` for a family that this library does not use, `invalid_argument` for
    /// a size that does not fit the family.
    [[nodiscard]] static result<endpoint> from(const sockaddr* address, socklen_t size) noexcept;

    /// Every address of this machine, IPv4 and IPv6, at `port`: one IPv6 socket that takes both.
    [[nodiscard]] static endpoint every_address(std::uint16_t port) noexcept;

    /// 127.0.0.1 at `port`.
    [[nodiscard]] static endpoint loopback(std::uint16_t port) noexcept;

    [[nodiscard]] int family() const noexcept { return storage_.ss_family; }
    [[nodiscard]] bool is_unix() const noexcept { return family() == AF_UNIX; }
    [[nodiscard]] bool is_ip() const noexcept {
        return family() == AF_INET || family() == AF_INET6;
    }

    /// Made by `every_address`, or parsed from ":PORT".
    [[nodiscard]] bool is_every_address() const noexcept { return both_families_; }

    /// 0 for Unix sockets.
    [[nodiscard]] std::uint16_t port() const noexcept;

    /// The same address with another port. Requires an IP address.
    [[nodiscard]] endpoint with_port(std::uint16_t port) const noexcept;

    /// The path of a Unix socket: without the NUL behind it, and with '@' for the NUL in front of
    /// an abstract name (unix(7)). "" for others and for sockets without a name.
    [[nodiscard]] std::string path() const;

    /// For system calls. Lifetime: that of the endpoint.
    [[nodiscard]] const sockaddr* address() const noexcept {
        return reinterpret_cast<const sockaddr*>(&storage_);
    }
    [[nodiscard]] socklen_t size() const noexcept { return size_; }

    /// As `parse_endpoint` reads it: "127.0.0.1:80", "[::1]:80", ":80", "unix:/run/x".
    [[nodiscard]] std::string to_text() const;

    friend bool operator==(const endpoint& a, const endpoint& b) noexcept;

private:
    friend result<endpoint> parse_endpoint(std::string_view text,
                                           std::string_view* reason) noexcept;

    sockaddr_storage storage_{};
    socklen_t size_ = 0;
    bool both_families_ = false;
};

/// Reads "ADDRESS:PORT", "[IPV6]:PORT", "[IPV6%INTERFACE]:PORT", ":PORT" (every address, both
/// families), "unix:PATH" or "unix:@NAME" (abstract). Names of hosts are not looked up; "localhost"
/// is 127.0.0.1. PORT is 0 to 65535; a listener takes 0 as "any that is free".
/// Fails with `invalid_argument`; then `*reason`, if asked for, is one sentence for the user, which
/// lives for ever.
[[nodiscard]] result<endpoint> parse_endpoint(std::string_view text,
                                              std::string_view* reason = nullptr) noexcept;

/// The address that the socket `fd` is bound to (getsockname(2)).
[[nodiscard]] result<endpoint> local_endpoint(int fd) noexcept;

/// The address of the peer of the connected socket `fd` (getpeername(2)).
/// Fails with `closed` when it is not connected any more.
[[nodiscard]] result<endpoint> peer_endpoint(int fd) noexcept;

}  // namespace ringway
