#include "cli/guard_command.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <utility>

#include <ringway/base/log.hpp>
#include <ringway/bpf/bpf_ready.hpp>

#include "cli/guard_report.hpp"
#include "cli/guard_run.hpp"
#include "guard/control_socket.hpp"
#include "guard/operator_address.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

constexpr int status_failed = 1;
constexpr int status_usage = 2;

int complain(std::string_view why, int status = status_failed) {
    print_text(stderr, "ringway: {}\n", why);
    return status;
}

guard::told<std::filesystem::path> socket_of(const guard_command& command) {
    if (!command.socket.empty()) {
        return command.socket;
    }
    if (!command.interface.empty()) {
        return guard::default_socket_path(command.interface);
    }
    const auto there = guard::guards_with_sockets();
    if (there.size() == 1) {
        return guard::default_socket_path(there.front());
    }
    if (there.empty()) {
        return std::unexpected{std::string{
            "no guard runs here; ringway guard IFACE starts one, --socket names one elsewhere"}};
    }
    std::string names;
    for (const auto& each : there) {
        names += (names.empty() ? "" : ", ") + each;
    }
    return std::unexpected{fmt::format("which guard? --interface is one of {}", names)};
}

int ask(const guard_command& command) {
    const auto socket = socket_of(command);
    if (!socket) {
        return complain(socket.error());
    }
    const auto answer = guard::ask_guard(*socket, guard_request(command));
    if (!answer) {
        return complain(answer.error());
    }
    const auto report = report_of(command, *answer);
    std::fputs(report.text.c_str(), report.ok || command.json ? stdout : stderr);
    return std::fflush(stdout) == 0 && report.ok ? 0 : status_failed;
}

// The operator's addresses and the port of the sshd that they came by.
guard::told<void> add_operator(const guard_command& command, guard::guard_options& to) {
    for (const auto& text : command.admin) {
        const auto range = guard::parse_cidr(text);
        if (!range) {
            return std::unexpected{"--admin: " + range.error()};
        }
        to.admin.push_back(*range);
    }
    if (command.find_admin) {
        if (const auto found = guard::find_operator()) {
            to.admin.push_back(found->from);
            const auto keeps = [&](const guard::port_range& each) {
                return !each.udp && each.first <= found->port && found->port <= each.last;
            };
            if (!command.keep_given && std::ranges::none_of(to.firewall.keep, keeps)) {
                to.firewall.keep.push_back(
                    {.udp = false, .first = found->port, .last = found->port});
            }
        }
    }
    return {};
}

}  // namespace

int run_guard(const guard_command& command) {
    set_log_level(log_level::info);
    if (command.action != guard_action::run) {
        return ask(command);
    }
    guard::guard_options options{
        .interface = command.interface,
        .mode = command.mode,
        .firewall = command.firewall,
        .allow_files = {command.allow_files.begin(), command.allow_files.end()},
        .block_files = {command.block_files.begin(), command.block_files.end()},
        .admin = {}};
    if (const auto added = add_operator(command, options); !added) {
        return complain(added.error(), status_usage);
    }
    if (const auto ready = bpf::bpf_ready(bpf::need::programs); !ready) {
        return complain(ready.error().text);
    }
    auto socket = guard::control_socket::open(command.socket.empty()
                                                  ? guard::default_socket_path(command.interface)
                                                  : std::filesystem::path{command.socket});
    if (!socket) {
        return complain(socket.error());
    }
    auto service =
        guard::guard_service::start(std::move(options), std::chrono::steady_clock::now());
    if (!service) {
        return complain(service.error());
    }
    guard_process process{command, **service, *std::move(socket)};
    return process.run();
}

}  // namespace ringway::cli
