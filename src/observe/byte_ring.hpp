// A ring of bytes from one thread to another, for lines that are written in place.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include <ringway/base/assert.hpp>

namespace ringway::observe::detail {

/// Single producer, single consumer. The memory goes on behind the end of the ring for as long as a
/// line can be: a line is always written in one piece, and what stands behind the end is moved to
/// the front afterwards.
class byte_ring {
public:
    /// `capacity` is a power of two; a piece has at most `piece_bytes_max` bytes.
    byte_ring(std::size_t capacity, std::size_t piece_bytes_max)
        : capacity_{capacity},
          piece_bytes_max_{piece_bytes_max},
          memory_{std::make_unique<char[]>(capacity + piece_bytes_max)} {
        RW_ASSERT(std::has_single_bit(capacity) && piece_bytes_max <= capacity / 2);
    }

    /// Where to write the next piece, room for `piece_bytes_max` bytes; null when the ring is full.
    /// Producer.
    [[nodiscard]] char* begin_write() noexcept {
        if (capacity_ - (written_ - read_seen_) < piece_bytes_max_) {
            read_seen_ = read_.load(std::memory_order_acquire);
            if (capacity_ - (written_ - read_seen_) < piece_bytes_max_) {
                return nullptr;
            }
        }
        return memory_.get() + (written_ & (capacity_ - 1));
    }

    /// Hands over `size` bytes written at `begin_write()`. Producer.
    void end_write(std::size_t size) noexcept {
        RW_ASSERT(size <= piece_bytes_max_);
        const auto end = (written_ & (capacity_ - 1)) + size;
        if (end > capacity_) {
            std::memcpy(memory_.get(), memory_.get() + capacity_, end - capacity_);
        }
        written_ += size;
        published_.store(written_, std::memory_order_release);
    }

    /// Whether more than half is waiting to be read. Producer.
    [[nodiscard]] bool over_half() noexcept {
        if (written_ - read_seen_ <= capacity_ / 2) {
            return false;
        }
        read_seen_ = read_.load(std::memory_order_acquire);
        return written_ - read_seen_ > capacity_ / 2;
    }

    /// All that can be read, in one or two parts. Consumer.
    [[nodiscard]] std::array<std::string_view, 2> readable() const noexcept {
        const auto begin = read_.load(std::memory_order_relaxed);
        const auto size = published_.load(std::memory_order_acquire) - begin;
        const auto offset = begin & (capacity_ - 1);
        const auto first = size < capacity_ - offset ? size : capacity_ - offset;
        return {std::string_view{memory_.get() + offset, first},
                std::string_view{memory_.get(), size - first}};
    }

    /// Gives back the first `size` readable bytes. Consumer.
    void consume(std::size_t size) noexcept {
        read_.store(read_.load(std::memory_order_relaxed) + size, std::memory_order_release);
    }

private:
    std::size_t capacity_;
    std::size_t piece_bytes_max_;
    std::unique_ptr<char[]> memory_;
    std::size_t written_ = 0;    // The producer's own.
    std::size_t read_seen_ = 0;  // The producer's own: `read_` as it saw it last.
    alignas(64) std::atomic<std::size_t> published_{0};
    alignas(64) std::atomic<std::size_t> read_{0};
};

}  // namespace ringway::observe::detail
