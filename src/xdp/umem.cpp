#include <ringway/xdp/umem.hpp>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/core.h>
#include <memory>
#include <sys/mman.h>

#include <ringway/base/result.hpp>
#include <ringway/bpf/refusal.hpp>

namespace ringway::xdp {

bpf::outcome<std::unique_ptr<umem>> umem::make(const umem_options& options) {
    const std::uint32_t size = options.frame_bytes;
    const bool fits = size == 2048 || size == 4096 ||
                      (options.unaligned && size > 2048 && size < 4096 && size % 64 == 0);
    if (!fits || !std::has_single_bit(options.frames) || options.metadata_bytes % 8 != 0 ||
        options.metadata_bytes > 256) {
        return bpf::refuse({errc::invalid_argument, EINVAL},
                           "frames are 2048 or 4096 bytes (unaligned: multiples of 64 between), "
                           "and their number is a power of two");
    }
    const std::size_t bytes = std::size_t{options.frames} * options.frame_bytes;
    void* const memory =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return bpf::refuse(error_from_errno(errno),
                           fmt::format("no {} bytes for packets: {}", bytes, std::strerror(errno)));
    }
    ::madvise(memory, bytes, MADV_HUGEPAGE);  // Fewer misses where it works.
    return std::unique_ptr<umem>{new umem{options, static_cast<std::byte*>(memory)}};
}

umem::umem(const umem_options& options, std::byte* memory)
    : options_{options},
      frame_shift_{std::has_single_bit(options.frame_bytes)
                       ? static_cast<unsigned>(std::countr_zero(options.frame_bytes))
                       : 0},
      memory_{memory} {
    free_.reserve(options.frames);
    for (std::uint32_t i = options.frames; i > 0; --i) {
        free_.push_back(std::uint64_t{i - 1} * options.frame_bytes);
    }
}

umem::~umem() { ::munmap(memory_, bytes()); }

packet* packet_batch::add() noexcept {
    if (count_ == packets_max || home_->free_frames() == 0) {
        return nullptr;
    }
    const umem_options& how = home_->options();
    const std::uint64_t address = home_->take() + how.metadata_bytes;
    packets_[count_] = {.data = home_->memory() + address,
                        .length = how.frame_bytes - how.metadata_bytes,
                        .address = address};
    return &packets_[count_++];
}

void packet_batch::release() noexcept {
    for (const packet& each : packets()) {
        home_->give(each.address);
    }
    count_ = 0;
}

void packet_batch::drop_front(std::uint32_t count) noexcept {
    std::copy(&packets_[count], &packets_[count_], &packets_[0]);
    count_ -= count;
}

}  // namespace ringway::xdp
