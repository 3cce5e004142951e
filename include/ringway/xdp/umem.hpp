// Memory for packets that the kernel writes to and reads from: a UMEM, divided into frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/bpf/refusal.hpp>

namespace ringway::xdp {

struct umem_options {
    std::uint32_t frames = 4096;       ///< A power of two.
    std::uint32_t frame_bytes = 4096;  ///< 2048 or 4096; with `unaligned` anything between, by 64.
    /// Frames need not begin at a multiple of a power of two (XDP_UMEM_UNALIGNED_CHUNK_FLAG, Linux
    /// 5.4): 2304 bytes, say, take a packet of 1514 with what the driver puts in front of it.
    bool unaligned = false;
    /// Bytes in front of each frame that is sent, for `xdp_socket`'s checksum requests: 0, or 24
    /// (Linux 6.8).
    std::uint32_t metadata_bytes = 0;
};

/// Frames for packets. Used by one thread, by any number of sockets on it (the kernel shares it
/// between queues and interfaces, Linux 5.10). Must outlive its sockets and batches.
class umem {
public:
    /// Maps the memory. Fails with `invalid_argument` or the errno of mmap(2).
    [[nodiscard]] static bpf::outcome<std::unique_ptr<umem>> make(const umem_options& options = {});
    ~umem();
    umem(const umem&) = delete;
    umem& operator=(const umem&) = delete;

    [[nodiscard]] const umem_options& options() const noexcept { return options_; }
    [[nodiscard]] std::byte* memory() const noexcept { return memory_; }
    [[nodiscard]] std::size_t bytes() const noexcept {
        return std::size_t{options_.frames} * options_.frame_bytes;
    }
    /// The number of the frame in which `address` lies.
    [[nodiscard]] std::size_t frame_of(std::uint64_t address) const noexcept {
        return static_cast<std::size_t>(frame_shift_ != 0 ? address >> frame_shift_
                                                          : address / options_.frame_bytes);
    }
    /// Frames that nobody holds: neither a batch nor a ring.
    [[nodiscard]] std::size_t free_frames() const noexcept { return free_.size(); }

    /// Takes a free frame; there must be one. Its address, as the kernel counts.
    [[nodiscard]] std::uint64_t take() noexcept {
        RW_ASSERT(!free_.empty());
        const std::uint64_t address = free_.back();
        free_.pop_back();
        return address;
    }
    /// Gives the frame back in which `address` lies.
    void give(std::uint64_t address) noexcept {
        RW_ASSERT(address < bytes() && free_.size() < options_.frames);
        free_.push_back(std::uint64_t{frame_of(address)} * options_.frame_bytes);
    }

private:
    friend class xdp_socket;
    umem(const umem_options& options, std::byte* memory);

    umem_options options_;
    unsigned frame_shift_;  // 0: `frame_bytes` is no power of two.
    std::byte* memory_;
    std::vector<std::uint64_t> free_;
    int registered_with_ = -1;  // The socket that the kernel knows it by.
};

/// One packet, or a part of one, in a frame.
struct packet {
    static constexpr std::uint32_t flag_continues =
        1;                                             ///< The next one in the batch belongs to it.
    static constexpr std::uint32_t flag_metadata = 2;  ///< Asks for a checksum, see `xdp_socket`.

    std::byte* data = nullptr;
    std::uint32_t length = 0;  ///< Set it to 0 to have the frame given back instead of sent.
    std::uint32_t flags = 0;
    std::uint64_t address = 0;  ///< Of `data` in the UMEM.

    [[nodiscard]] std::span<std::byte> bytes() const noexcept { return {data, length}; }
};

/// Packets with the frames they are in: leased from the UMEM and given back when this dies.
class packet_batch {
public:
    static constexpr std::uint32_t packets_max = 64;

    explicit packet_batch(umem& home) noexcept : home_{&home} {}
    packet_batch(const packet_batch&) = delete;
    packet_batch& operator=(const packet_batch&) = delete;
    ~packet_batch() { release(); }

    [[nodiscard]] std::span<packet> packets() noexcept { return {&packets_[0], count_}; }
    [[nodiscard]] std::uint32_t size() const noexcept { return count_; }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] std::uint32_t room() const noexcept { return packets_max - count_; }

    /// A packet in a free frame, with all of the frame as its room: set `length` to what is
    /// written. Null when there is no frame or the batch is full.
    [[nodiscard]] packet* add() noexcept;

    /// Gives all frames back.
    void release() noexcept;

private:
    friend class xdp_socket;
    void push(const packet& one) noexcept { packets_[count_++] = one; }
    void drop_front(std::uint32_t count) noexcept;

    umem* home_;
    std::uint32_t count_ = 0;
    packet packets_[packets_max];
};

}  // namespace ringway::xdp
