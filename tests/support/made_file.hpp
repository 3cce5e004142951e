// Files with holes and odd sizes, and whether two of them are equal.
#pragma once

#include <cstdint>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include "ring/simulated_random.hpp"

namespace ringway::test {

/// Bytes that tell where in the file they are from; none of them is zero.
[[nodiscard]] inline std::string pattern(std::size_t size, std::uint64_t offset = 0) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        const std::uint64_t at = offset + i;
        text[i] = static_cast<char>(1 + (at * 7 + at / 251 + at / 65'521) % 255);
    }
    return text;
}

/// Writes `pattern` to `path` at some places that the seed picks, and leaves holes between them.
inline void make_sparse(const std::string& path, std::uint64_t size, std::uint64_t seed) {
    const unique_fd file{::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    detail::simulated_random random{seed};
    static_cast<void>(!::ftruncate(file.get(), static_cast<off_t>(size)));
    const auto parts = random.between(0, 6);
    for (std::uint64_t i = 0; i < parts && size > 0; ++i) {
        const std::uint64_t begin = random.between(0, size - 1);
        const std::uint64_t length =
            std::min(size - begin, random.between(1, std::uint64_t{300'000}));
        const std::string bytes = pattern(length, begin);
        static_cast<void>(
            !::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(begin)));
    }
}

/// Whether two files have the same bytes; holes are zeros. Skips what is a hole in both.
[[nodiscard]] inline bool same_content(const std::string& one, const std::string& other) {
    const unique_fd left{::open(one.c_str(), O_RDONLY | O_CLOEXEC)};
    const unique_fd right{::open(other.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat facts[2]{};
    if (::fstat(left.get(), &facts[0]) != 0 || ::fstat(right.get(), &facts[1]) != 0 ||
        facts[0].st_size != facts[1].st_size) {
        return false;
    }
    std::vector<char> memory(2 * 1024 * 1024);
    char* const second = memory.data() + 1024 * 1024;
    for (off_t at = 0; at < facts[0].st_size;) {
        const off_t mine = ::lseek(left.get(), at, SEEK_DATA);
        const off_t theirs = ::lseek(right.get(), at, SEEK_DATA);
        const off_t next = mine < 0 ? theirs : theirs < 0 ? mine : std::min(mine, theirs);
        if (next < 0) {
            return true;
        }
        const ssize_t got = ::pread(left.get(), memory.data(), 1024 * 1024, next);
        if (got <= 0 || ::pread(right.get(), second, 1024 * 1024, next) != got ||
            std::string_view{memory.data(), static_cast<std::size_t>(got)} !=
                std::string_view{second, static_cast<std::size_t>(got)}) {
            return false;
        }
        at = next + got;
    }
    return true;
}

/// Bytes that the file takes up.
[[nodiscard]] inline std::uint64_t stored_bytes(const std::string& path) {
    struct stat facts{};
    return ::stat(path.c_str(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_blocks) * 512
                                             : 0;
}

}  // namespace ringway::test
