// Packets that are written but not sealed yet: they are, together, before they are sent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <ringway/base/bytes.hpp>

#include "tls/aead.hpp"
#include "tls/block_cipher.hpp"

namespace ringway::quic::detail {

/// In two steps, as ngtcp2 makes packets: first the payload, then the header. A packet that never
/// got to the second, or whose memory is written anew, was given up and is forgotten.
/// For one thread.
class pending_packets {
public:
    static constexpr std::size_t packets_max = 64;  // More than the kernel takes in one call.

    /// `payload`, behind `header` in one piece of memory, is to be encrypted; its tag follows.
    /// Seals the others first when there are too many. Lifetime: `with` and the packet until
    /// sealed.
    void add(tls::aead& with, const tls::aead::nonce& number, byte_span header,
             byte_span payload) noexcept;

    /// The header of the last one is to be masked, from what will be at `sample`, 4 bytes behind
    /// the beginning of the packet number. False when there is no such packet.
    [[nodiscard]] bool mask_last(tls::block_cipher& with, const std::uint8_t* sample) noexcept;

    /// Seals all. Returns how many there were.
    std::size_t seal() noexcept;

    /// Whether one of them needs that key still.
    [[nodiscard]] bool uses(const void* key) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return count_; }

private:
    struct packet {
        tls::aead* sealer = nullptr;
        tls::block_cipher* masker = nullptr;
        std::byte* start = nullptr;
        const std::uint8_t* sample = nullptr;
        std::uint32_t header_bytes = 0;
        std::uint32_t payload_bytes = 0;  // Without the tag.
        tls::aead::nonce number{};

        [[nodiscard]] std::byte* end() const noexcept {
            return start + header_bytes + payload_bytes + tls::aead::tag_bytes;
        }
    };

    void forget_what_overlaps(const packet& next) noexcept;
    void mask_headers() noexcept;

    std::array<packet, packets_max> packets_{};
    std::size_t count_ = 0;
    // The packets lie within these. The next one mostly lies behind.
    std::byte* lowest_ = nullptr;
    std::byte* highest_ = nullptr;
};

}  // namespace ringway::quic::detail
