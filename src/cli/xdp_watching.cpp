// capture: what comes by.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <expected>
#include <fmt/chrono.h>
#include <fmt/core.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/bpf/xdp_link.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/ring/operation.hpp>
#include <ringway/xdp/match.hpp>
#include <ringway/xdp/steering.hpp>

#include "cli/version.hpp"
#include "cli/xdp_hints.hpp"
#include "cli/xdp_loop.hpp"
#include "cli/xdp_options.hpp"
#include "cli/xdp_session.hpp"
#include "observe/print_text.hpp"
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

std::string kind_of(const xdp::frame_headers& it) {
    if (it.ip_version != 0) {
        return protocol_text(it);
    }
    if (it.ether_type == xdp::type_arp) {
        return it.protocol == 1 ? "arp who-has" : "arp reply";
    }
    return fmt::format("ethertype 0x{:04x}", it.ether_type);
}

// Whether it is about addresses at all.
bool has_addresses(const xdp::frame_headers& it) {
    return it.ip_version != 0 || it.ether_type == xdp::type_arp;
}

std::string line_of(const xdp::frame_headers& it, const xdp::packet_copy& one, nanoseconds time) {
    const std::time_t whole = std::chrono::duration_cast<std::chrono::seconds>(time).count();
    std::string text = fmt::format("{:%H:%M:%S}.{:09} {} ", fmt::localtime(whole),
                                   time.count() % 1'000'000'000, one.is_sent ? "out" : "in ");
    if (it.vlan >= 0) {
        text += fmt::format("vlan {} ", it.vlan);
    }
    if (has_addresses(it)) {
        text += fmt::format("{} > {} ", address_text(it, true), address_text(it, false));
    }
    const std::string hints = to_text(one.hints);
    return text + fmt::format("{}, {} bytes{}{}\n", kind_of(it), one.length,
                              hints.empty() ? "" : ", ", hints);
}

std::string json_of(const xdp::frame_headers& it, const xdp::packet_copy& one, nanoseconds time) {
    nlohmann::json line{{"event", "packet"},
                        {"time", static_cast<double>(time.count()) / 1e9},
                        {"direction", one.is_sent ? "out" : "in"},
                        {"kind", kind_of(it)},
                        {"bytes", one.length}};
    if (it.vlan >= 0) {
        line["vlan"] = it.vlan;
    }
    if (has_addresses(it)) {
        line["source"] = address_text(it, true);
        line["target"] = address_text(it, false);
    }
    if (one.hints.hash) {
        line["hash"] = *one.hints.hash;
        line["hash_of"] = xdp::to_text_of_hash_kind(one.hints.hash_kind);
    }
    if (one.hints.time) {
        line["card_time_ns"] = one.hints.time->count();
    }
    return line.dump() + '\n';
}

struct capturer {
    const xdp_options& options;
    xdp::steering& program;
    const xdp::filter& meant;
    std::FILE* file;  // Null: lines on standard output.
    nanoseconds offset;
    std::uint64_t captured = 0;
    std::uint64_t captured_bytes = 0;
    std::uint64_t card_times = 0;  // Packets with a time by the card's clock.
    int failed = 0;                // The errno of writing.
    std::string buffer{};
    std::size_t written = 0;  // Bytes in the file.

    task<void> run();
    void take(const xdp::packet_copy& one);
    void take_whole(const xdp::packet_copy& one);
    [[nodiscard]] bool is_done() const {
        return failed != 0 || (options.count != 0 && captured >= options.count);
    }
    void flush();
    void write_blocks();
};

// As it was on the wire, so that expressions and readers see the tag.
void capturer::take(const xdp::packet_copy& one) {
    if (!one.hints.vlan) {
        take_whole(one);
        return;
    }
    const auto tagged = with_tag(one.bytes, *one.hints.vlan);
    xdp::packet_copy whole = one;
    whole.bytes = tagged;
    whole.length += static_cast<std::uint32_t>(tagged.size() - one.bytes.size());
    take_whole(whole);
}

void capturer::take_whole(const xdp::packet_copy& one) {
    const auto headers = xdp::parse_frame(one.bytes);
    if (is_done() || !headers || !meant.matches(*headers, one.length)) {
        return;
    }
    ++captured;
    captured_bytes += one.length;
    card_times += one.hints.time ? 1 : 0;
    const nanoseconds time = one.time + offset;
    if (file != nullptr) {
        const auto bytes =
            one.bytes.first(std::min<std::size_t>(one.bytes.size(), options.snaplen));
        xdp::append_packet(buffer, bytes, one.length, one.hints.time.value_or(time),
                           {.is_sent = one.is_sent,
                            .by_card_clock = one.hints.time.has_value(),
                            .comment = to_text({.time = {},
                                                .hash = one.hints.hash,
                                                .hash_kind = one.hints.hash_kind,
                                                .vlan = {}})});
    } else if (!options.quiet) {
        buffer += options.json ? json_of(*headers, one, time) : line_of(*headers, one, time);
    }
}

void capturer::flush() {
    if (file != nullptr) {
        write_blocks();
    } else if (std::fwrite(buffer.data(), 1, buffer.size(), stdout) != buffer.size() ||
               std::fflush(stdout) != 0) {
        failed = errno;
    }
    buffer.clear();
}

void capturer::write_blocks() {
    const int fd = ::fileno(file);
    std::size_t done = 0;
    while (failed == 0 && done < buffer.size()) {
        const auto count = ::write(fd, buffer.data() + done, buffer.size() - done);
        if (count >= 0) {
            done += static_cast<std::size_t>(count);
        } else if (errno != EINTR) {
            failed = errno;
        }
    }
    if (failed != 0) {
        const auto whole = xdp::whole_blocks(buffer, done);
        captured -= whole.packets_behind;
        captured_bytes -= whole.bytes_behind;
        // A reader is to find no half of a packet. What is no file keeps it.
        static_cast<void>(::ftruncate(fd, static_cast<off_t>(written + whole.bytes)));
    }
    written += done;
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

// With the hints of the card if they are wanted and to be had; else it says why not, and goes on.
bpf::outcome<xdp_port> open_receiving(const xdp_options& options, xdp::steering_options how) {
    if (!options.hints) {
        return open_port(options, options.interface, how);
    }
    const auto where = bpf::find_interface(options.interface);
    if (!where) {
        return std::unexpected{where.error()};
    }
    how.hints_from = where->index;
    auto port = open_port(options, options.interface, how);
    if (port) {
        const std::string offered = to_text(bpf::find_offered_hints(where->index));
        print_text(stderr, "ringway: {} ({}) offers hints: {}\n", where->name, where->driver,
                   offered.empty() ? "the kernel does not tell which (before Linux 6.8)" : offered);
        return port;
    }
    if (port.error().why.code != errc::unsupported || options.mode != bpf::xdp_mode::automatic) {
        return port;
    }
    print_text(stderr, "ringway: without hints of the card: {}\n", port.error().text);
    how.hints_from = 0;
    return open_port(options, options.interface, how);
}

// Receiving is seen by an XDP program, sending by one behind the network stack.
bpf::outcome<xdp_port> open_capture(const xdp_options& options, const xdp::filter& meant) {
    const bool sent = options.direction != xdp_direction::in;
    if (options.hints && options.direction == xdp_direction::out) {
        return bpf::refuse({errc::malformed, 0},
                           "--hints are of what is received: not with "
                           "--direction out");
    }
    // What the kernel can't tell is told apart here.
    auto rules = meant.rules(xdp::steering::rules_max);
    const xdp::steering_options how{.matched = xdp::verdict::copy,
                                    .rules = rules.value_or(std::vector<xdp::match_rule>{}),
                                    .copies_sent = sent,
                                    .copied_bytes_max = std::max(options.snaplen, 256U)};
    auto port = options.direction == xdp_direction::out ? load_port(options.interface, how)
                                                        : open_receiving(options, how);
    if (!port || !sent) {
        return port;
    }
    if (auto attached = port->program->attach_sent(port->where); !attached) {
        if (options.direction_given || attached.error().why.code != errc::unsupported) {
            return std::unexpected{std::move(attached.error())};
        }
        print_text(stderr, "ringway: only what is received: {}\n", attached.error().text);
    }
    return port;
}

using file_handle = std::unique_ptr<std::FILE, file_closer>;

bpf::outcome<file_handle> open_file(const std::string& name) {
    if (name.empty()) {
        return file_handle{};
    }
    file_handle file{name == "-" ? stdout : std::fopen(name.c_str(), "wbe")};
    if (file == nullptr) {
        return bpf::refuse(error_from_errno(errno),
                           fmt::format("{}: {}", name, std::strerror(errno)));
    }
    return file;
}

int finish(capturer& work, const xdp_port& port, const xdp_report& report,
           const std::vector<xdp_report::row>& rows, double seconds) {
    const xdp_options& options = work.options;
    if (work.file != nullptr && !work.failed) {
        xdp::append_statistics(work.buffer, work.captured, port.program->counts().lost.packets,
                               std::chrono::system_clock::now().time_since_epoch());
        work.flush();
    }
    if (work.failed) {
        if (work.file != nullptr && options.write != "-") {
            report.tell_total(rows, seconds);
        }
        return refuse_xdp(
            {error_from_errno(work.failed),
             fmt::format("{}: {}", work.file == nullptr ? "standard output" : options.write,
                         std::strerror(work.failed))});
    }
    if (options.hints) {
        print_text(stderr,
                   "ringway: times of {} packets by the card's clock, of {} by the kernel's\n",
                   work.card_times, work.captured - work.card_times);
    }
    if (options.write == "-") {
        print_text(stderr, "{} captured, {} lost\n", work.captured,
                   port.program->counts().lost.packets);
    } else {
        report.tell_total(rows, seconds);
    }
    return 0;
}

}  // namespace

int run_xdp_capture(const xdp_options& options, xdp_loop& loop) {
    const auto meant = xdp::filter::parse(options.expression);
    if (!meant) {
        return refuse_xdp({{errc::malformed, 0}, meant.error()});
    }
    auto port = open_capture(options, *meant);
    if (!port) {
        return refuse_xdp(port.error());
    }
    const auto file = open_file(options.write);
    if (!file) {
        return refuse_xdp(file.error());
    }
    const bool to_stdout = options.write == "-";
    xdp_options telling = options;
    telling.json = options.json && !to_stdout;
    telling.quiet = options.quiet || to_stdout || *file == nullptr;  // Lines are the report.
    tell_port(telling, *port);
    loop.show(*port);
    capturer work{.options = options,
                  .program = *port->program,
                  .meant = *meant,
                  .file = file->get(),
                  .offset = wall_clock_offset()};
    if (*file != nullptr) {
        work.buffer =
            xdp::pcapng_head(fmt::format("ringway {}", version_number()), port->where.name,
                             options.expression, options.snaplen, options.hints);
    }
    xdp_report report{telling};
    const auto rows = [&]() -> std::vector<xdp_report::row> {
        return {{"captured", work.captured},
                {"captured_bytes", work.captured_bytes, false},
                {"lost", port->program->counts().lost.packets}};
    };
    const auto begin = std::chrono::steady_clock::now();
    const int status = loop.run(
        telling, [&work] { return work.run(); },
        [&](double passed) { report.tell(rows(), passed); });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return std::max(status, finish(work, *port, report, rows(), took.count()));
}

}  // namespace ringway::cli
