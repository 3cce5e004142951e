#include <ringway/fs/stream_reader.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <expected>

#include <ringway/base/assert.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {
namespace {

constexpr std::size_t page_bytes = 4096;

std::byte* allocate_pages(std::size_t bytes) noexcept {
    const std::size_t rounded = (bytes + page_bytes - 1) / page_bytes * page_bytes;
    void* const memory = std::aligned_alloc(page_bytes, rounded);
    RW_ASSERT(memory != nullptr);
    return static_cast<std::byte*>(memory);
}

std::uint64_t end_of(std::uint64_t offset, std::uint64_t length) noexcept {
    return length > ~offset ? ~std::uint64_t{0} : offset + length;
}

}  // namespace

void stream_reader::freed::operator()(std::byte* memory) const noexcept { std::free(memory); }

stream_reader::stream_reader(int file, std::uint64_t offset, std::uint64_t length,
                             const read_ahead& ahead)
    : next_offset_{offset},
      end_{end_of(offset, length)},
      buffer_bytes_{ahead.buffer_bytes},
      memory_{allocate_pages(std::size_t{ahead.buffers} * ahead.buffer_bytes)},
      slots_(ahead.buffers) {
    RW_ASSERT(ahead.buffers > 0 && ahead.buffer_bytes > 0);
    for (slot& each : slots_) {
        each.owner = this;
        each.kind = op_kind::read;
        each.fd = file;
        each.complete = [](operation& self, completion what) noexcept {
            auto& mine = static_cast<slot&>(self);
            mine.owner->completed(mine, what);
        };
    }
}

stream_reader::~stream_reader() {
    RW_ASSERT(in_flight_ == 0);  // Must be closed first.
}

task<result<byte_view>> stream_reader::next() {
    RW_ASSERT(!closing_);
    if (!started_) {
        started_ = true;
        for (slot& each : slots_) {
            start(each);
        }
    }
    if (handed_out_) {
        handed_out_ = false;
        start(slots_[first_]);
        first_ = (first_ + 1) % slots_.size();
    }
    if (ended_) {
        co_return byte_view{};
    }
    slot& mine = slots_[first_];
    while (mine.wanted > 0 && !mine.done) {
        progress_.reset();
        co_await or_return(co_await progress_.wait());
    }
    if (mine.failed.code != errc::none) {
        co_return std::unexpected{mine.failed};
    }
    if (mine.filled == 0) {
        co_return byte_view{};
    }
    handed_out_ = true;
    ended_ = mine.filled < mine.wanted;
    co_return byte_view{memory_.get() + first_ * buffer_bytes_, mine.filled};
}

// Gives `next` the part of the file behind all others; none when the end has been reached.
void stream_reader::start(slot& next) noexcept {
    next.begin = next_offset_;
    next.filled = 0;
    next.done = false;
    const std::uint64_t left = ended_ ? 0 : end_ - next_offset_;
    next.wanted = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, buffer_bytes_));
    next_offset_ += next.wanted;
    if (next.wanted > 0) {
        ++in_flight_;
        go_on(next);
    }
}

void stream_reader::go_on(slot& reading) noexcept {
    const auto index = static_cast<std::size_t>(&reading - slots_.data());
    reading.address = memory_.get() + index * buffer_bytes_ + reading.filled;
    reading.length = reading.wanted - reading.filled;
    reading.offset = reading.begin + reading.filled;
    driver::current().submit(reading);
}

void stream_reader::completed(slot& reading, completion what) noexcept {
    if (what.result > 0) {
        reading.filled += static_cast<std::uint32_t>(what.result);
    }
    const bool again =
        what.result == -EINTR || (what.result > 0 && reading.filled < reading.wanted);
    if (again && !closing_) {
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
}

}  // namespace ringway
