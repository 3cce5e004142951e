#include "cli/xdp_session.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <fmt/core.h>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/bpf/bpf_ready.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/bpf/xdp_link.hpp>
#include <ringway/xdp/match.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/steering.hpp>
#include <ringway/xdp/umem.hpp>

#include "cli/options_of_xdp.hpp"
#include "cli/xdp_options.hpp"
#include "observe/print_text.hpp"
#include "xdp/filter.hpp"

namespace ringway::cli {
namespace {

// Fewer are of no use.
constexpr std::uint32_t frames_least = 256;
// Polling, nothing arrives between two looks, and fewer frames stay in the caches.
constexpr std::uint32_t polled_frames = 512;
// What the copying driver needs in front of a packet, and all that Ethernet adds to an MTU.
constexpr std::uint32_t frame_margin = 256 + 14 + 8;

std::string number_text(double value) {
    if (value >= 1e6) {
        return fmt::format("{:.2f} M", value / 1e6);
    }
    return value >= 1e4 ? fmt::format("{:.1f} k", value / 1e3) : fmt::format("{:.0f} ", value);
}

// Where CAP_IPC_LOCK is no more than a name: not all users are mapped one to one.
bool is_in_user_namespace() {
    std::ifstream map{"/proc/self/uid_map"};
    std::uint64_t inside = 0;
    std::uint64_t outside = 0;
    std::uint64_t count = 0;
    constexpr std::uint64_t all = 0xffff'ffff;
    return (map >> inside >> outside >> count) && (inside != 0 || outside != 0 || count != all);
}

bpf::outcome<xdp::socket_options> socket_options_for(const xdp_options& options,
                                                     const bpf::network_interface& where) {
    const bool needs_several = where.mtu + frame_margin > options.frame_bytes;
    return xdp::socket_options{.copying = options.copying,
                               .multi_buffer = needs_several,
                               .busy_poll_us = options.busy_poll_us,
                               .moderation = std::chrono::microseconds{options.moderation_us}};
}

}  // namespace

xdp_port::~xdp_port() {
    if (program != nullptr) {
        program->detach();
    }
}

bpf::outcome<std::vector<xdp::match_rule>> rules_of(const xdp_options& options) {
    const auto expression = xdp::filter::parse(options.expression);
    if (!expression) {
        return bpf::refuse({errc::malformed, 0}, expression.error());
    }
    auto rules = expression->rules(xdp::steering::rules_max);
    if (!rules) {
        return bpf::refuse({errc::malformed, 0}, rules.error());
    }
    return *std::move(rules);
}

bpf::outcome<void> check_reach(const xdp_options& options, const std::string& interface) {
    if (options.force || !options.expression.empty() || !bpf::carries_default_route(interface)) {
        return {};
    }
    return bpf::refuse(
        {errc::not_permitted, 0},
        fmt::format("{0} carries the default route, and without an expression every packet is "
                    "meant, those of your session too: ringway xdp {1} {0} udp and dst port 7, "
                    "or --force",
                    interface, name_of(options.verb)));
}

bpf::outcome<xdp_port> load_port(const std::string& interface, const xdp::steering_options& how) {
    xdp_port port;
    auto found = bpf::find_interface(interface);
    if (!found) {
        return std::unexpected{found.error()};
    }
    port.where = *std::move(found);
    auto loaded = xdp::steering::load(how);
    if (!loaded) {
        return std::unexpected{loaded.error()};
    }
    port.program = *std::move(loaded);
    return port;
}

bpf::outcome<xdp_port> open_port(const xdp_options& options, const std::string& interface,
                                 const xdp::steering_options& how) {
    auto port = load_port(interface, how);
    if (!port) {
        return port;
    }
    if (auto attached = port->program->attach(port->where, {.mode = options.mode}); !attached) {
        return std::unexpected{std::move(attached.error())};
    }
    return port;
}

std::uint64_t lost_by(const xdp_port& port) {
    std::uint64_t lost = 0;
    for (const auto& socket : port.sockets) {
        lost += socket->statistics().lost();
    }
    return lost;
}

bpf::outcome<std::unique_ptr<xdp::umem>> open_memory(const xdp_options& options,
                                                     std::uint32_t frames) {
    rlimit allowed{};
    const bool is_limited =
        !bpf::has_capability(bpf::capability::ipc_lock) || is_in_user_namespace();
    if (is_limited && ::getrlimit(RLIMIT_MEMLOCK, &allowed) == 0) {
        while (frames > frames_least &&
               rlim_t{frames} * options.frame_bytes > allowed.rlim_cur / 2) {
            frames /= 2;
        }
    }
    return xdp::umem::make({.frames = frames, .frame_bytes = options.frame_bytes});
}

bpf::outcome<xdp_port> open_sockets(const xdp_options& options, const std::string& interface,
                                    const xdp::steering_options* how, xdp::umem& memory,
                                    std::uint32_t receive_frames) {
    xdp_port port;
    auto found = bpf::find_interface(interface);
    if (!found) {
        return std::unexpected{found.error()};
    }
    port.where = *std::move(found);
    // Here, so that one line names all that is missing.
    const auto wanted =
        how == nullptr ? bpf::need::xdp_socket : bpf::need::xdp_socket | bpf::need::programs;
    if (const auto ready = bpf::bpf_ready(wanted); !ready) {
        return std::unexpected{ready.error()};
    }
    auto settings = socket_options_for(options, port.where);
    // At least half of the frames are for sending; two interfaces may share them.
    const std::uint32_t sockets = options.queue >= 0 ? 1 : port.where.receive_queues;
    settings->receive_frames =
        std::min(receive_frames, memory.options().frames / 4 / std::max(1U, sockets));
    if (options.busy_poll_us > 0) {
        settings->receive_frames = std::min(settings->receive_frames, polled_frames);
    }
    for (std::uint32_t queue = 0; queue < port.where.receive_queues; ++queue) {
        if (options.queue >= 0 && options.queue != static_cast<int>(queue)) {
            continue;
        }
        settings->queue = queue;
        auto made = xdp::xdp_socket::open(memory, port.where, *settings);
        if (!made) {
            return std::unexpected{std::move(made.error())};
        }
        port.sockets.push_back(*std::move(made));
    }
    if (port.sockets.empty()) {
        return bpf::refuse({errc::invalid_argument, 0},
                           fmt::format("{} has no queue {}: it has {}, counted from 0", interface,
                                       options.queue, port.where.receive_queues));
    }
    if (how == nullptr) {
        return port;
    }
    auto loaded = xdp::steering::load(*how);
    if (!loaded) {
        return std::unexpected{loaded.error()};
    }
    port.program = *std::move(loaded);
    for (const auto& socket : port.sockets) {
        if (auto added = port.program->add(*socket); !added) {
            return std::unexpected{std::move(added.error())};
        }
    }
    if (auto attached = port.program->attach(port.where, {.mode = options.mode}); !attached) {
        return std::unexpected{std::move(attached.error())};
    }
    return port;
}

void tell_port(const xdp_options& options, const xdp_port& port) {
    const bool has_sockets = !port.sockets.empty();
    const char* const mode = port.program == nullptr ? "no program"
                             : port.program->mode() == bpf::xdp_mode::automatic
                                 ? "tcx"
                                 : bpf::name_of(port.program->mode());
    const char* const copying = has_sockets ? name_of(port.sockets.front()->copying()) : "none";
    const bool busy = has_sockets && port.sockets.front()->busy_polls();
    const bool is_dispatched = port.program != nullptr && port.program->is_dispatched();
    if (options.json) {
        nlohmann::json line{{"event", "attached"},
                            {"command", name_of(options.verb)},
                            {"interface", port.where.name},
                            {"driver", port.where.driver},
                            {"mode", mode},
                            {"dispatched", is_dispatched},
                            {"mtu", port.where.mtu}};
        line["queues"] = has_sockets ? port.sockets.size() : port.where.receive_queues;
        if (has_sockets) {
            line["copying"] = copying;
            line["frame_bytes"] = options.frame_bytes;
            line["busy_poll"] = busy;
        }
        print_text("{}\n", line.dump());
        std::fflush(stdout);
        return;
    }
    std::string text =
        fmt::format("ringway: {} on {}{}, {}{}", name_of(options.verb), port.where.name,
                    port.where.driver.empty() ? "" : " (" + port.where.driver + ")", mode,
                    port.program == nullptr ? "" : " mode");
    if (has_sockets) {
        text += fmt::format(", {}, {} of {} queues, frames of {} bytes{}", copying,
                            port.sockets.size(), port.where.receive_queues, options.frame_bytes,
                            busy ? ", busy polling" : "");
    }
    print_text(stderr, "{}{}\n", text,
               is_dispatched ? ", beside others in libxdp's dispatcher" : "");
    if (port.program != nullptr && port.program->link() &&
        !port.program->link()->driver_refused().empty()) {
        print_text(stderr, "ringway: generic, because the driver refused: {}\n",
                   port.program->link()->driver_refused());
    }
}

void xdp_report::tell(const std::vector<row>& rows, double seconds) {
    before_.resize(rows.size());
    nlohmann::json line{{"event", "report"}, {"seconds", seconds}};
    std::string text;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto gained = static_cast<double>(rows[i].value - before_[i].value);
        line[rows[i].name] = rows[i].value;
        if (rows[i].is_packets) {
            text += fmt::format("{}{} {}/s ({})", text.empty() ? "" : ", ", rows[i].name,
                                number_text(gained / seconds), rows[i].value);
        }
    }
    before_ = rows;
    if (options_.json) {
        print_text("{}\n", line.dump());
        std::fflush(stdout);
    } else {
        print_text(stderr, "{}\n", text);
    }
}

void xdp_report::tell_total(const std::vector<row>& rows, double seconds) const {
    nlohmann::json line{{"event", "total"}, {"seconds", seconds}};
    std::string text;
    for (const row& each : rows) {
        line[each.name] = each.value;
        if (each.is_packets) {
            text += fmt::format("{}{} {} ({}/s)", text.empty() ? "" : ", ", each.value, each.name,
                                number_text(static_cast<double>(each.value) / seconds));
        }
    }
    if (options_.json) {
        print_text("{}\n", line.dump());
    } else {
        print_text("{} in {:.2f} s\n", text, seconds);
    }
    std::fflush(stdout);
}

int refuse_xdp(const bpf::refusal& why) {
    print_text(stderr, "ringway: {}\n", why.text);
    return why.why.code == errc::malformed ? 2 : 1;
}

}  // namespace ringway::cli
