// The relay between the two namespaces: reads packets, lets the path treat them, writes them.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "lab/network.hpp"
#include "lab/path.hpp"

namespace ringway::lab {

struct relay_options {
    path_options path = {};
    std::string capture = {};  ///< File to write as pcapng; "": none.
};

/// How punctual the relay was: by how much packets left later than they were to.
struct relay_lateness {
    std::uint64_t packets = 0;
    lab_time median{0};
    lab_time p99{0};
    lab_time max{0};
};

/// Bytes that reached the client in each interval, of IP packets.
struct relay_throughput {
    static constexpr lab_time interval = std::chrono::milliseconds{100};
    static constexpr std::size_t intervals_max =
        36'000;  ///< An hour; what comes later is left out.

    std::vector<std::uint64_t> tcp;
    std::vector<std::uint64_t> udp;

    /// One of the client's sockets, in the order in which they got their first packet.
    struct flow {
        transport_protocol protocol = transport_protocol::other;
        std::uint16_t client_port = 0;
        std::vector<std::uint64_t> bytes;
    };
    static constexpr std::size_t flows_max = 16;  ///< Others are in the sums only.
    std::vector<flow> flows;
};

struct relay_counters {
    path_counters path;
    relay_lateness lateness;
    std::uint64_t ignored = 0;  ///< Neither TCP nor UDP nor ICMP, such as router solicitations.
    std::uint64_t write_failures = 0;
    std::uint64_t kernel_drops = 0;  ///< At the TUN devices, since they were made.
    /// The longest time between two packets with a payload that reached the client, but for the
    /// beginning, when congestion control pauses by itself.
    static constexpr lab_time gaps_from = std::chrono::milliseconds{700};
    lab_time gap_max{0};
    /// When time began: CLOCK_MONOTONIC, so that programs can be asked what they did at a time.
    lab_time began{0};
    /// How often the client's address or port was another than that of its datagram before.
    std::uint64_t client_moves = 0;
};

/// A thread of its own between the devices of a `network`, which must live longer. Its timer has no
/// slack, and real-time priority where that is allowed. All calls may come from any thread.
class relay {
public:
    /// Starts the thread. Fails with a line for people if the capture can't be written.
    [[nodiscard]] static std::expected<std::unique_ptr<relay>, std::string> start(
        const network& between, const relay_options& options);

    relay(const relay&) = delete;
    relay& operator=(const relay&) = delete;
    /// Ends the thread; packets on their way are lost.
    ~relay();

    /// Begins anew with another path: time starts at zero, counters too, packets on their way are
    /// lost. Captures go on.
    void restart(const path_options& options);

    /// Since the start or restart.
    [[nodiscard]] lab_time now() const;
    [[nodiscard]] relay_counters counters() const;
    [[nodiscard]] relay_throughput throughput() const;

    /// From now on copies of the client's packets with a UDP payload are kept, as they came:
    /// `packets_max` at most, and none behind the first answer when `until_answer`. That is the
    /// client's first flight.
    void record(std::size_t packets_max, bool until_answer = false);
    [[nodiscard]] std::vector<packet> take_recording();

    /// Sends a packet on its way as if the client had sent it.
    void inject(packet bytes);

    /// Whether the thread has real-time priority (SCHED_FIFO).
    [[nodiscard]] bool is_realtime() const noexcept;

private:
    class worker;
    explicit relay(std::unique_ptr<worker> does);
    std::unique_ptr<worker> worker_;
};

}  // namespace ringway::lab
