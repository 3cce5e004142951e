#include "lab/network.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>

#include "lab/fd_passing.hpp"
#include "lab/network_setup.hpp"
#include "lab/route.hpp"

namespace ringway::lab {
namespace {

std::string text_of(int sys) { return describe(error_from_errno(sys)); }

std::string what_to_do(int step, int sys) {
    switch (static_cast<setup_step>(step)) {
        case setup_step::unshare:
        case setup_step::map_user:
            return fmt::format(
                "can't make network namespaces ({}): run as root, or allow unprivileged user "
                "namespaces (sysctl kernel.unprivileged_userns_clone=1 or "
                "kernel.apparmor_restrict_unprivileged_userns=0, whichever there is; in a "
                "container --privileged)",
                text_of(sys));
        case setup_step::open_tun:
            return fmt::format(
                "can't open /dev/net/tun ({}): load the module tun, or let users open it (chmod "
                "666 /dev/net/tun; in a container --device /dev/net/tun)",
                text_of(sys));
        case setup_step::make_device:
        case setup_step::addresses:
        case setup_step::open_names: break;
    }
    return fmt::format("can't set a TUN device up ({}): run as root, outside a container",
                       text_of(sys));
}

struct socket_request {
    const network* of;
    side at;
    int domain;
    int type;
};

helper_result make_socket(const void* argument) {
    const auto& request = *static_cast<const socket_request*>(argument);
    if (!request.of->enter(request.at)) {
        return {.error = errno};
    }
    const int made = ::socket(request.domain, request.type | SOCK_CLOEXEC, 0);
    return made < 0 ? helper_result{.error = errno} : helper_result{.fds = {made}, .count = 1};
}

struct algorithm_request {
    const network* of;
    side at;
    const char* name;
};

helper_result choose_algorithm(const void* argument) {
    const auto& request = *static_cast<const algorithm_request*>(argument);
    const char* const address =
        request.at == side::client ? network::client_v4 : network::server_v4;
    const bool done = request.of->enter(request.at) &&
                      set_route_congestion_control("path0", address, request.name);
    return {.error = done ? 0 : errno};
}

}  // namespace

std::expected<network, std::string> network::make(const network_options& options) {
    const setup_request request{.mtu = options.mtu, .user = ::geteuid(), .group = ::getegid()};
    auto report = run_helper(set_up_namespaces, &request);
    if (!report) {
        return std::unexpected{
            std::string{"can't run a helper process: too many processes, or no "
                        "memory"}};
    }
    if (report->error != 0) {
        return std::unexpected{what_to_do(report->step, report->error)};
    }
    RW_ASSERT(report->count >= 6);
    network made;
    for (std::size_t i = 0; i < 2; ++i) {
        made.tun_[i] = std::move(report->fds[i]);
        made.namespace_[i] = std::move(report->fds[i + 2]);
        made.devices_[i] = std::move(report->fds[i + 4]);
    }
    made.user_ = std::move(report->fds[6]);
    made.has_ipv6_ = report->step >= 0;
    if (!options.tcp_congestion_control.empty() &&
        !made.set_congestion_control(options.tcp_congestion_control)) {
        return std::unexpected{
            fmt::format("the kernel has no congestion control {} for TCP (sysctl "
                        "net.ipv4.tcp_available_congestion_control lists what it has)",
                        options.tcp_congestion_control)};
    }
    return made;
}

bool network::enter(side at) const noexcept {
    if (user_ && ::setns(user_.get(), CLONE_NEWUSER) != 0) {
        return false;
    }
    return ::setns(namespace_[index(at)].get(), CLONE_NEWNET) == 0;
}

std::expected<unique_fd, std::string> network::socket(side at, int domain, int type) const {
    const socket_request request{this, at, domain, type};
    auto report = run_helper(make_socket, &request);
    if (!report || report->error != 0 || report->count != 1) {
        return std::unexpected{fmt::format("can't make a socket in a namespace: {}",
                                           text_of(report ? report->error : EAGAIN))};
    }
    return std::move(report->fds[0]);
}

bool network::set_congestion_control(const std::string& algorithm) const {
    for (const auto at : {side::client, side::server}) {
        const algorithm_request request{this, at, algorithm.c_str()};
        const auto report = run_helper(choose_algorithm, &request);
        if (!report || report->error != 0) {
            return false;
        }
    }
    return true;
}

std::uint64_t network::kernel_drops(side at) const {
    std::array<char, 4096> text{};
    const auto size = ::pread(devices_[index(at)].get(), text.data(), text.size() - 1, 0);
    const std::string_view all{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    const auto line = all.find("path0:");
    if (line == std::string_view::npos) {
        return 0;
    }
    // Received: bytes packets errs drop fifo frame compressed multicast; sent: bytes packets errs
    // drop. What the device sends is what we read.
    unsigned long long sent_dropped = 0;
    const int read = std::sscanf(text.data() + line + 6,
                                 "%*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu", &sent_dropped);
    return read == 1 ? sent_dropped : 0;
}

std::vector<ip_address> network::spare_addresses(std::size_t count) {
    RW_ASSERT(count <= 100);
    std::vector<ip_address> all;
    for (std::size_t i = 0; i < count; ++i) {
        ip_address v4;
        ip_address v6{.v6 = true};
        ::inet_pton(AF_INET, fmt::format("10.77.0.{}", 101 + i).c_str(), v4.bytes.data());
        ::inet_pton(AF_INET6, fmt::format("fd77::{}", 101 + i).c_str(), v6.bytes.data());
        all.push_back(v4);
        all.push_back(v6);
    }
    return all;
}

}  // namespace ringway::lab
