// respond and forward: packets go through AF_XDP sockets, one coroutine per socket and direction.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <fmt/core.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/xdp/match.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/steering.hpp>
#include <ringway/xdp/umem.hpp>

#include "cli/xdp_loop.hpp"
#include "cli/xdp_options.hpp"
#include "cli/xdp_session.hpp"
#include "xdp/responder.hpp"

namespace ringway::cli {
namespace {

using seconds = std::chrono::duration<double>;

constexpr std::uint32_t beside_packets =
    512;  // Of a frame: headroom, and what answers may grow by.

struct respond_counts {
    std::uint64_t by_answer[5] = {};
    bool failed = false;
};

std::vector<xdp_report::row> rows_of(const respond_counts& now, const xdp_port& port) {
    const auto of = [&now](xdp::answer what) {
        return now.by_answer[static_cast<std::size_t>(what)];
    };
    return {{"datagrams", of(xdp::answer::datagram)},
            {"echoes", of(xdp::answer::echo)},
            {"arp", of(xdp::answer::arp)},
            {"neighbours", of(xdp::answer::neighbour)},
            {"ignored", of(xdp::answer::none)},
            {"lost", lost_by(port)}};
}

task<void> answer_all(xdp::xdp_socket& socket, const xdp::responder_options& how,
                      respond_counts& counts) {
    xdp::packet_batch batch{socket.memory()};
    for (;;) {
        const auto got = co_await socket.rx_batch(batch);
        if (!got) {
            counts.failed = counts.failed || got.error().code != errc::canceled;
            break;
        }
        for (xdp::packet& each : batch.packets()) {
            // Frames have room behind what is received, up to `whole_bytes_max`.
            const auto said =
                respond({each.data, each.length + xdp::answer_growth}, each.length, how);
            ++counts.by_answer[static_cast<std::size_t>(said)];
            if (said == xdp::answer::none) {
                each.length = 0;
            }
        }
        const auto sent = co_await socket.tx_batch(batch);
        if (!sent) {
            break;
        }
    }
    co_await socket.close();
}

// Passes a stop on to what runs beside each other, and waits for it.
task<void> all_of(std::vector<task<void>> work) {
    scope together;
    for (auto& each : work) {
        together.spawn(std::move(each));
    }
    co_await together.join();
}

std::vector<xdp::prefix> addresses_of(const std::string& interface) {
    std::vector<xdp::prefix> found;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) {
        return found;
    }
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || interface != each->ifa_name) {
            continue;
        }
        xdp::prefix own;
        if (each->ifa_addr->sa_family == AF_INET) {
            own.bits = 32;
            std::memcpy(&own.address[12],
                        &reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr, 4);
        } else if (each->ifa_addr->sa_family == AF_INET6) {
            own.bits = 128;
            own.is_v6 = true;
            std::memcpy(own.address.data(),
                        &reinterpret_cast<const sockaddr_in6*>(each->ifa_addr)->sin6_addr, 16);
        } else {
            continue;
        }
        found.push_back(own);
    }
    ::freeifaddrs(list);
    return found;
}

bpf::outcome<std::vector<xdp::prefix>> answered_addresses(const xdp_options& options) {
    if (options.addresses.empty()) {
        auto own = addresses_of(options.interface);
        if (own.empty()) {
            return bpf::refuse({errc::not_found, 0},
                               fmt::format("{} has no address: --address says for which to answer",
                                           options.interface));
        }
        return own;
    }
    std::vector<xdp::prefix> all;
    for (const std::string& text : options.addresses) {
        const auto read = xdp::parse_prefix(text);
        if (!read || read->bits != (read->is_v6 ? 128 : 32)) {
            return bpf::refuse({errc::malformed, 0},
                               fmt::format("--address: \"{}\" is no address", text));
        }
        all.push_back(*read);
    }
    return all;
}

// Has the card take in frames for other hardware addresses too, as long as this lives
// (packet(7), PACKET_MR_PROMISC).
class promiscuous {
public:
    explicit promiscuous(unsigned interface)
        : socket_{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)} {
        packet_mreq how{};
        how.mr_ifindex = static_cast<int>(interface);
        how.mr_type = PACKET_MR_PROMISC;
        ::setsockopt(socket_.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &how, sizeof(how));
    }

private:
    unique_fd socket_;
};

task<void> carry(xdp::xdp_socket& from, xdp::xdp_socket& to, std::uint64_t& count) {
    xdp::packet_batch batch{from.memory()};
    for (;;) {
        const auto got = co_await from.rx_batch(batch);
        if (!got) {
            break;
        }
        const auto sent = co_await to.tx_batch(batch);
        if (!sent) {
            break;
        }
        count += *sent;
    }
}

task<void> carry_both_ways(xdp_port& left, xdp_port& right, std::uint64_t (&counts)[2]) {
    std::vector<task<void>> work;
    const auto each_queue = [&work](xdp_port& from, xdp_port& to, std::uint64_t& count) {
        for (std::size_t i = 0; i < from.sockets.size(); ++i) {
            work.push_back(carry(*from.sockets[i], *to.sockets[i % to.sockets.size()], count));
        }
    };
    each_queue(left, right, counts[0]);
    each_queue(right, left, counts[1]);
    co_await all_of(std::move(work));
    for (xdp_port* const port : {&left, &right}) {
        port->program->detach();
        for (const auto& socket : port->sockets) {
            co_await socket->close();
        }
    }
}

}  // namespace

int run_xdp_respond(const xdp_options& options, xdp_loop& loop) {
    const auto where = bpf::find_interface(options.interface);
    if (!where) {
        return refuse_xdp(where.error());
    }
    auto addresses = answered_addresses(options);
    if (!addresses) {
        return refuse_xdp(addresses.error());
    }
    const xdp::responder_options how{
        .mac = where->mac, .addresses = *std::move(addresses), .udp_port = options.port};
    const xdp::steering_options steer{.matched = xdp::verdict::to_socket,
                                      .rules = rules_for(how),
                                      .whole_bytes_max = options.frame_bytes - beside_packets};
    auto memory = open_memory(options, 8192);
    if (!memory) {
        return refuse_xdp(memory.error());
    }
    auto port = open_sockets(options, options.interface, &steer, **memory);
    if (!port) {
        return refuse_xdp(port.error());
    }
    tell_port(options, *port);
    loop.show(*port);
    respond_counts counts;
    xdp_report report{options};
    const auto begin = std::chrono::steady_clock::now();
    const auto work = [&]() -> task<void> {
        std::vector<task<void>> all;
        for (const auto& socket : port->sockets) {
            all.push_back(answer_all(*socket, how, counts));
        }
        return all_of(std::move(all));
    };
    const int status = loop.run(
        options, work, [&](double passed) { report.tell(rows_of(counts, *port), passed); });
    report.tell_total(rows_of(counts, *port),
                      seconds{std::chrono::steady_clock::now() - begin}.count());
    return counts.failed ? xdp_loop::end_without(*port, status) : status;
}

int run_xdp_forward(const xdp_options& options, xdp_loop& loop) {
    for (const std::string& interface : {options.interface, options.second}) {
        if (const auto allowed = check_reach(options, interface); !allowed) {
            return refuse_xdp(allowed.error());
        }
    }
    auto rules = rules_of(options);
    if (!rules) {
        return refuse_xdp(rules.error());
    }
    const xdp::steering_options steer{.matched = xdp::verdict::to_socket,
                                      .rules = *std::move(rules)};
    auto memory = open_memory(options, 16384);
    if (!memory) {
        return refuse_xdp(memory.error());
    }
    auto left = open_sockets(options, options.interface, &steer, **memory);
    if (!left) {
        return refuse_xdp(left.error());
    }
    auto right = open_sockets(options, options.second, &steer, **memory);
    if (!right) {
        return refuse_xdp(right.error());
    }
    const promiscuous left_takes_all{left->where.index};
    const promiscuous right_takes_all{right->where.index};
    tell_port(options, *left);
    tell_port(options, *right);
    loop.show(*left);
    loop.show(*right);
    std::uint64_t counts[2] = {0, 0};
    const auto rows = [&]() -> std::vector<xdp_report::row> {
        return {
            {"there", counts[0]}, {"back", counts[1]}, {"lost", lost_by(*left) + lost_by(*right)}};
    };
    xdp_report report{options};
    const auto begin = std::chrono::steady_clock::now();
    const int status = loop.run(
        options, [&] { return carry_both_ways(*left, *right, counts); },
        [&](double passed) { report.tell(rows(), passed); });
    report.tell_total(rows(), seconds{std::chrono::steady_clock::now() - begin}.count());
    return status;
}

}  // namespace ringway::cli
