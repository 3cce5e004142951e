// Servers to compare, written in the ways there are: one process each, on one core.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/bench_service.hpp"

namespace ringway::lab {

enum class server_way : std::uint8_t {
    threads,        ///< read(2) and write(2), a thread for each connection.
    epoll,          ///< epoll(7), non-blocking.
    uring_single,   ///< liburing, one operation after the other on each connection.
    uring_multi,    ///< liburing, multishot accept and receive, a ring of buffers.
    runtime_uring,  ///< Ringway's runtime on io_uring.
    runtime_epoll,  ///< Ringway's runtime on epoll.
};

[[nodiscard]] std::string_view name_of(server_way way) noexcept;
[[nodiscard]] std::optional<server_way> find_server_way(std::string_view name) noexcept;

struct server_options {
    server_way way = server_way::runtime_uring;
    service_kind service = service_kind::echo;
    std::uint64_t body_bytes = 4096;  ///< Of HTTP's response.
    bool sqpoll = false;              ///< A kernel thread submits (IORING_SETUP_SQPOLL).
    bool busy_poll = false;  ///< Never sleep: ask for completions or events again and again.
    /// Polls the network card before it sleeps: SO_BUSY_POLL of the sockets (socket(7)), or the
    /// driver's option of the runtime. 0: not.
    std::uint64_t napi_us = 0;
    std::uint64_t shards = 1;  ///< Of the runtime's.
    bool direct = false;       ///< Lookups read with O_DIRECT.
    std::string file;          ///< Of lookups.
};

/// What a server is told on its command line, and understands there.
[[nodiscard]] std::vector<std::string> to_arguments(const server_options& options);
[[nodiscard]] std::optional<server_options> read_server_options(
    std::span<const std::string> arguments);

// One for each way. Each serves on the listening socket until the process is killed; yields the
// exit status if it can't.
int serve_by_threads(int listener, const bench_service& service);
int serve_by_epoll(int listener, const bench_service& service, const server_options& options);
int serve_by_uring_single(int listener, const bench_service& service,
                          const server_options& options);
int serve_by_uring_multi(int listener, const bench_service& service, const server_options& options);
int serve_by_runtime(const bench_service& service, const server_options& options);

/// Tells the parent that connections are accepted: "port N\n" on standard output.
void tell_port(int listener);

}  // namespace ringway::lab
