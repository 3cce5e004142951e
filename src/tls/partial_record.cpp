#include "tls/partial_record.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>
#include <ringway/ring/buffer_pool.hpp>

#include "tls/record_keys.hpp"

namespace ringway::tls {

// Bytes of the whole record as far as that is known.
std::size_t partial_record::wanted() const noexcept {
    if (size_ < record_header_bytes) {
        return record_header_bytes;
    }
    const auto length =
        (std::to_integer<std::size_t>(memory_[3]) << 8U) | std::to_integer<std::size_t>(memory_[4]);
    return length > record_sealed_max ? record_header_bytes : record_header_bytes + length;
}

bool partial_record::complete() const noexcept {
    return size_ >= record_header_bytes && size_ >= wanted();
}

void partial_record::reserve(std::size_t bytes) {
    if (bytes <= capacity_) {
        return;
    }
    const std::size_t grown = std::max({bytes, std::size_t{capacity_} * 4, std::size_t{512}});
    const std::size_t most = record_header_bytes + record_sealed_max;
    auto larger = std::make_unique_for_overwrite<std::byte[]>(std::min(grown, most));
    std::ranges::copy(this->bytes(), larger.get());
    memory_ = std::move(larger);
    capacity_ = static_cast<std::uint32_t>(std::min(grown, most));
}

std::size_t partial_record::fill(byte_view from) {
    std::size_t taken = 0;
    while (taken < from.size() && !complete()) {
        const std::size_t piece = std::min(from.size() - taken, wanted() - size_);
        reserve(size_ + piece);
        std::ranges::copy(from.subspan(taken, piece), memory_.get() + size_);
        size_ += static_cast<std::uint32_t>(piece);
        taken += piece;
    }
    return taken;
}

buffer_lease partial_record::release(std::size_t offset, std::size_t size) noexcept {
    RW_ASSERT(offset + size <= size_);
    buffer_lease lease{std::move(memory_), size_};
    lease.narrow(offset, size);
    clear();
    return lease;
}

void partial_record::clear() noexcept {
    memory_.reset();
    size_ = 0;
    capacity_ = 0;
}

}  // namespace ringway::tls
