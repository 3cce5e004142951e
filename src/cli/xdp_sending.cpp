// gen and ping: datagrams of our own, sent by AF_XDP.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <fmt/core.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/observe/histogram.hpp>
#include <ringway/runtime/sleep.hpp>
#include <ringway/xdp/match.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/steering.hpp>
#include <ringway/xdp/umem.hpp>

#include "cli/xdp_loop.hpp"
#include "cli/xdp_options.hpp"
#include "cli/xdp_session.hpp"
#include "cli/xdp_target.hpp"
#include "observe/print_text.hpp"
#include "xdp/build.hpp"
#include "xdp/headers.hpp"
#include "xdp/traffic.hpp"

namespace ringway::cli {
namespace {

using clock = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;
using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds sleeps_from{2};
constexpr std::chrono::milliseconds backlog_max{100};
constexpr std::chrono::seconds answer_timeout{1};
constexpr std::uint32_t ping_frames = 64;   // One answer at a time: few frames stay in the caches.
constexpr unsigned spins_per_yield = 4096;  // Some tens of microseconds: a turn costs one.

nanoseconds now() { return clock::now().time_since_epoch(); }

// How many packets are due; what could not be sent for longer than `backlog_max` is given up.
class pace {
public:
    explicit pace(std::uint64_t rate) : rate_{rate}, begin_{now()} {}

    [[nodiscard]] std::uint64_t due(nanoseconds at) noexcept {
        if (rate_ == 0) {
            return xdp::packet_batch::packets_max;
        }
        const auto all =
            static_cast<std::uint64_t>(seconds{at - begin_}.count() * static_cast<double>(rate_));
        const auto most =
            static_cast<std::uint64_t>(seconds{backlog_max}.count() * static_cast<double>(rate_)) +
            1;
        if (all > sent_ + most) {
            sent_ = all - most;
        }
        return all - std::min(all, sent_);
    }
    void sent(std::uint64_t count) noexcept { sent_ += count; }
    [[nodiscard]] nanoseconds until_next(nanoseconds at) const noexcept {
        const seconds next{static_cast<double>(sent_ + 1) / static_cast<double>(rate_)};
        return begin_ + std::chrono::duration_cast<nanoseconds>(next) - at;
    }

private:
    std::uint64_t rate_;
    nanoseconds begin_;
    std::uint64_t sent_ = 0;
};

struct generator {
    const xdp_options& options;
    xdp_port& port;
    const xdp::traffic& what;
    std::uint64_t sent = 0;
    bool failed = false;

    task<void> run();
    void fill(xdp::packet_batch& batch, std::uint64_t count, nanoseconds at) const;
};

void generator::fill(xdp::packet_batch& batch, std::uint64_t count, nanoseconds at) const {
    for (std::uint64_t i = 0; i < count; ++i) {
        xdp::packet* const one = batch.add();
        if (one == nullptr) {
            return;
        }
        what.write(one->bytes(), sent + i, at);
        one->length = static_cast<std::uint32_t>(what.frame_bytes());
    }
}

task<void> generator::run() {
    const stop_source* const stop = co_await this_stop{};
    pace pacing{options.rate};
    std::size_t turn = 0;
    while (!stop->stop_requested() && (options.count == 0 || sent < options.count)) {
        const nanoseconds at = now();
        std::uint64_t due = std::min<std::uint64_t>(pacing.due(at), xdp::packet_batch::packets_max);
        if (options.count != 0) {
            due = std::min(due, options.count - sent);
        }
        if (due == 0) {
            const nanoseconds wait = pacing.until_next(at);
            if (wait >= sleeps_from) {
                (void)co_await sleep_for(wait - std::chrono::milliseconds{1});
            } else {
                co_await yield{};
            }
            continue;
        }
        xdp::xdp_socket& socket = *port.sockets[turn++ % port.sockets.size()];
        xdp::packet_batch batch{socket.memory()};
        fill(batch, due, at);
        if (batch.empty()) {  // All frames are on their way.
            socket.kick();
            co_await yield{};
            continue;
        }
        const std::uint32_t filled = batch.size();
        const auto done = co_await socket.tx_batch(batch);
        sent += filled - batch.size();
        pacing.sent(filled - batch.size());
        if (!done) {
            failed = done.error().code != errc::canceled;
            break;
        }
        co_await yield_if_due{};
    }
    for (const auto& socket : port.sockets) {
        co_await socket->close();
    }
}

std::vector<xdp_report::row> rows_of(const generator& now, std::size_t frame_bytes) {
    return {{"sent", now.sent}, {"sent_bytes", now.sent * frame_bytes, false}};
}

struct pinger {
    const xdp_options& options;
    xdp_port& port;
    const xdp::traffic& what;
    observe::histogram times{};
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;

    task<void> run();
    void send(xdp::packet_batch& batch);
    [[nodiscard]] bool take_answer(xdp::packet_batch& batch);
    [[nodiscard]] task<bool> wait_for_answer(xdp::packet_batch& batch);
};

void pinger::send(xdp::packet_batch& batch) {
    xdp::xdp_socket& socket = *port.sockets.front();
    if (xdp::packet* const one = batch.add()) {
        what.write(one->bytes(), sent, now());
        one->length = static_cast<std::uint32_t>(what.frame_bytes());
        socket.transmit_now(batch);
    }
    ++sent;
}

// Whether the answer to the packet sent last is there. Earlier ones come too late to count.
bool pinger::take_answer(xdp::packet_batch& batch) {
    for (const auto& socket : port.sockets) {
        if (options.busy_poll_us > 0) {
            socket->poll_interface();
        }
        if (socket->receive_now(batch) == 0) {
            continue;
        }
        const nanoseconds at = now();
        for (const xdp::packet& each : batch.packets()) {
            const auto stamp = xdp::traffic::stamp_of(each.bytes());
            if (stamp && stamp->number + 1 == sent) {
                times.record(static_cast<std::uint64_t>(at.count()) - stamp->time_ns);
                ++answered;
                return true;
            }
        }
    }
    return false;
}

task<bool> pinger::wait_for_answer(xdp::packet_batch& batch) {
    const stop_source* const stop = co_await this_stop{};
    const nanoseconds until = now() + answer_timeout;
    for (unsigned spins = 0;; ++spins) {
        if (take_answer(batch)) {
            co_return true;
        }
        if (spins % spins_per_yield == spins_per_yield - 1) {
            if (now() >= until) {
                co_return false;
            }
            port.sockets.front()->kick();
            co_await yield{};
            if (stop->stop_requested()) {
                --sent;
                co_return false;
            }
        }
    }
}

task<void> pinger::run() {
    const stop_source* const stop = co_await this_stop{};
    xdp::packet_batch batch{port.sockets.front()->memory()};
    while (!stop->stop_requested() && sent < options.count) {
        batch.release();
        send(batch);
        (void)co_await wait_for_answer(batch);
        if (options.interval.count() > 0 && sent < options.count) {
            (void)co_await sleep_for(options.interval);
        } else if (sent % 64 == 0) {
            co_await yield{};  // For signals.
        }
    }
    port.program->detach();
    for (const auto& socket : port.sockets) {
        co_await socket->close();
    }
}

constexpr std::array<std::pair<const char*, double>, 5> quantiles{
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"p100", 1.0}}};

std::string micros(std::uint64_t ns) {
    return fmt::format("{:.2f} us", static_cast<double>(ns) / 1000);
}

void print_bars(const observe::histogram& times) {
    // A row per power of two and half of it: fine enough to see two groups.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> rows;
    std::uint64_t end = 512;
    for (std::size_t i = 0; i < times.bucket_count(); ++i) {
        const std::uint64_t value = times.bucket_end(i);
        while (value > end) {
            end = (end & (end - 1)) == 0 ? end + end / 2 : end / 3 * 4;
        }
        if (const std::uint64_t count = times.bucket(i); count > 0) {
            if (rows.empty() || rows.back().first != end) {
                rows.emplace_back(end, 0);
            }
            rows.back().second += count;
        }
    }
    std::uint64_t most = 1;
    for (const auto& row : rows) {
        most = std::max(most, row.second);
    }
    for (const auto& row : rows) {
        print_text("{:>14} {:>9} {}\n", "<= " + micros(row.first), row.second,
                   std::string(static_cast<std::size_t>(row.second * 50 / most), '#'));
    }
}

void tell_times(const xdp_options& options, const pinger& done) {
    if (options.json) {
        nlohmann::json line{{"event", "total"}, {"sent", done.sent}, {"answered", done.answered}};
        line["ns"] = nullptr;  // Unless there is one.
        for (const auto& [name, share] : quantiles) {
            if (done.answered > 0) {
                line["ns"][name] = done.times.quantile(share);
            }
        }
        if (done.answered > 0) {
            line["ns"]["mean"] = done.times.mean();
        }
        print_text("{}\n", line.dump());
        return;
    }
    if (!options.quiet && done.answered > 0) {
        print_bars(done.times);
    }
    print_text("{} sent, {} answered", done.sent, done.answered);
    for (const auto& [name, share] : quantiles) {
        if (done.answered > 0) {
            print_text(", {} {}", name, micros(done.times.quantile(share)));
        }
    }
    print_text("\n");
    const std::uint64_t lost = done.sent - done.answered;
    if (lost > 0) {
        print_text(stderr,
                   "ringway: {} of {} were not answered; is there an echo service at {}, and does "
                   "the answer come to a queue of {}?\n",
                   lost, done.sent, options.to, done.port.where.name);
    }
}

struct prepared {
    std::unique_ptr<xdp::umem> memory;
    xdp_target target;
};

bpf::outcome<prepared> prepare(const xdp_options& options) {
    const auto where = bpf::find_interface(options.interface);
    if (!where) {
        return std::unexpected{where.error()};
    }
    auto target = xdp_target_of(options, *where);
    if (!target) {
        return std::unexpected{target.error()};
    }
    auto memory = open_memory(options, 8192);
    if (!memory) {
        return std::unexpected{memory.error()};
    }
    return prepared{*std::move(memory), *target};
}

}  // namespace

int run_xdp_gen(const xdp_options& options, xdp_loop& loop) {
    auto ready = prepare(options);
    if (!ready) {
        return refuse_xdp(ready.error());
    }
    auto port = open_sockets(options, options.interface, nullptr, *ready->memory, 0);
    if (!port) {
        return refuse_xdp(port.error());
    }
    const xdp::traffic what{ready->target.recipe, ready->target.sources, options.sources,
                            options.size};
    tell_port(options, *port);
    loop.show(*port);
    generator work{.options = options, .port = *port, .what = what};
    xdp_report report{options};
    const auto begin = clock::now();
    const int status = loop.run(
        options, [&work] { return work.run(); },
        [&](double passed) { report.tell(rows_of(work, what.frame_bytes()), passed); });
    report.tell_total(rows_of(work, what.frame_bytes()), seconds{clock::now() - begin}.count());
    return work.failed ? xdp_loop::end_without(*port, status) : status;
}

int run_xdp_ping(const xdp_options& options, xdp_loop& loop) {
    auto ready = prepare(options);
    if (!ready) {
        return refuse_xdp(ready.error());
    }
    const xdp::udp_recipe& recipe = ready->target.recipe;
    const xdp::prefix peer{.address = recipe.target,
                           .bits = static_cast<std::uint8_t>(recipe.is_v6 ? 128 : 32),
                           .is_v6 = recipe.is_v6};
    const xdp::steering_options steer{.matched = xdp::verdict::to_socket,
                                      .rules = {{.protocol = xdp::protocol_udp,
                                                 .source_port = recipe.target_port,
                                                 .target_port = recipe.source_port,
                                                 .source = peer}}};
    auto port = open_sockets(options, options.interface, &steer, *ready->memory, ping_frames);
    if (!port) {
        return refuse_xdp(port.error());
    }
    const std::size_t least = udp_overhead(recipe) + sizeof(xdp::traffic_stamp);
    const xdp::traffic what{recipe, {}, 1, std::max<std::size_t>(options.size, least)};
    tell_port(options, *port);
    loop.show(*port);
    pinger work{.options = options, .port = *port, .what = what};
    xdp_options silent = options;
    silent.quiet = true;
    const int status = loop.run(silent, [&work] { return work.run(); }, [](double) {});
    tell_times(options, work);
    return work.answered == 0 ? 1 : status;
}

}  // namespace ringway::cli
