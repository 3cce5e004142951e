#include "lab/relay.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <fmt/core.h>
#include <mutex>
#include <optional>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/observe/histogram.hpp>

#include "lab/pcapng.hpp"

namespace ringway::lab {
namespace {

constexpr std::size_t packet_bytes_max = 65536;
constexpr int batch_max = 64;  // Packets of one side before the other one gets its turn.

std::int64_t clock_now(clockid_t which) {
    timespec now{};
    ::clock_gettime(which, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// What hosts say by themselves: router solicitations, multicast listener reports.
bool is_noise(byte_view bytes) {
    if (bytes.empty()) {
        return true;
    }
    const auto version = std::to_integer<unsigned>(bytes[0]) >> 4U;
    return (version == 6 && (bytes.size() < 40 || bytes[24] == std::byte{0xff})) ||
           (version == 4 && (bytes.size() < 20 || bytes[9] == std::byte{2})) ||
           (version != 4 && version != 6);
}

}  // namespace

class relay::worker {
public:
    worker(const network& between, const path_options& options,
           std::optional<pcapng_writer> capture)
        : between_{&between},
          wake_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)},
          capture_{std::move(capture)} {
        RW_ASSERT(wake_);
        restart(options);
        thread_ = std::thread{[this] { run(); }};
    }
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    ~worker() {
        ends_.store(true);
        wake();
        thread_.join();
        if (capture_) {
            static_cast<void>(capture_->close());
        }
    }

    void restart(const path_options& options) {
        const std::scoped_lock lock{mutex_};
        path_.emplace(options);
        lateness_.emplace();
        ignored_ = 0;
        write_failures_ = 0;
        throughput_ = {};
        last_arrival_.reset();
        gap_max_ = lab_time{0};
        client_.reset();
        client_moves_ = 0;
        began_ = clock_now(CLOCK_MONOTONIC);
    }
    lab_time now() const {
        const std::scoped_lock lock{mutex_};
        return time();
    }
    relay_counters counters() const {
        const std::scoped_lock lock{mutex_};
        const auto at = [this](double q) {
            return lab_time{static_cast<std::int64_t>(lateness_->quantile(q))};
        };
        return {.path = path_->counters(),
                .lateness = {.packets = lateness_->count(),
                             .median = at(0.5),
                             .p99 = at(0.99),
                             .max = lab_time{static_cast<std::int64_t>(lateness_->max())}},
                .ignored = ignored_,
                .write_failures = write_failures_,
                .kernel_drops =
                    between_->kernel_drops(side::client) + between_->kernel_drops(side::server),
                .gap_max = gap_max_,
                .began = lab_time{began_},
                .client_moves = client_moves_};
    }
    relay_throughput throughput() const {
        const std::scoped_lock lock{mutex_};
        return throughput_;
    }
    void record(std::size_t packets_max, bool until_answer) {
        const std::scoped_lock lock{mutex_};
        recording_.clear();
        record_max_ = packets_max;
        until_answer_ = until_answer;
    }
    std::vector<packet> take_recording() {
        const std::scoped_lock lock{mutex_};
        record_max_ = 0;
        return std::exchange(recording_, {});
    }
    void inject(packet bytes) {
        {
            const std::scoped_lock lock{mutex_};
            path_->push(path_direction::up, time(), std::move(bytes));
        }
        wake();
    }
    bool is_realtime() const noexcept { return realtime_.load(); }

private:
    [[nodiscard]] lab_time time() const { return lab_time{clock_now(CLOCK_MONOTONIC) - began_}; }
    void wake() const {
        const std::uint64_t one = 1;
        static_cast<void>(::write(wake_.get(), &one, sizeof one));
    }

    void capture(side at, bool inbound, byte_view bytes) {
        if (capture_) {
            capture_->write(at == side::client ? 0 : 1,
                            static_cast<std::uint64_t>(clock_now(CLOCK_REALTIME)), inbound, bytes);
        }
    }

    void keep(byte_view bytes) {
        const auto facts = read_packet(bytes);
        if (facts && facts->protocol == transport_protocol::udp && facts->payload_bytes > 0 &&
            (!until_answer_ || recording_.empty() || facts->source_port == recorded_port_)) {
            recorded_port_ = facts->source_port;
            recording_.emplace_back(bytes.begin(), bytes.end());
        }
    }

    void note_source(byte_view bytes) {
        const auto facts = read_packet(bytes);
        if (!facts || facts->protocol != transport_protocol::udp) {
            return;
        }
        const std::pair source{address_of(bytes, *facts, packet_end::source), facts->source_port};
        client_moves_ += client_ && *client_ != source ? 1 : 0;
        client_ = source;
    }

    // Not a late packet of an earlier connection.
    [[nodiscard]] bool answers_recording(byte_view bytes) const {
        const auto facts = read_packet(bytes);
        return facts && !recording_.empty() && facts->destination_port == recorded_port_;
    }

    // Takes what a host has sent.
    void read_from(side at) {
        for (int i = 0; i < batch_max; ++i) {
            // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): it never blocks.
            const auto size = ::read(between_->tun(at), memory_.data(), memory_.size());
            if (size <= 0) {
                return;
            }
            const byte_view bytes = byte_view{memory_}.first(static_cast<std::size_t>(size));
            if (is_noise(bytes)) {
                ++ignored_;
                continue;
            }
            capture(at, true, bytes);
            if (at == side::client) {
                note_source(bytes);
            }
            if (at == side::client && recording_.size() < record_max_) {
                keep(bytes);
            } else if (at == side::server && until_answer_ && answers_recording(bytes)) {
                record_max_ = 0;
            }
            path_->push(at == side::client ? path_direction::up : path_direction::down, time(),
                        packet(bytes.begin(), bytes.end()));
        }
    }

    // What reached the client, and when.
    void note_arrival(byte_view bytes) {
        const auto facts = read_packet(bytes);
        if (!facts || facts->payload_bytes == 0 || facts->protocol == transport_protocol::other) {
            return;
        }
        const auto at = time();
        if (last_arrival_ && at > relay_counters::gaps_from) {
            gap_max_ = std::max(gap_max_, at - *last_arrival_);
        }
        last_arrival_ = at;
        const auto index = static_cast<std::size_t>(at / relay_throughput::interval);
        auto& series =
            facts->protocol == transport_protocol::tcp ? throughput_.tcp : throughput_.udp;
        if (index < relay_throughput::intervals_max) {
            count(series, index, bytes.size());
            note_flow(*facts, index, bytes.size());
        }
    }

    static void count(std::vector<std::uint64_t>& series, std::size_t index, std::size_t bytes) {
        series.resize(std::max(series.size(), index + 1));
        series[index] += bytes;
    }

    void note_flow(const packet_facts& facts, std::size_t index, std::size_t bytes) {
        auto& flows = throughput_.flows;
        auto found = std::ranges::find_if(flows, [&](const relay_throughput::flow& each) {
            return each.protocol == facts.protocol && each.client_port == facts.destination_port;
        });
        if (found == flows.end()) {
            if (flows.size() == relay_throughput::flows_max) {
                return;
            }
            found = flows.insert(flows.end(), {facts.protocol, facts.destination_port, {}});
        }
        count(found->bytes, index, bytes);
    }

    void deliver() {
        const auto until = time();
        while (auto arrival = path_->pop(until)) {
            const auto to = arrival->direction == path_direction::up ? side::server : side::client;
            const auto& bytes = arrival->bytes;
            lateness_->record(static_cast<std::uint64_t>((time() - arrival->due).count()));
            if (::write(between_->tun(to), bytes.data(), bytes.size()) < 0) {
                ++write_failures_;
                continue;
            }
            capture(to, false, bytes);
            if (to == side::client) {
                note_arrival(bytes);
            }
        }
    }

    void become_punctual() {
        ::prctl(PR_SET_TIMERSLACK, 1UL);  // Nanoseconds; 50 microseconds by default.
        const sched_param priority{.sched_priority = 1};
        realtime_.store(::sched_setscheduler(0, SCHED_FIFO, &priority) == 0);
    }

    void run() {
        become_punctual();
        std::array<pollfd, 3> wanted{{{between_->tun(side::client), POLLIN, 0},
                                      {between_->tun(side::server), POLLIN, 0},
                                      {wake_.get(), POLLIN, 0}}};
        while (!ends_.load()) {
            std::optional<lab_time> wait;
            {
                const std::scoped_lock lock{mutex_};
                read_from(side::client);
                read_from(side::server);
                deliver();
                if (const auto next = path_->next()) {
                    wait = std::max(lab_time{0}, *next - time());
                }
            }
            timespec limit{};
            if (wait) {
                limit.tv_sec = wait->count() / 1'000'000'000;
                limit.tv_nsec = wait->count() % 1'000'000'000;
            }
            ::ppoll(wanted.data(), wanted.size(), wait ? &limit : nullptr, nullptr);
            std::uint64_t woken = 0;
            static_cast<void>(::read(wake_.get(), &woken, sizeof woken));
        }
    }

    const network* between_;
    unique_fd wake_;
    mutable std::mutex mutex_;
    std::optional<path> path_;
    std::optional<observe::histogram> lateness_;
    std::optional<pcapng_writer> capture_;
    std::vector<packet> recording_;
    std::size_t record_max_ = 0;
    bool until_answer_ = false;
    std::uint16_t recorded_port_ = 0;
    relay_throughput throughput_;
    std::optional<lab_time> last_arrival_;
    lab_time gap_max_{0};
    std::optional<std::pair<ip_address, std::uint16_t>> client_;
    std::uint64_t client_moves_ = 0;
    std::uint64_t ignored_ = 0;
    std::uint64_t write_failures_ = 0;
    std::int64_t began_ = 0;
    std::array<std::byte, packet_bytes_max> memory_{};
    std::atomic<bool> ends_ = false;
    std::atomic<bool> realtime_ = false;
    std::thread thread_;
};

relay::relay(std::unique_ptr<worker> does) : worker_{std::move(does)} {}
relay::~relay() = default;

std::expected<std::unique_ptr<relay>, std::string> relay::start(const network& between,
                                                                const relay_options& options) {
    std::optional<pcapng_writer> capture;
    if (!options.capture.empty()) {
        auto opened = pcapng_writer::create(options.capture);
        if (!opened) {
            return std::unexpected{
                fmt::format("can't write {}: {}", options.capture, describe(opened.error()))};
        }
        capture = *std::move(opened);
    }
    return std::unique_ptr<relay>{
        new relay{std::make_unique<worker>(between, options.path, std::move(capture))}};
}

void relay::restart(const path_options& options) { worker_->restart(options); }
lab_time relay::now() const { return worker_->now(); }
relay_counters relay::counters() const { return worker_->counters(); }
relay_throughput relay::throughput() const { return worker_->throughput(); }
void relay::record(std::size_t packets_max, bool until_answer) {
    worker_->record(packets_max, until_answer);
}
std::vector<packet> relay::take_recording() { return worker_->take_recording(); }
void relay::inject(packet bytes) { worker_->inject(std::move(bytes)); }
bool relay::is_realtime() const noexcept { return worker_->is_realtime(); }

}  // namespace ringway::lab
