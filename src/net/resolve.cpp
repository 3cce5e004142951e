#include <ringway/net/resolve.hpp>

#include <algorithm>
#include <cerrno>
#include <netdb.h>
#include <optional>
#include <sys/socket.h>

#include <ringway/coro/event.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/net/connect.hpp>
#include <ringway/runtime/run_blocking.hpp>
#include <ringway/runtime/sleep.hpp>

namespace ringway {
namespace {

struct answer {
    int code = 0;  // EAI_*
    int sys = 0;   // errno, for EAI_SYSTEM.
    std::vector<endpoint> addresses;
};

// Blocks.
answer look_up(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    answer out;
    out.code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    out.sys = errno;
    for (const addrinfo* each = found; out.code == 0 && each != nullptr; each = each->ai_next) {
        const auto where = endpoint::from(each->ai_addr, each->ai_addrlen);
        if (where && std::ranges::find(out.addresses, *where) == out.addresses.end()) {
            out.addresses.push_back(*where);
        }
    }
    if (found != nullptr) {
        ::freeaddrinfo(found);
    }
    return out;
}

// The first of the first family, the first of the other, the second of the first, and so on.
std::vector<endpoint> taking_turns(const std::vector<endpoint>& in) {
    std::vector<endpoint> out;
    std::vector<endpoint> other;
    for (const endpoint& each : in) {
        (each.family() == in.front().family() ? out : other).push_back(each);
    }
    for (std::size_t i = 0; i < other.size(); ++i) {
        const auto at = std::min(2 * i + 1, out.size());
        out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), other[i]);
    }
    out.resize(std::min(out.size(), addresses_max));
    return out;
}

error error_of(const answer& from) noexcept {
    switch (from.code) {
        case EAI_NONAME:
        case EAI_NODATA: return {errc::not_found};
        case EAI_AGAIN: return {errc::timed_out};
        case EAI_SYSTEM: return error_from_errno(from.sys);
        default: return {errc::system};
    }
}

// Attempts beside each other.
struct race_of_addresses {
    std::span<const endpoint> all;
    std::size_t next = 0;
    std::size_t running = 0;
    std::optional<connected_socket> won;
    error last{errc::not_found};
    scope attempts;
    event news{false};
};

task<void> attempt(race_of_addresses& race, endpoint to) {
    const auto fd = co_await connect_to(to);
    --race.running;
    if (!fd) {
        if (fd.error().code != errc::canceled || race.last.code == errc::not_found) {
            race.last = fd.error();
        }
    } else if (race.won) {
        driver::current().close_now(*fd);
    } else {
        race.won = connected_socket{*fd, to};
        race.attempts.request_stop();
    }
    race.news.set();
}

task<result<void>> wait_for(event& what) { co_return co_await what.wait(); }

}  // namespace

task<result<std::vector<endpoint>>> resolve(std::string host, std::uint16_t port,
                                            std::string* words) {
    const answer found = co_await run_blocking{[&host, port] { return look_up(host, port); }};
    const stop_source* const stop = co_await this_stop{};
    if (stop != nullptr && stop->stop_requested()) {
        co_return fail_errno(ECANCELED);
    }
    if (found.code != 0 || found.addresses.empty()) {
        if (words != nullptr) {
            *words = found.code == 0 ? "it has no address" : ::gai_strerror(found.code);
        }
        co_return std::unexpected{found.code == 0 ? error{errc::not_found} : error_of(found)};
    }
    co_return taking_turns(found.addresses);
}

task<result<connected_socket>> connect_to_any(std::span<const endpoint> addresses,
                                              nanoseconds stagger) {
    race_of_addresses race{.all = addresses};
    result<void> waited;
    bool stopped = false;
    while (!race.won && !stopped && (race.next < addresses.size() || race.running > 0)) {
        if (race.next < addresses.size()) {
            ++race.running;
            race.attempts.spawn(attempt(race, addresses[race.next++]));
        }
        race.news.reset();
        if (race.next < addresses.size()) {
            waited = co_await with_timeout(stagger, wait_for(race.news));
        } else {
            waited = co_await race.news.wait();
        }
        stopped = !waited && waited.error().code == errc::canceled;
    }
    race.attempts.request_stop();
    co_await race.attempts.join();
    if (race.won) {
        co_return *race.won;
    }
    if (stopped) {
        co_return fail_errno(ECANCELED);
    }
    co_return std::unexpected{race.last};
}

}  // namespace ringway
