// The packets of one write pass on their way to the kernel, as few system calls as possible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <ngtcp2/ngtcp2.h>

#include <ringway/base/bytes.hpp>

namespace ringway::quic::detail {

/// Packets stand one behind the other in one buffer until `flush`: they are sealed together then,
/// and those that may be segments of one send are sent as that (UDP_SEGMENT, udp(7)).
class burst {
public:
    static constexpr std::size_t bytes_max = 65536;

    burst();
    burst(const burst&) = delete;
    burst& operator=(const burst&) = delete;

    /// All the room there is, at least `wanted` bytes; sends what is there when they would not fit.
    [[nodiscard]] byte_span room(std::size_t wanted);

    /// The first `bytes` of the room are a packet. The path's user data is the udp_port to send
    /// from. `alone`: no other may share its fate, as of a probe for the path's MTU.
    void add(std::size_t bytes, const ngtcp2_path& path, std::uint8_t ecn, bool alone);

    /// Seals and sends all there is.
    void flush();

    [[nodiscard]] bool empty() const noexcept { return used_ == 0; }

private:
    struct batch {
        std::size_t begin;
        std::size_t end;
        std::size_t segment;
        bool complete;  // The last one was shorter: nothing may follow.
        std::uint8_t ecn;
        ngtcp2_path_storage path;
    };

    [[nodiscard]] bool extends_last(std::size_t bytes, const ngtcp2_path& path,
                                    std::uint8_t ecn) const noexcept;

    std::unique_ptr<std::byte[]> buffer_;
    std::size_t used_ = 0;
    std::vector<batch> batches_;
};

}  // namespace ringway::quic::detail
