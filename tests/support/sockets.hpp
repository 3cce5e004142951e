// Sockets, pipes and files for tests: real ones, made in one line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <ringway/base/unique_fd.hpp>

namespace ringway::test {

/// Two descriptors that are connected; for a pipe `near` is the reading end.
struct fd_pair {
    unique_fd near;
    unique_fd far;
};

[[nodiscard]] fd_pair unix_pair();
[[nodiscard]] fd_pair datagram_pair();
[[nodiscard]] fd_pair pipe_pair();
/// Two ends of a TCP connection over the loopback interface.
[[nodiscard]] fd_pair tcp_pair();

/// A TCP socket that listens on a free port of the loopback interface.
[[nodiscard]] unique_fd tcp_listener(int backlog = 64);
[[nodiscard]] unique_fd tcp_socket();
[[nodiscard]] int port_of(int fd);

/// Makes the kernel hold little between the two ends: far less than a megabyte.
void shrink_buffers(const fd_pair& pair);

/// Closes the TCP socket `fd` so that the peer gets a reset instead of an end.
void reset_connection(unique_fd& fd);

/// Blocking calls on the peer's side of a test. Failing them is a failure of the test.
void put(int fd, std::string_view text);
[[nodiscard]] std::string get(int fd, std::size_t size_max);
/// Reads what is there without waiting.
[[nodiscard]] std::string get_now(int fd);
/// Writes until `fd` takes no more; how much that was.
std::size_t fill(int fd);

/// Text of `size` bytes in which every place can be told from its neighbours.
[[nodiscard]] std::string pattern(std::size_t size, unsigned seed = 1);

/// A file without a name that holds `text`.
[[nodiscard]] unique_fd file_with(std::string_view text);

}  // namespace ringway::test
