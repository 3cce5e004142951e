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
#include "lab/lookup.hpp"
#include "observe/print_text.hpp"

namespace ringway::lab {
namespace {

constexpr std::array<std::string_view, 6> ways{"threads",     "epoll",         "uring-single",
                                               "uring-multi", "runtime-uring", "runtime-epoll"};
constexpr std::size_t number_count = 6;
constexpr std::size_t argument_count = number_count + 3;

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

bool is_runtime(server_way way) {
    return way == server_way::runtime_uring || way == server_way::runtime_epoll;
}

// For all but the runtime, which opens its own. Tells the port.
unique_fd open_one_listener(const server_options& options) {
    auto listener = open_listener(endpoint::loopback(0), {.backlog = 16384});
    if (!listener) {
        print_text(stderr, "can't listen: {}\n", describe(listener.error()));
        return {};
    }
    if (const int poll_us = static_cast<int>(options.napi_us); poll_us > 0) {
        // Accepted sockets inherit it.
        ::setsockopt(listener->get(), SOL_SOCKET, SO_BUSY_POLL, &poll_us, sizeof poll_us);
    }
    tell_port(listener->get());
    return *std::move(listener);
}

int serve_answers(const server_options& options) {
    const bench_service service{options.service, options.body_bytes};
    if (is_runtime(options.way)) {
        return serve_by_runtime(service, options);
    }
    const auto listener = open_one_listener(options);
    if (!listener) {
        return 1;
    }
    switch (options.way) {
        case server_way::threads: return serve_by_threads(listener.get(), service);
        case server_way::epoll: return serve_by_epoll(listener.get(), service, options);
        case server_way::uring_single:
            return serve_by_uring_single(listener.get(), service, options);
        default: return serve_by_uring_multi(listener.get(), service, options);
    }
}

int serve_lookups(const server_options& options) {
    const auto records = record_file::open(options.file, options.direct);
    if (!records) {
        print_text(stderr, "{}\n", records.error());
        return 1;
    }
    if (is_runtime(options.way)) {
        return serve_lookups_by_runtime(*records, options);
    }
    const auto listener = open_one_listener(options);
    if (!listener) {
        return 1;
    }
    return options.way == server_way::threads
               ? serve_lookups_by_threads(listener.get(), *records)
               : serve_lookups_by_uring(listener.get(), *records, options);
}

}  // namespace

std::string_view name_of(server_way way) noexcept { return ways[static_cast<std::size_t>(way)]; }

std::optional<server_way> find_server_way(std::string_view name) noexcept {
    const auto found = std::ranges::find(ways, name);
    return found == ways.end() ? std::nullopt
                               : std::optional{static_cast<server_way>(found - ways.begin())};
}

std::vector<std::string> to_arguments(const server_options& options) {
    return {std::string{name_of(options.way)},
            std::string{name_of(options.service)},
            fmt::to_string(options.body_bytes),
            options.sqpoll ? "1" : "0",
            options.busy_poll ? "1" : "0",
            fmt::to_string(options.napi_us),
            fmt::to_string(options.shards),
            options.direct ? "1" : "0",
            options.file};
}

std::optional<server_options> read_server_options(std::span<const std::string> arguments) {
    if (arguments.size() != argument_count) {
        return std::nullopt;
    }
    const auto way = find_server_way(arguments[0]);
    const auto service = find_service(arguments[1]);
    std::array<std::uint64_t, number_count> numbers{};
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
                          .shards = numbers[4],
                          .direct = numbers[5] != 0,
                          .file = arguments[argument_count - 1]};
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
    return options->service == service_kind::lookup ? serve_lookups(*options)
                                                    : serve_answers(*options);
}

}  // namespace ringway::lab
