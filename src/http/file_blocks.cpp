#include <ringway/http/file_blocks.hpp>

#include <cerrno>
#include <sys/uio.h>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/ring/await.hpp>

namespace ringway::http {

file_block::file_block(file_blocks& owner, std::uint64_t offset, std::size_t capacity)
    : owner_{owner}, offset_{offset}, capacity_{capacity}, memory_{owner.take_memory(capacity)} {}

file_block::~file_block() { owner_.give_memory(std::move(memory_), capacity_); }

file_blocks::~file_blocks() {
    while (oldest_ != nullptr) {
        bytes_max_ = 0;
        evict();
    }
    RW_ASSERT(table_.empty() && bytes_ == 0);
}

std::unique_ptr<std::byte[]> file_blocks::take_memory(std::size_t size) {
    if (size == block_bytes && !spare_.empty()) {
        auto memory = std::move(spare_.back());
        spare_.pop_back();
        return memory;
    }
    return std::make_unique_for_overwrite<std::byte[]>(size);
}

void file_blocks::give_memory(std::unique_ptr<std::byte[]> memory, std::size_t size) noexcept {
    if (size == block_bytes && spare_.size() < spare_max) {
        spare_.push_back(std::move(memory));
    }
}

block_ref file_blocks::find(const shared_file& file, std::uint64_t offset) {
    const key of{file.id(), offset - offset % block_bytes};
    if (const auto known = table_.find(of); known != table_.end()) {
        file_block& block = *known->second;
        if (newest_ != &block) {
            unlink(block);
            link_newest(block);
        }
        return known->second;
    }
    block_ref made = make_own(of.offset, block_bytes);
    made->file_ = of.file;
    table_.emplace(of, made);
    link_newest(*made);
    bytes_ += block_bytes;
    evict();
    return made;
}

block_ref file_blocks::make_own(std::uint64_t offset, std::size_t capacity) {
    return make_shared_here<file_block>(*this, offset, capacity);
}

void file_blocks::link_newest(file_block& block) noexcept {
    block.older_ = newest_;
    block.newer_ = nullptr;
    (newest_ != nullptr ? newest_->newer_ : oldest_) = &block;
    newest_ = &block;
}

void file_blocks::unlink(file_block& block) noexcept {
    (block.newer_ != nullptr ? block.newer_->older_ : newest_) = block.older_;
    (block.older_ != nullptr ? block.older_->newer_ : oldest_) = block.newer_;
}

void file_blocks::evict() noexcept {
    while (bytes_ > bytes_max_ && oldest_ != nullptr) {
        file_block& gone = *oldest_;
        const key of{gone.file_, gone.offset_};
        unlink(gone);
        bytes_ -= block_bytes;
        table_.erase(of);  // It may die here.
    }
}

file_blocks::filled file_blocks::fill_now(file_block& into, int file, std::size_t have,
                                          std::size_t wanted) noexcept {
    RW_ASSERT(have < wanted && wanted <= into.capacity_);
    if (into.size_ >= wanted) {
        return filled::ready;
    }
    if (!into.reading_) {  // Else what comes is the other's.
        const iovec part{into.memory_.get() + into.size_, into.capacity_ - into.size_};
        const ssize_t got =
            ::preadv2(file, &part, 1, static_cast<off_t>(into.offset_ + into.size_), RWF_NOWAIT);
        if (got > 0) {
            into.size_ += static_cast<std::size_t>(got);
        } else if (got == 0 && into.size_ <= have) {
            return filled::ended;
        } else if (got < 0 && errno != EAGAIN && errno != EOPNOTSUPP && into.size_ <= have) {
            return filled::failed;
        }
    }
    return into.size_ > have ? filled::ready : filled::not_cached;
}

task<result<bool>> file_blocks::fill(block_ref into, int file, std::size_t have) {
    while (into->reading_) {
        const auto waited = co_await into->read_.wait();
        if (!waited) {
            co_return std::unexpected{waited.error()};
        }
    }
    // Somebody else may have read it since the caller looked: nothing is left to be read then,
    // which would look like the end of the file.
    const std::size_t before = into->size_;
    if (before > have) {
        co_return true;
    }
    into->reading_ = true;
    into->read_.reset();
    result<int> got = 0;
    {
        const auto permit = co_await reads_.acquire_permit();
        if (permit) {
            operation op;
            op.kind = op_kind::read;
            op.fd = file;
            op.address = into->memory_.get() + before;
            op.length = static_cast<std::uint32_t>(into->capacity_ - before);
            op.offset = into->offset_ + before;
            got = to_result(co_await await_operation{op});
        } else {
            got = std::unexpected{permit.error()};
        }
    }
    into->reading_ = false;
    if (got && *got > 0) {
        into->size_ = before + static_cast<std::size_t>(*got);
    }
    into->read_.set();
    if (!got) {
        co_return std::unexpected{got.error()};
    }
    co_return *got > 0;
}

}  // namespace ringway::http
