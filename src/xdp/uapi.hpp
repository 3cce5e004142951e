// What the kernel knows of AF_XDP and the headers of an older one do not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <linux/if_xdp.h>
#include <sys/socket.h>

namespace ringway::xdp::uapi {

constexpr std::uint16_t bind_use_sg = 1U << 4U;             // XDP_USE_SG, Linux 6.6
constexpr std::uint32_t packet_continues = 1U << 0U;        // XDP_PKT_CONTD, Linux 6.6
constexpr std::uint32_t transmit_metadata = 1U << 1U;       // XDP_TX_METADATA, Linux 6.8
constexpr std::uint32_t umem_software_checksum = 1U << 1U;  // XDP_UMEM_TX_SW_CSUM, Linux 6.8
constexpr std::uint32_t umem_metadata_length = 1U << 2U;    // XDP_UMEM_TX_METADATA_LEN, Linux 6.11

// struct xdp_umem_reg since Linux 6.8; the same size as before, where this was padding.
struct umem_registration {
    std::uint64_t address;
    std::uint64_t length;
    std::uint32_t chunk_size;
    std::uint32_t headroom;
    std::uint32_t flags;
    std::uint32_t transmit_metadata_length;
};
static_assert(sizeof(umem_registration) == 32);

// struct xsk_tx_metadata: stands in front of the bytes that are sent. When the frame comes back the
// kernel has written when it was sent over the two fields of the checksum; the launch time it only
// reads when asked to, so our label may stand there.
struct transmit_metadata_block {
    std::uint64_t flags;
    std::uint16_t checksum_start;
    std::uint16_t checksum_offset;
    std::uint32_t padding;
    std::uint64_t launch_time;
};
static_assert(sizeof(transmit_metadata_block) == 24);
constexpr std::size_t sent_time_offset = offsetof(transmit_metadata_block, checksum_start);
constexpr std::uint64_t metadata_timestamp = 1U << 0U;  // XDP_TXMD_FLAGS_TIMESTAMP
constexpr std::uint64_t metadata_checksum = 1U << 1U;   // XDP_TXMD_FLAGS_CHECKSUM

}  // namespace ringway::xdp::uapi
