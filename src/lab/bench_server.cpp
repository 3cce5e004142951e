#include "lab/bench_server.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <ringway/net/listener.hpp>

#include "lab/bench_parts.hpp"

namespace ringway::lab {
namespace {

constexpr std::array<std::string_view, 6> ways{"threads",     "epoll",         "uring-single",
                                               "uring-multi", "runtime-uring", "runtime-epoll"};
constexpr std::size_t argument_count = 7;

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? std::optional{value}
                                                                           : std::nullopt;
}

// As many descriptors as we may have.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

}  // namespace

std::string_view name_of(server_way way) noexcept { return ways[static_cast<std::size_t>(way)]; }

std::optional<server_way> find_server_way(std::string_view name) noexcept {
    const auto found = std::ranges::find(ways, name);
    return found == ways.end() ? std::nullopt
                               : std::optional{static_cast<server_way>(found - ways.begin())};
}

std::vector<std::string> to_arguments(const server_options& options) {
    return {std::string{name_of(options.way)},  std::string{name_of(options.service)},
            fmt::to_string(options.body_bytes), options.sqpoll ? "1" : "0",
            options.busy_poll ? "1" : "0",      fmt::to_string(options.napi_us),
            fmt::to_string(options.shards)};
}

std::optional<server_options> read_server_options(std::span<const std::string> arguments) {
    if (arguments.size() != argument_count) {
        return std::nullopt;
    }
    const auto way = find_server_way(arguments[0]);
    const auto service = find_service(arguments[1]);
    std::array<std::uint64_t, argument_count - 2> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto number = number_of(arguments[i + 2]);
        if (!number) {
            return std::nullopt;
        }
        numbers[i] = *number;
    }
    if (!way || !service || numbers[4] == 0) {
        return std::nullopt;
    }
    return server_options{.way = *way,
                          .service = *service,
                          .body_bytes = numbers[0],
                          .sqpoll = numbers[1] != 0,
                          .busy_poll = numbers[2] != 0,
                          .napi_us = numbers[3],
                          .shards = numbers[4]};
}

void tell_port(int listener) {
    const auto where = local_endpoint(listener);
    std::printf("port %u\n", where ? where->port() : 0U);
    std::fflush(stdout);
}

int run_bench_server(std::span<const std::string> arguments) {
    const auto options = read_server_options(arguments);
    if (!options) {
        return 2;
    }
    raise_descriptor_limit();
    const bench_service service{options->service, options->body_bytes};
    if (options->way == server_way::runtime_uring || options->way == server_way::runtime_epoll) {
        return serve_by_runtime(service, *options);
    }
    auto listener = open_listener(endpoint::loopback(0), {.backlog = 16384});
    if (!listener) {
        fmt::print(stderr, "can't listen: {}\n", describe(listener.error()));
        return 1;
    }
    if (const int poll_us = static_cast<int>(options->napi_us); poll_us > 0) {
        // Accepted sockets inherit it.
        ::setsockopt(listener->get(), SOL_SOCKET, SO_BUSY_POLL, &poll_us, sizeof poll_us);
    }
    tell_port(listener->get());
    switch (options->way) {
        case server_way::threads: return serve_by_threads(listener->get(), service);
        case server_way::epoll: return serve_by_epoll(listener->get(), service, *options);
        case server_way::uring_single:
            return serve_by_uring_single(listener->get(), service, *options);
        default: return serve_by_uring_multi(listener->get(), service, *options);
    }
}

}  // namespace ringway::lab
