// Datagrams there and back over a pair of virtual interfaces, each way of doing it.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "lab/measurement.hpp"
#include "lab/outcome.hpp"

namespace ringway::lab {

enum class datagram_way : std::uint8_t {
    udp,            ///< UDP sockets, recv(2) and send(2) that wait.
    udp_spinning,   ///< The same, asking again and again.
    udp_batches,    ///< recvmmsg(2) and sendmmsg(2), spinning too.
    xdp_waiting,    ///< AF_XDP sockets on both sides, waiting by poll(2).
    xdp_runtime,    ///< The same, the server on Ringway's runtime, waiting by its ring.
    xdp,            ///< On both sides, looking again and again.
    xdp_generic,    ///< The same in generic mode: behind the driver, which has made an skb already.
    xdp_reflector,  ///< AF_XDP against a program in the kernel that turns packets round (XDP_TX).
};

[[nodiscard]] std::string_view name_of(datagram_way way) noexcept;
[[nodiscard]] std::optional<datagram_way> find_datagram_way(std::string_view name) noexcept;

struct datagram_options {
    datagram_way way = datagram_way::udp;
    std::uint64_t depth = 1;  ///< Datagrams under way at once, 1 to 64.
    double seconds = 1;
    double warm_up = 0.1;
    bool count_syscalls = false;
    std::uint64_t server_core = 0;
};

/// What the process is told on its command line, and understands there.
[[nodiscard]] std::vector<std::string> to_arguments(const datagram_options& options);
[[nodiscard]] std::optional<datagram_options> read_datagram_options(
    std::span<const std::string> arguments);

inline constexpr std::size_t datagram_bytes = 64;
inline constexpr std::uint64_t datagram_depth_max = 64;
inline constexpr std::uint16_t datagram_port = 7;

using datagram = std::array<std::byte, datagram_bytes>;

/// What datagram `number` holds; and its number, if it holds just that.
[[nodiscard]] datagram datagram_of(std::uint32_t number) noexcept;
[[nodiscard]] std::optional<std::uint32_t> number_of(std::span<const std::byte> content) noexcept;

/// The side that asks.
class datagram_client {
public:
    virtual ~datagram_client() = default;
    /// Sends `count` of them, numbered from `first` on.
    virtual void send(std::uint32_t first, unsigned count) = 0;
    /// Puts the numbers of what came back into `numbers`; waits for the first `patience` at most.
    /// How many.
    virtual std::size_t receive(std::span<std::uint32_t> numbers) = 0;

    static constexpr std::chrono::milliseconds patience{300};
};

/// Asks with `depth` of them under way until the time is over, checks every byte that comes back,
/// and measures. What has not come back within `patience` is counted as failed.
[[nodiscard]] measurement ask(datagram_client& client, const datagram_options& options,
                              pid_t server);

/// Of AF_XDP, in a build that has it: the server, as `veth_server`, and the client. Both fail with
/// a line for people.
[[nodiscard]] std::string serve_xdp_datagrams(datagram_way way, const std::function<void()>& ready);
[[nodiscard]] outcome<std::unique_ptr<datagram_client>> make_xdp_client(datagram_way way);

/// The same of UDP sockets.
[[nodiscard]] std::string serve_udp_datagrams(datagram_way way, const std::function<void()>& ready);
[[nodiscard]] outcome<std::unique_ptr<datagram_client>> make_udp_client(datagram_way way);

}  // namespace ringway::lab
