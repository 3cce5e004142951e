#include <ringway/fs/mapped_file.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <sys/mman.h>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/fs/aligned_buffer.hpp>
#include <ringway/runtime/run_blocking.hpp>

#include "fs/bus_guard.hpp"

namespace ringway {
namespace {

constexpr std::size_t page_bytes = aligned_buffer::page_bytes;

// Pages asked about at a time; longer copies go to a worker anyway.
constexpr std::size_t resident_pages_max = 256;

int protection_of(map_access access) noexcept {
    return access == map_access::read ? PROT_READ : PROT_READ | PROT_WRITE;
}

int advice_of(map_advice how) noexcept {
    switch (how) {
        case map_advice::normal: return MADV_NORMAL;
        case map_advice::sequential: return MADV_SEQUENTIAL;
        case map_advice::random: return MADV_RANDOM;
        case map_advice::will_need: return MADV_WILLNEED;
        case map_advice::huge: return MADV_HUGEPAGE;
    }
    RW_ASSERT(false);
}

result<std::byte*> map_pages(int fd, std::size_t size, map_access access) noexcept {
    if (size == 0) {
        return nullptr;
    }
    void* const memory = ::mmap(nullptr, size, protection_of(access), MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        return fail_errno(errno);
    }
    return static_cast<std::byte*>(memory);
}

}  // namespace

result<mapped_file> mapped_file::map(const file& from, map_access access) noexcept {
    const auto size = from.size();
    if (!size) {
        return std::unexpected{size.error()};
    }
    if (*size > std::numeric_limits<std::ptrdiff_t>::max()) {
        return fail_errno(EOVERFLOW);
    }
    const auto bytes = static_cast<std::size_t>(*size);
    const auto memory = map_pages(from.fd(), bytes, access);
    if (!memory) {
        return std::unexpected{memory.error()};
    }
    install_bus_guard();
    return mapped_file{from, *memory, bytes, access};
}

mapped_file::mapped_file(mapped_file&& other) noexcept
    : file_{other.file_},
      memory_{std::exchange(other.memory_, nullptr)},
      size_{std::exchange(other.size_, 0)},
      access_{other.access_} {}

mapped_file& mapped_file::operator=(mapped_file&& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    std::swap(access_, other.access_);
    return *this;
}

mapped_file::~mapped_file() { unmap(); }

void mapped_file::unmap() noexcept {
    if (memory_ != nullptr) {
        ::munmap(memory_, size_);
    }
}

// Why a page before `end` could not be had: the kernel does not say.
error mapped_file::why_failed(std::uint64_t end) const noexcept {
    const auto now = file_->size();
    return now && *now < end ? error{errc::truncated, 0} : error_from_errno(EIO);
}

result<std::size_t> mapped_file::copy_out(byte_span into, std::uint64_t offset) const noexcept {
    if (offset >= size_ || into.empty()) {
        return std::size_t{0};
    }
    const std::size_t wanted = std::min<std::uint64_t>(into.size(), size_ - offset);
    if (!guarded_copy(into.data(), memory_ + offset, wanted, bytes())) {
        return std::unexpected{why_failed(offset + wanted)};
    }
    return wanted;
}

result<void> mapped_file::copy_in(byte_view from, std::uint64_t offset) noexcept {
    if (access_ == map_access::read || from.size() > size_ || offset > size_ - from.size()) {
        return fail(errc::invalid_argument);
    }
    if (!from.empty() && !guarded_copy(memory_ + offset, from.data(), from.size(), bytes())) {
        return std::unexpected{why_failed(offset + from.size())};
    }
    return {};
}

bool mapped_file::is_resident(std::uint64_t offset, std::size_t length) const noexcept {
    const std::size_t begin = align_down(static_cast<std::size_t>(offset), page_bytes);
    const std::size_t pages = (offset + length - begin + page_bytes - 1) / page_bytes;
    std::array<unsigned char, resident_pages_max> resident;
    if (pages > resident.size() ||
        ::mincore(memory_ + begin, pages * page_bytes, resident.data()) != 0) {
        return false;
    }
    return std::all_of(resident.begin(), resident.begin() + static_cast<std::ptrdiff_t>(pages),
                       [](unsigned char page) { return (page & 1U) != 0; });
}

task<result<std::size_t>> mapped_file::read(byte_span into, std::uint64_t offset) const {
    const std::size_t wanted =
        offset >= size_ ? 0 : std::min<std::uint64_t>(into.size(), size_ - offset);
    if (wanted == 0 || is_resident(offset, wanted)) {
        co_return copy_out(into, offset);
    }
    co_return co_await run_blocking([this, into, offset] { return copy_out(into, offset); });
}

task<result<void>> mapped_file::write(byte_view from, std::uint64_t offset) {
    const bool fits = from.size() <= size_ && offset <= size_ - from.size();
    if (!fits || from.empty() || is_resident(offset, from.size())) {
        co_return copy_in(from, offset);
    }
    co_return co_await run_blocking([this, from, offset] { return copy_in(from, offset); });
}

task<result<void>> mapped_file::flush(std::uint64_t offset, std::uint64_t length) const {
    if (offset >= size_ || length == 0) {
        co_return result<void>{};
    }
    const std::size_t begin = align_down(static_cast<std::size_t>(offset), page_bytes);
    const std::size_t end = offset + std::min<std::uint64_t>(length, size_ - offset);
    co_return co_await run_blocking([this, begin, end]() -> result<void> {
        if (::msync(memory_ + begin, end - begin, MS_SYNC) != 0) {
            return fail_errno(errno);
        }
        return {};
    });
}

task<result<void>> mapped_file::resize(std::uint64_t wanted) {
    if (access_ == map_access::read || wanted > std::numeric_limits<std::ptrdiff_t>::max()) {
        co_return fail(errc::invalid_argument);
    }
    const auto bytes = static_cast<std::size_t>(wanted);
    if (bytes > size_) {
        const auto allocated = co_await file_->preallocate(size_, bytes - size_);
        if (!allocated && allocated.error().sys != EOPNOTSUPP) {
            co_return allocated;
        }
    }
    co_await or_return(co_await file_->set_size(bytes));
    if (memory_ == nullptr) {
        memory_ = co_await or_return(map_pages(file_->fd(), bytes, access_));
    } else if (bytes == 0) {
        unmap();
        memory_ = nullptr;
    } else {
        void* const moved = ::mremap(memory_, size_, bytes, MREMAP_MAYMOVE);
        if (moved == MAP_FAILED) {
            co_return fail_errno(errno);
        }
        memory_ = static_cast<std::byte*>(moved);
    }
    size_ = bytes;
    co_return result<void>{};
}

result<void> mapped_file::advise(map_advice how) noexcept {
    if (memory_ != nullptr && ::madvise(memory_, size_, advice_of(how)) != 0) {
        return fail_errno(errno);
    }
    return {};
}

}  // namespace ringway
