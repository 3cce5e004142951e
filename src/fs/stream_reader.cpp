#include <ringway/fs/stream_reader.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {
namespace {

// Offsets beyond are none: off_t is signed.
constexpr std::uint64_t offset_max = (std::uint64_t{1} << 63U) - (std::uint64_t{1} << 20U);

std::uint64_t end_of(std::uint64_t offset, std::uint64_t length) noexcept {
    return length > offset_max - std::min(offset, offset_max) ? offset_max : offset + length;
}

}  // namespace

stream_reader::stream_reader(int file, std::uint64_t offset, std::uint64_t length,
                             const read_ahead& ahead)
    : stream_reader{file, nullptr, false, offset, length, ahead} {}

stream_reader::stream_reader(const direct_file& from, std::uint64_t offset, std::uint64_t length,
                             const read_ahead& ahead)
    : stream_reader{from.fd(), &from.alignment(), from.polled(), offset, length, ahead} {}

stream_reader::stream_reader(int file, const direct_alignment* direct, bool polled,
                             std::uint64_t offset, std::uint64_t length, const read_ahead& ahead)
    : fd_{file},
      position_{offset},
      end_{end_of(offset, length)},
      next_offset_{offset},
      end_offset_{end_},
      block_bytes_{direct != nullptr ? direct->offset : 1},
      buffer_bytes_{ahead.buffer_bytes},
      enrolls_{ahead.enrolls},
      polled_{polled},
      slots_(std::max<std::size_t>(ahead.buffers, 1)) {
    RW_ASSERT(ahead.buffer_bytes > 0);
    if (direct != nullptr) {
        buffer_bytes_ = align_up(buffer_bytes_, std::max(direct->offset, direct->memory));
        next_offset_ = align_down(std::min(offset, offset_max), block_bytes_);
        end_offset_ = align_up(end_, block_bytes_);
    }
}

stream_reader::~stream_reader() {
    RW_ASSERT(in_flight_ == 0);  // Must be closed first.
}

error stream_reader::why_not_enrolled() const noexcept {
    if (enrolled_memory_ && enrolled_memory_->why_not().code != errc::none) {
        return enrolled_memory_->why_not();
    }
    return enrolled_file_ ? enrolled_file_->why_not() : error{};
}

task<result<byte_view>> stream_reader::next() {
    RW_ASSERT(!closing_);
    if (!started_) {
        co_await or_return(begin());
    }
    if (handed_out_) {
        handed_out_ = false;
        start(slots_[first_]);
        first_ = (first_ + 1) % slots_.size();
    }
    for (;;) {
        if (ended_) {
            co_return byte_view{};
        }
        slot& mine = slots_[first_];
        while (mine.wanted > 0 && !mine.done) {
            progress_.reset();
            co_await or_return(co_await progress_.wait());
        }
        if (const byte_view bytes = take(mine); !bytes.empty()) {
            co_return bytes;
        }
        if (mine.failed.code != errc::none) {
            co_return std::unexpected{mine.failed};
        }
        ended_ = true;
    }
}

// What of `from` was asked for and has not been yielded yet. A failure behind it stays for the next
// time.
byte_view stream_reader::take(slot& from) noexcept {
    const std::uint64_t filled_to = std::min(from.begin + from.filled, end_);
    if (filled_to <= position_) {
        return {};
    }
    const auto skip = static_cast<std::size_t>(position_ - from.begin);
    const auto size = static_cast<std::size_t>(filled_to - position_);
    position_ = filled_to;
    if (from.failed.code == errc::none) {
        handed_out_ = true;
        ended_ = from.filled < from.wanted;
    }
    return byte_view{from.memory + skip, size};
}

result<void> stream_reader::begin() noexcept {
    auto memory = aligned_buffer::make(slots_.size() * buffer_bytes_);
    if (!memory) {
        return std::unexpected{memory.error()};
    }
    started_ = true;
    memory_ = *std::move(memory);
    if (enrolls_ && next_offset_ < end_offset_) {
        enrolled_memory_.emplace(memory_.bytes());
        enrolled_file_.emplace(fd_);
    }
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        slot& each = slots_[i];
        each.owner = this;
        each.memory = memory_.data() + i * buffer_bytes_;
        each.kind = op_kind::read;
        each.fd = fd_;
        each.polled = polled_;
        each.buffer_slot = enrolled_memory_ ? enrolled_memory_->slot() : operation::no_slot;
        each.file_slot = enrolled_file_ ? enrolled_file_->slot() : operation::no_slot;
        each.complete = [](operation& self, completion what) noexcept {
            auto& mine = static_cast<slot&>(self);
            mine.owner->completed(mine, what);
        };
        start(each);
    }
    return {};
}

// Gives `next` the part of the file behind all others; none when the end has been reached.
void stream_reader::start(slot& next) noexcept {
    next.begin = next_offset_;
    next.filled = 0;
    next.done = false;
    const std::uint64_t left =
        ended_ || next_offset_ > end_offset_ ? 0 : end_offset_ - next_offset_;
    next.wanted = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, buffer_bytes_));
    next_offset_ += next.wanted;
    if (next.wanted > 0) {
        ++in_flight_;
        go_on(next);
    }
}

void stream_reader::go_on(slot& reading) noexcept {
    reading.address = reading.memory + reading.filled;
    reading.length = reading.wanted - reading.filled;
    reading.offset = reading.begin + reading.filled;
    driver::current().submit(reading);
}

void stream_reader::completed(slot& reading, completion what) noexcept {
    if (what.result > 0) {
        reading.filled += static_cast<std::uint32_t>(what.result);
    }
    // Behind a part of a block there is nothing: the file ends there.
    const bool goes_on =
        what.result > 0 && reading.filled < reading.wanted && reading.filled % block_bytes_ == 0;
    if ((what.result == -EINTR || goes_on) && !closing_) {
        go_on(reading);
        return;
    }
    if (what.result < 0) {
        reading.failed = error_from_errno(-what.result);
    }
    reading.done = true;
    --in_flight_;
    progress_.set();
}

task<void> stream_reader::close() {
    closing_ = true;
    for (slot& each : slots_) {
        if (each.in_flight) {
            driver::current().cancel(each);
        }
    }
    stop_source never;
    const auto drain = [](stream_reader& self) -> task<void> {
        while (self.in_flight_ > 0) {
            self.progress_.reset();
            static_cast<void>(co_await self.progress_.wait());
        }
    };
    co_await drain(*this).under(never);
    enrolled_memory_.reset();
    enrolled_file_.reset();
}

}  // namespace ringway
