// From the name of a host to its addresses, and to a connection with one of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {

/// The addresses of `host`, a name or an IP address without brackets, as endpoints at `port`:
/// getaddrinfo(3) on a thread for blocking calls. In the order in which they should be tried: that
/// of RFC 6724, with the families taking turns (RFC 8305 section 4). At most
/// `addresses_max`.
///
/// Fails with `not_found` when there is no such name or it has no address, `timed_out` when nobody
/// who could know answers, else `system`; `*words`, if asked for, says more.
/// Cancel: the look-up can't be interrupted; afterwards yields `canceled`. Resumes: on this shard.
[[nodiscard]] task<result<std::vector<endpoint>>> resolve(std::string host, std::uint16_t port,
                                                          std::string* words = nullptr);

inline constexpr std::size_t addresses_max = 16;

/// A connected socket, and where it leads.
struct connected_socket {
    int fd = -1;
    endpoint peer;
};

/// Connects to one of `addresses`, whichever answers first: they are tried in order, the next one
/// when the last has failed or `stagger` has passed (Happy Eyeballs, RFC 8305 section 5). The
/// descriptor is the caller's.
///
/// Fails with the failure that came last, as `connect_to`; `not_found` without addresses.
/// Lifetime: `addresses` until it resumes. Cancel: all attempts are given up. Resumes: here.
[[nodiscard]] task<result<connected_socket>> connect_to_any(
    std::span<const endpoint> addresses, nanoseconds stagger = std::chrono::milliseconds{250});

}  // namespace ringway
