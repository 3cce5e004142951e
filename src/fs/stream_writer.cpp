#include <ringway/fs/stream_writer.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {

stream_writer::stream_writer(const file& to, std::uint64_t offset, const write_behind& behind)
    : stream_writer{to, nullptr, false, offset, behind} {}

stream_writer::stream_writer(const direct_file& to, std::uint64_t offset,
                             const write_behind& behind)
    : stream_writer{to.plain(), &to.alignment(), to.polled(), offset, behind} {}

stream_writer::stream_writer(const file& to, const direct_alignment* direct, bool polled,
                             std::uint64_t offset, const write_behind& behind)
    : file_{to},
      begin_{offset},
      position_{offset},
      block_bytes_{direct != nullptr ? direct->offset : 1},
      buffer_bytes_{behind.buffer_bytes},
      polled_{polled},
      slots_(behind.buffers) {
    RW_ASSERT(behind.buffers > 0 && behind.buffer_bytes > 0 && offset % block_bytes_ == 0);
    if (direct != nullptr) {
        buffer_bytes_ = align_up(buffer_bytes_, std::max(direct->offset, direct->memory));
    }
}

stream_writer::~stream_writer() {
    RW_ASSERT(ended_ || memory_.size() == 0);  // Must be closed or abandoned first.
    RW_ASSERT(in_flight_ == 0);
}

result<void> stream_writer::begin() noexcept {
    if (memory_.size() > 0) {
        return {};
    }
    auto memory = aligned_buffer::make(slots_.size() * buffer_bytes_);
    if (!memory) {
        return std::unexpected{memory.error()};
    }
    memory_ = *std::move(memory);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        slot& each = slots_[i];
        each.owner = this;
        each.memory = memory_.data() + i * buffer_bytes_;
        each.kind = op_kind::write;
        each.fd = file_.fd();
        each.polled = polled_;
        each.complete = [](operation& self, completion what) noexcept {
            auto& mine = static_cast<slot&>(self);
            mine.owner->completed(mine, what);
        };
    }
    slots_[current_].begin = position_;
    return {};
}

result<void> stream_writer::state() const noexcept {
    return failed_.code == errc::none ? result<void>{} : std::unexpected{failed_};
}

std::uint64_t stream_writer::written() const noexcept {
    std::uint64_t up_to = std::min(position_, failed_at_);
    for (const slot& each : slots_) {
        if (each.busy || each.done < each.filled) {
            up_to = std::min(up_to, each.begin + std::min(each.done, each.filled));
        }
    }
    return up_to;
}

task<result<void>> stream_writer::write(byte_view bytes) {
    while (!bytes.empty()) {
        const byte_span space = co_await or_return(co_await room());
        const std::size_t size = std::min(space.size(), bytes.size());
        std::memcpy(space.data(), bytes.data(), size);
        filled(size);
        bytes = bytes.subspan(size);
    }
    co_return state();
}

task<result<byte_span>> stream_writer::room() {
    RW_ASSERT(!ended_);
    co_await or_return(begin());
    co_await or_return(co_await until_current_is_free());
    const slot& mine = slots_[current_];
    co_return byte_span{mine.memory + mine.filled, buffer_bytes_ - mine.filled};
}

void stream_writer::filled(std::size_t bytes) noexcept {
    slot& mine = slots_[current_];
    RW_ASSERT(!mine.busy && bytes <= buffer_bytes_ - mine.filled);
    mine.done = std::min(mine.done, mine.filled);  // What filled a block up does not count.
    mine.filled += static_cast<std::uint32_t>(bytes);
    position_ += bytes;
    if (mine.filled == buffer_bytes_) {
        start(mine);
        advance();
    }
}

void stream_writer::advance() noexcept { current_ = (current_ + 1) % slots_.size(); }

// The current slot's write, of the round before, has ended; then it is ready to be filled.
task<result<void>> stream_writer::until_current_is_free() {
    for (;;) {
        co_await or_return(state());
        slot& mine = slots_[current_];
        if (!mine.busy) {
            const bool is_padded = mine.to_write > mine.filled;  // Its block is gone on with.
            if (mine.filled == 0 || (mine.done >= mine.filled && !is_padded)) {
                mine.begin = position_;
                mine.filled = 0;
                mine.to_write = 0;
                mine.done = 0;
            }
            co_return result<void>{};
        }
        progress_.reset();
        co_await or_return(co_await progress_.wait());
    }
}

task<result<void>> stream_writer::until_idle() {
    while (in_flight_ > 0) {
        progress_.reset();
        co_await or_return(co_await progress_.wait());
    }
    co_return state();
}

void stream_writer::start(slot& full) noexcept {
    full.to_write = align_up(full.filled, block_bytes_);
    if (full.to_write > full.filled) {
        std::memset(full.memory + full.filled, 0, full.to_write - full.filled);
        cuts_ = true;
    }
    full.done = 0;
    full.busy = true;
    ++in_flight_;
    go_on(full);
}

void stream_writer::go_on(slot& writing) noexcept {
    writing.address = writing.memory + writing.done;
    writing.length = writing.to_write - writing.done;
    writing.offset = writing.begin + writing.done;
    driver::current().submit(writing);
}

void stream_writer::completed(slot& writing, completion what) noexcept {
    if (what.result > 0) {
        writing.done += static_cast<std::uint32_t>(what.result);
    }
    error why;
    if (what.result < 0 && what.result != -EINTR) {
        why = error_from_errno(-what.result);
    } else if (what.result == 0 || writing.done % block_bytes_ != 0) {
        why = error_from_errno(EIO);  // No progress, or none that can be gone on from.
    } else if (writing.done < writing.to_write && !stopping_) {
        go_on(writing);
        return;
    } else if (writing.done < writing.to_write) {
        why = error_from_errno(ECANCELED);
    }
    if (why.code != errc::none) {
        fail_at(writing.begin + writing.done, why);
    }
    writing.busy = false;
    --in_flight_;
    progress_.set();
}

// The first failure in time is the one that is told; `written` needs the first in the file.
void stream_writer::fail_at(std::uint64_t place, error why) noexcept {
    if (failed_.code == errc::none) {
        failed_ = why;
    }
    failed_at_ = std::min(failed_at_, place);
    stopping_ = true;
}

task<result<void>> stream_writer::preallocate(std::uint64_t bytes) {
    co_await or_return(state());
    co_await or_return(co_await file_.preallocate(begin_, bytes));
    allocated_to_ = std::max(allocated_to_, begin_ + bytes);
    co_return result<void>{};
}

task<result<void>> stream_writer::flush() {
    RW_ASSERT(!ended_);
    co_await or_return(state());
    co_return co_await flush_now();
}

task<result<void>> stream_writer::flush_now() {
    if (memory_.size() == 0) {
        co_return result<void>{};
    }
    slot& last = slots_[current_];
    if (!last.busy && last.done < last.filled) {
        start(last);
        if (last.filled == last.to_write) {
            advance();  // Else the block is gone on with, and written anew.
        }
    }
    co_await or_return(co_await until_idle());
    if (cuts_) {
        const auto cut = co_await file_.set_size(position_);
        if (!cut && cut.error().code != errc::canceled) {
            fail_at(position_, cut.error());
        }
        co_await or_return(cut);
        cuts_ = false;
    }
    co_return result<void>{};
}

task<result<void>> stream_writer::sync() {
    co_await or_return(co_await flush());
    const auto synced = co_await file_.sync();
    if (!synced && synced.error().code != errc::canceled) {
        fail_at(begin_, synced.error());
    }
    co_return synced;
}

task<result<void>> stream_writer::close() {
    RW_ASSERT(!ended_);
    stop_source never;
    co_return co_await close_now().under(never);
}

task<result<void>> stream_writer::close_now() {
    result<void> outcome = state();
    if (outcome) {
        outcome = co_await flush_now();
    }
    static_cast<void>(co_await until_idle());
    if (allocated_to_ > position_) {
        // Only where the file ends here: what is behind may be somebody's.
        const auto size = file_.size();
        if (size && *size <= position_) {
            const auto freed = co_await file_.set_size(*size);
            outcome = outcome ? freed : outcome;
        }
    }
    ended_ = true;
    co_return outcome;
}

task<void> stream_writer::abandon() {
    stopping_ = true;
    for (slot& each : slots_) {
        if (each.in_flight) {
            driver::current().cancel(each);
        }
    }
    stop_source never;
    static_cast<void>(co_await until_idle().under(never));
    ended_ = true;
}

}  // namespace ringway
