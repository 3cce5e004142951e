#include "lab/files_target.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fmt/core.h>
#include <random>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway::lab {
namespace {

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t piece_bytes = std::size_t{1} << 20U;
constexpr double cold_share = 0.01;  // At most so much may be left in the cache.
constexpr double warm_share = 0.99;  // At least so much must be.

std::string reason(std::string_view what, const std::string& path) {
    return fmt::format("can't {} {}: {}", what, path, describe(error_from_errno(errno)));
}

}  // namespace

outcome<files_target> files_target::make(const std::string& directory, std::uint64_t bytes,
                                         std::uint64_t seed) {
    RW_ASSERT(bytes % piece_bytes == 0);
    files_target made{directory, fmt::format("ringway-bench-{}.bin", ::getpid()), bytes};
    const unique_fd file{
        ::open(made.path().c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)};
    if (!file) {
        return std::unexpected{reason("write", made.path())};
    }
    std::mt19937_64 random{seed};
    std::vector<std::uint64_t> piece(piece_bytes / sizeof(std::uint64_t));
    std::ranges::generate(piece, random);
    for (std::uint64_t at = 0; at < bytes; at += piece_bytes) {
        for (std::size_t i = 0; i < piece.size(); i += page_bytes / sizeof piece[0]) {
            piece[i] = random();  // No two pages are alike.
        }
        if (::pwrite(file.get(), piece.data(), piece_bytes, static_cast<off_t>(at)) !=
            static_cast<ssize_t>(piece_bytes)) {
            return std::unexpected{reason("write", made.path())};
        }
    }
    if (::fsync(file.get()) != 0) {
        return std::unexpected{reason("write", made.path())};
    }
    return made;
}

files_target::~files_target() {
    if (!name_.empty()) {
        ::unlink(path().c_str());
    }
}

double files_target::resident_share() const {
    const unique_fd file{::open(path().c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file || bytes_ == 0) {
        return 0;
    }
    void* const memory = ::mmap(nullptr, bytes_, PROT_READ, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED) {
        return 0;
    }
    std::vector<unsigned char> pages(bytes_ / page_bytes);
    const bool told = ::mincore(memory, bytes_, pages.data()) == 0;
    ::munmap(memory, bytes_);
    const auto resident = std::ranges::count_if(pages, [](auto page) { return (page & 1U) != 0; });
    return told ? static_cast<double>(resident) / static_cast<double>(pages.size()) : 0;
}

outcome<void> files_target::make_cold() const {
    const unique_fd file{::open(path().c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file || ::fdatasync(file.get()) != 0 ||
        ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) != 0) {
        return std::unexpected{reason("drop from the cache", path())};
    }
    if (const double left = resident_share(); left > cold_share) {
        return std::unexpected{
            fmt::format("{:.0f} % of {} can't be dropped from the cache: on tmpfs there is no "
                        "other place for it; use --dir",
                        left * 100, path())};
    }
    return {};
}

outcome<void> files_target::make_warm() const {
    const unique_fd file{::open(path().c_str(), O_RDONLY | O_CLOEXEC)};
    std::vector<char> piece(piece_bytes);
    for (std::uint64_t at = 0; at < bytes_; at += piece.size()) {
        if (::pread(file.get(), piece.data(), piece.size(), static_cast<off_t>(at)) <= 0) {
            return std::unexpected{reason("read", path())};
        }
    }
    if (const double there = resident_share(); there < warm_share) {
        return std::unexpected{fmt::format("only {:.0f} % of {} stay in the cache: memory is short",
                                           there * 100, path())};
    }
    return {};
}

block_order::block_order(std::uint64_t file_bytes, std::uint32_t block_bytes, bool random,
                         std::uint64_t seed) noexcept
    : blocks_{file_bytes / block_bytes}, block_bytes_{block_bytes}, random_{random}, seed_{seed} {
    RW_ASSERT(blocks_ > 0);
    if (random_) {
        blocks_ = std::bit_floor(blocks_);
    }
}

void block_order::take_share(unsigned index, unsigned count) noexcept {
    RW_ASSERT(index < count && next_ == first_);
    first_ = next_ = index % blocks_;
    step_ = count;
}

std::optional<std::uint64_t> block_order::next(bool once) noexcept {
    if (next_ >= blocks_) {
        if (once) {
            return std::nullopt;
        }
        next_ = first_;
    }
    const std::uint64_t mask = blocks_ - 1;
    std::uint64_t index = next_;
    next_ += step_;
    if (random_) {
        // Each step maps the numbers below a power of two onto themselves, one to one.
        const auto half = static_cast<unsigned>(std::bit_width(mask) + 1) / 2;
        index = (index + seed_) & mask;
        for (const std::uint64_t factor : {0x9e3779b97f4a7c15ULL, 0xd1342543de82ef95ULL}) {
            index = (index * factor) & mask;
            index ^= index >> std::max(half, 1U);
        }
    }
    return index * block_bytes_;
}

}  // namespace ringway::lab
