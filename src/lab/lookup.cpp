#include "lab/lookup.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>

namespace ringway::lab {
namespace {

constexpr std::size_t records_per_block = lookup_block_bytes / record_bytes;
constexpr std::uint64_t records_per_write = 4096;

static_assert(std::endian::native == std::endian::little, "numbers are sent as they are stored");

std::unexpected<std::string> failed_to(std::string_view what, const std::string& path) {
    return std::unexpected{
        fmt::format("can't {} {}: {}", what, path, describe(error_from_errno(errno)))};
}

// splitmix64: every word of every record is another.
std::uint64_t mixed(std::uint64_t value) noexcept {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9U;
    value = (value ^ value >> 27) * 0x94d049bb133111ebU;
    return value ^ value >> 31;
}

}  // namespace

void fill_record(record& into, std::uint64_t number) noexcept {
    for (std::size_t at = 0; at < into.size(); at += sizeof number) {
        const auto word = mixed(number * into.size() + at);
        std::memcpy(into.data() + at, &word, sizeof word);
    }
}

outcome<void> make_records(const std::string& path, std::uint64_t count) {
    RW_ASSERT(count % records_per_block == 0);
    const unique_fd file{::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)};
    if (!file) {
        return failed_to("make", path);
    }
    std::vector<record> some;
    for (std::uint64_t first = 0; first < count; first += some.size()) {
        some.resize(static_cast<std::size_t>(std::min(records_per_write, count - first)));
        for (std::size_t i = 0; i < some.size(); ++i) {
            fill_record(some[i], first + i);
        }
        const auto size = some.size() * record_bytes;
        if (::write(file.get(), some.data(), size) != static_cast<ssize_t>(size)) {
            return failed_to("write", path);
        }
    }
    return ::fsync(file.get()) == 0 ? outcome<void>{} : outcome<void>{failed_to("write", path)};
}

bool forget_file(const std::string& path) noexcept {
    const unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    return file && ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) == 0;
}

outcome<record_file> record_file::open(const std::string& path, bool direct) {
    record_file made;
    made.fd_ = unique_fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | (direct ? O_DIRECT : 0))};
    struct stat status{};
    if (!made.fd_ || ::fstat(made.fd_.get(), &status) != 0) {
        return failed_to(direct ? "open for direct reads" : "open", path);
    }
    made.count_ = static_cast<std::uint64_t>(status.st_size) / record_bytes;
    if (made.count_ == 0) {
        return std::unexpected{fmt::format("{} holds no record", path)};
    }
    ::posix_fadvise(made.fd_.get(), 0, 0, POSIX_FADV_RANDOM);
    return made;
}

std::uint64_t record_file::block_of(std::uint64_t number) const noexcept {
    return number % count_ / records_per_block * lookup_block_bytes;
}

std::size_t record_file::place_in_block(std::uint64_t number) noexcept {
    return number % records_per_block * record_bytes;
}

bool lookup_request::take(byte_view& bytes) noexcept {
    if (seen_ == lookup_request_bytes) {
        seen_ = 0;
        number_ = 0;
    }
    if (bytes.empty()) {
        return false;
    }
    const auto size = std::min<std::size_t>(lookup_request_bytes - seen_, bytes.size());
    std::memcpy(reinterpret_cast<std::byte*>(&number_) + seen_, bytes.data(), size);
    seen_ += static_cast<unsigned>(size);
    bytes = bytes.subspan(size);
    return seen_ == lookup_request_bytes;
}

}  // namespace ringway::lab
