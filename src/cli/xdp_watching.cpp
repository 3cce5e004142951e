// capture and status: what comes by, and what is there.
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/core.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <poll.h>
#include <string>
#include <utility>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/xdp_link.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/ring/operation.hpp>
#include <ringway/xdp/match.hpp>
#include <ringway/xdp/steering.hpp>

#include "cli/version.hpp"
#include "cli/xdp_options.hpp"
#include "cli/xdp_session.hpp"
#include "xdp/filter.hpp"
#include "xdp/headers.hpp"
#include "xdp/pcapng.hpp"

namespace ringway::cli {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t copies_per_turn = 256;

struct file_closer {
    void operator()(std::FILE* file) const {
        if (file != stdout) {
            std::fclose(file);
        }
    }
};

std::string address_text(const xdp::frame_headers& it, bool source) {
    const xdp::prefix whole{.address = source ? it.source : it.target,
                            .bits = static_cast<std::uint8_t>(it.ip_version == 6 ? 128 : 32),
                            .is_v6 = it.ip_version == 6};
    const int port = source ? it.source_port : it.target_port;
    if (port < 0) {
        return to_text(whole);
    }
    return it.ip_version == 6 ? fmt::format("[{}]:{}", to_text(whole), port)
                              : fmt::format("{}:{}", to_text(whole), port);
}

std::string protocol_text(const xdp::frame_headers& it) {
    switch (it.protocol) {
        case xdp::protocol_tcp: return "tcp";
        case xdp::protocol_udp: return "udp";
        case xdp::protocol_sctp: return "sctp";
        case xdp::protocol_icmp: return fmt::format("icmp type {}", it.icmp_type);
        case xdp::protocol_icmp6: return fmt::format("icmp6 type {}", it.icmp_type);
        default: return fmt::format("proto {}", it.protocol);
    }
}

std::string line_of(const xdp::frame_headers& it, std::uint32_t length, nanoseconds time) {
    const std::time_t whole = std::chrono::duration_cast<std::chrono::seconds>(time).count();
    std::string text =
        fmt::format("{:%H:%M:%S}.{:09} ", fmt::localtime(whole), time.count() % 1'000'000'000);
    if (it.vlan >= 0) {
        text += fmt::format("vlan {} ", it.vlan);
    }
    if (it.ip_version != 0) {
        return text + fmt::format("{} > {} {}, {} bytes", address_text(it, true),
                                  address_text(it, false), protocol_text(it), length);
    }
    if (it.ether_type == xdp::type_arp) {
        return text + fmt::format("arp {} {} > {}, {} bytes",
                                  it.protocol == 1 ? "who-has" : "reply", address_text(it, true),
                                  address_text(it, false), length);
    }
    return text + fmt::format("ethertype 0x{:04x}, {} bytes", it.ether_type, length);
}

struct capturer {
    const xdp_options& options;
    xdp::steering& program;
    const xdp::filter& meant;
    std::FILE* file;  // Null: lines on standard output.
    nanoseconds offset;
    std::uint64_t captured = 0;
    std::uint64_t captured_bytes = 0;
    bool failed = false;
    std::string buffer{};

    task<void> run();
    void take(const xdp::packet_copy& one);
    [[nodiscard]] bool is_done() const {
        return failed || (options.count != 0 && captured >= options.count);
    }
    void flush();
};

void capturer::take(const xdp::packet_copy& one) {
    const auto headers = xdp::parse_frame(one.bytes);
    if (is_done() || !headers || !meant.matches(*headers, one.length)) {
        return;
    }
    ++captured;
    captured_bytes += one.length;
    const nanoseconds time = one.time + offset;
    if (file != nullptr) {
        const auto bytes =
            one.bytes.first(std::min<std::size_t>(one.bytes.size(), options.snaplen));
        xdp::append_packet(buffer, bytes, one.length, time);
    } else if (!options.quiet) {
        buffer += line_of(*headers, one.length, time) + '\n';
    }
}

void capturer::flush() {
    std::FILE* const to = file != nullptr ? file : stdout;
    if (std::fwrite(buffer.data(), 1, buffer.size(), to) != buffer.size() || std::fflush(to) != 0) {
        failed = true;
    }
    buffer.clear();
}

task<void> capturer::run() {
    const stop_source* const stop = co_await this_stop{};
    while (!stop->stop_requested() && !is_done()) {
        const auto taken = program.take_copies([this](const xdp::packet_copy& one) { take(one); },
                                               copies_per_turn);
        flush();
        if (taken > 0) {
            co_await yield{};
            continue;
        }
        operation wait;
        wait.kind = op_kind::poll;
        wait.fd = program.copies_fd();
        wait.flags = POLLIN;
        (void)co_await await_operation{wait};
    }
    program.detach();
    while (!is_done() && program.take_copies([this](const xdp::packet_copy& one) { take(one); },
                                             copies_per_turn) > 0) {
        flush();
    }
    flush();
}

nanoseconds wall_clock_offset() {
    return std::chrono::system_clock::now().time_since_epoch() -
           std::chrono::steady_clock::now().time_since_epoch();
}

// Since Linux 6.3 drivers say what they can; before, nothing is known of any.
bool drivers_are_described() {
    const std::string release = kernel_release();
    const char* const end = release.data() + release.size();
    int major = 0;
    int minor = 0;
    const auto point = std::from_chars(release.data(), end, major).ptr;
    if (point != end) {
        std::from_chars(point + 1, end, minor);
    }
    return major > 6 || (major == 6 && minor >= 3);
}

std::string features_text(std::uint64_t features) {
    using hook = bpf::xdp_hook;
    constexpr std::array<std::pair<std::uint64_t, const char*>, 5> all{
        {{hook::feature_basic, "native"},
         {hook::feature_redirect, "redirect"},
         {hook::feature_transmit, "transmit"},
         {hook::feature_zero_copy, "zero-copy"},
         {hook::feature_fragments, "fragments"}}};
    std::string text;
    for (const auto& [bit, name] : all) {
        if ((features & bit) != 0) {
            text += (text.empty() ? "" : ",") + std::string{name};
        }
    }
    if (text.empty()) {
        return drivers_are_described() ? "generic only" : "not told before Linux 6.3";
    }
    return text;
}

nlohmann::json json_of(const bpf::network_interface& where, const bpf::xdp_hook& hook) {
    nlohmann::json line{{"interface", where.name},
                        {"driver", where.driver},
                        {"up", where.is_up},
                        {"mtu", where.mtu},
                        {"queues", where.receive_queues},
                        {"default_route", bpf::carries_default_route(where.name)},
                        {"features", features_text(hook.features)},
                        {"program", nullptr}};
    if (hook.program != 0) {
        line["program"] = {{"id", hook.program},
                           {"name", hook.program_name},
                           {"mode", bpf::name_of(hook.mode)},
                           {"dispatcher", hook.is_dispatcher}};
    }
    return line;
}

void print_status(const bpf::network_interface& where, const bpf::xdp_hook& hook) {
    const std::string program =
        hook.program == 0 ? "none"
                          : fmt::format("{} {} ({} mode)", hook.program,
                                        hook.program_name.empty() ? "?" : hook.program_name,
                                        bpf::name_of(hook.mode));
    fmt::print("{:<16} {:<12} {:>6} {:>6}  {:<42} {}\n", where.name,
               where.driver.empty() ? "-" : where.driver, where.mtu, where.receive_queues,
               features_text(hook.features), program);
}

}  // namespace

int run_xdp_capture(const xdp_options& options) {
    const auto meant = xdp::filter::parse(options.expression);
    if (!meant) {
        return refuse_xdp({{errc::malformed, 0}, meant.error()});
    }
    // What the kernel can't tell is told apart here.
    auto rules = meant->rules(xdp::steering::rules_max);
    std::unique_ptr<std::FILE, file_closer> file;
    if (!options.write.empty()) {
        file.reset(options.write == "-" ? stdout : std::fopen(options.write.c_str(), "wbe"));
        if (file == nullptr) {
            return refuse_xdp({error_from_errno(errno),
                               fmt::format("{}: {}", options.write, std::strerror(errno))});
        }
    }
    auto port = open_port(options, options.interface,
                          {.matched = xdp::verdict::copy,
                           .rules = rules.value_or(std::vector<xdp::match_rule>{}),
                           .copied_bytes_max = std::max(options.snaplen, 256U)});
    if (!port) {
        return refuse_xdp(port.error());
    }
    xdp_options telling = options;
    telling.json = options.json && options.write != "-";
    if (options.write == "-") {
        telling.quiet = true;
    }
    tell_port(telling, *port);
    capturer work{.options = options,
                  .program = *port->program,
                  .meant = *meant,
                  .file = file.get(),
                  .offset = wall_clock_offset()};
    if (file != nullptr) {
        work.buffer = xdp::pcapng_head(fmt::format("ringway {}", version_number()),
                                       port->where.name, options.expression, options.snaplen);
    }
    xdp_report report{telling};
    const auto rows = [&]() -> std::vector<xdp_report::row> {
        return {{"captured", work.captured},
                {"captured_bytes", work.captured_bytes, false},
                {"lost", port->program->counts().lost.packets}};
    };
    if (file == nullptr) {
        telling.quiet = true;  // The lines are the report.
    }
    const auto begin = std::chrono::steady_clock::now();
    const int status = run_xdp_loop(
        telling, [&work] { return work.run(); },
        [&](double passed) { report.tell(rows(), passed); });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (file != nullptr) {
        xdp::append_statistics(work.buffer, work.captured, port->program->counts().lost.packets,
                               std::chrono::system_clock::now().time_since_epoch());
        work.flush();
    }
    if (work.failed) {
        return refuse_xdp(
            {error_from_errno(errno), fmt::format("{}: {}", options.write, std::strerror(errno))});
    }
    if (options.write == "-") {
        fmt::print(stderr, "{} captured, {} lost\n", work.captured,
                   port->program->counts().lost.packets);
    } else {
        report.tell_total(rows(), took.count());
    }
    return status;
}

int run_xdp_status(const xdp_options& options) {
    std::vector<bpf::network_interface> all;
    if (options.interface.empty()) {
        all = bpf::all_interfaces();
    } else if (auto one = bpf::find_interface(options.interface)) {
        all.push_back(*std::move(one));
    } else {
        return refuse_xdp(one.error());
    }
    if (!options.json) {
        fmt::print("{:<16} {:<12} {:>6} {:>6}  {:<42} {}\n", "interface", "driver", "mtu", "queues",
                   "driver's XDP", "program");
    }
    for (const bpf::network_interface& where : all) {
        const auto hook = bpf::query_xdp(where.index);
        if (!hook) {
            return refuse_xdp(hook.error());
        }
        if (options.json) {
            fmt::print("{}\n", json_of(where, *hook).dump());
        } else {
            print_status(where, *hook);
        }
    }
    return 0;
}

}  // namespace ringway::cli
