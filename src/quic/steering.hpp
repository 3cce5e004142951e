// Which of several sockets on one port gets a datagram: the one whose shard has the connection.
#pragma once

#include <array>
#include <expected>
#include <linux/filter.h>
#include <string>

namespace ringway::quic::detail {

constexpr unsigned steering_instructions = 9;

/// A classic BPF program on a UDP payload (SO_ATTACH_REUSEPORT_CBPF, socket(7)). Short headers
/// (RFC 9000 section 17.3) yield the shard in their connection ID. Long ones, and IDs that are not
/// ours, yield a number that no socket has: the kernel then goes by its hash of both addresses, as
/// without a program, which keeps a handshake together. `shards`: 1 to shards_max.
[[nodiscard]] std::array<sock_filter, steering_instructions> steering_program(
    unsigned shards) noexcept;

/// Attaches it to the group of `fd`: the sockets of one user on one address with SO_REUSEPORT.
///
/// The kernel numbers them by when they were bound, so shard 0 has to bind first, then shard 1, and
/// so on; and it fills the place of one that closes with the last. Call it when all are bound.
/// Without it everything works too, as long as datagrams are handed on between shards; that costs a
/// message for each datagram of a client whose address has changed.
///
/// Fails with one line for the operator. Since Linux 4.5.
[[nodiscard]] std::expected<void, std::string> steer(int fd, unsigned shards);

}  // namespace ringway::quic::detail
