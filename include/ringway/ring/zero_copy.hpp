// Memory that a socket sends from without copying it, until the peer has acknowledged it.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway {

class driver;
class zero_copy_pool;
using nanoseconds = std::chrono::nanoseconds;

/// Where bytes leave this machine: the local address of a socket.
struct zero_copy_route {
    std::array<std::byte, 16> address{};

    friend auto operator<=>(const zero_copy_route&, const zero_copy_route&) = default;
};

/// The route of the connected socket `fd` (getsockname(2)). Fails with `unsupported` for what is no
/// TCP over IP, and for loopback, where the kernel copies in any case.
[[nodiscard]] result<zero_copy_route> route_of(int fd) noexcept;

/// One buffer of the pool. It stays in use by the kernel after its send has ended, until the
/// notification says that nobody needs the bytes any more.
struct zero_copy_buffer {
    zero_copy_pool* owner = nullptr;
    operation* sending = nullptr;      ///< The send that has not ended.
    zero_copy_buffer* next = nullptr;  ///< Goes in the same message, and has no notice of its own.
    byte_span head;                    ///< For what goes in front of a body; enrolled with it.
    byte_span memory;
    std::uint16_t slot = operation::no_slot;  ///< Its number with the kernel, if it is enrolled.
    zero_copy_route route;
    bool leased = false;
    bool noted = false;  ///< A notification is to come.
};

/// Buffers of one shard, bounded: who finds none sends another way. What was sent is never waited
/// for; a buffer comes back when its notification does. Used on its shard.
///
/// Learns which routes are worth it: where notifications say that the kernel has copied all the
/// same (a device without scatter-gather, veth, loopback), the route is left alone for a while.
class zero_copy_pool {
public:
    static constexpr std::size_t buffers_max = 32;
    static constexpr std::size_t bytes_each = std::size_t{128} * 1024;
    static constexpr std::size_t head_bytes = 4096;

    /// Gives the buffer back when it dies.
    class lease {
    public:
        lease() = default;
        explicit lease(zero_copy_buffer& taken) noexcept : buffer_{&taken} {}
        lease(lease&& other) noexcept : buffer_{std::exchange(other.buffer_, nullptr)} {}
        lease& operator=(lease&&) = delete;
        ~lease();
        [[nodiscard]] explicit operator bool() const noexcept { return buffer_ != nullptr; }
        [[nodiscard]] zero_copy_buffer& buffer() const noexcept { return *buffer_; }

    private:
        zero_copy_buffer* buffer_ = nullptr;
    };

    /// Lifetime: `io` outlives it, but for the memory that the kernel still sends from.
    explicit zero_copy_pool(driver& io) noexcept : io_{io} {}
    zero_copy_pool(const zero_copy_pool&) = delete;
    zero_copy_pool& operator=(const zero_copy_pool&) = delete;
    ~zero_copy_pool();

    /// A free buffer, or an empty lease when all are in use or no memory can be had.
    [[nodiscard]] lease take() noexcept;

    /// Whether sends on `route` are worth trying now.
    [[nodiscard]] bool pays(const zero_copy_route& route, nanoseconds now) const noexcept;

    /// The send of `buffer`, and of those behind it, has ended; `noted`: its notification is to
    /// come. For the driver.
    void ended(zero_copy_buffer& buffer, bool noted) noexcept;
    /// As `ended`, for drivers that copy: `op` is a send_zc or sendmsg_zc.
    static void ended_plainly(const operation& op) noexcept;
    /// The notification of `buffer`, which frees those behind it too; `copied`: the kernel has
    /// copied the bytes. For the driver.
    void notified(zero_copy_buffer& buffer, bool copied, nanoseconds now) noexcept;

    /// The kernel refuses such sends altogether: no more leases.
    void refuse() noexcept { refused_ = true; }
    [[nodiscard]] bool refused() const noexcept { return refused_; }

    /// Whether messages (sendmsg_zc) may name an enrolled buffer: until a kernel has refused it.
    [[nodiscard]] bool gathers_enrolled() const noexcept { return gathers_enrolled_; }
    void gather_unenrolled() noexcept { gathers_enrolled_ = false; }

    struct counts {
        std::uint64_t sends = 0;
        std::uint64_t notifications = 0;
        std::uint64_t copied = 0;  ///< Of these, what the kernel copied all the same.
    };
    [[nodiscard]] const counts& counters() const noexcept { return counts_; }
    /// Buffers that the kernel still holds after their sends.
    [[nodiscard]] std::size_t outstanding() const noexcept;

private:
    // What is known of a route.
    struct experience {
        unsigned copied = 0;   // In a row.
        nanoseconds until{0};  // Not before.
    };
    bool grow() noexcept;

    driver& io_;
    std::size_t made_ = 0;
    std::array<zero_copy_buffer, buffers_max> buffers_;
    std::map<zero_copy_route, experience> routes_;
    counts counts_;
    bool refused_ = false;
    bool gathers_enrolled_ = true;
};

}  // namespace ringway
