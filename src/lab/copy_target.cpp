#include "lab/copy_target.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <random>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/transfer/transfer.hpp>

namespace ringway::lab {
namespace {

constexpr std::size_t files_per_directory = 1000;
constexpr std::size_t piece_bytes = std::size_t{1} << 20U;

// Random enough that nothing can be shared or left out.
std::string random_piece(std::uint64_t seed) {
    std::mt19937_64 random{seed};
    std::string piece(piece_bytes, '\0');
    for (std::size_t at = 0; at < piece.size(); at += sizeof(std::uint64_t)) {
        const std::uint64_t word = random();
        std::memcpy(piece.data() + at, &word, sizeof word);
    }
    return piece;
}

bool write_file(const std::string& path, const std::string& piece, std::uint64_t bytes,
                std::uint64_t number) {
    const unique_fd file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    for (std::uint64_t at = 0; at < bytes;) {
        const std::size_t skipped = (number + at / piece_bytes) * 8 % 4096;
        const auto length = std::min<std::uint64_t>(bytes - at, piece.size() - skipped);
        const ssize_t wrote = ::write(file.get(), piece.data() + skipped, length);
        if (wrote <= 0) {
            return false;
        }
        at += static_cast<std::uint64_t>(wrote);
    }
    return file.get() >= 0;
}

}  // namespace

outcome<std::unique_ptr<copy_target>> copy_target::make(const std::string& directory,
                                                        std::size_t count, std::uint64_t bytes_each,
                                                        std::uint64_t seed) {
    std::unique_ptr<copy_target> made{new copy_target{
        fmt::format("{}/ringway-bench-copy-{}", directory, ::getpid()), bytes_each}};
    const std::string piece = random_piece(seed);
    std::error_code failed;
    for (std::size_t i = 0; i < count; ++i) {
        const auto folder = fmt::format("{}/from/{:03}", made->path_, i / files_per_directory);
        if (i % files_per_directory == 0) {
            std::filesystem::create_directories(folder, failed);
        }
        auto path = fmt::format("{}/file-{:06}", folder, i);
        if (!write_file(path, piece, bytes_each, i)) {
            return std::unexpected{
                fmt::format("can't write {}: {}; use --dir", path, std::strerror(errno))};
        }
        made->files_.push_back(std::move(path));
    }
    const unique_fd root{::open(made->path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    ::syncfs(root.get());
    return made;
}

copy_target::~copy_target() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string copy_target::source() const {
    return files_.size() == 1 ? files_.front() : path_ + "/from";
}

outcome<void> copy_target::make_resident(bool wanted) const {
    std::string memory(piece_bytes, '\0');
    for (const std::string& path : files_) {
        const unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
        if (!wanted) {
            ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
            continue;
        }
        if (!is_resident(file.get(), {0, bytes_each_})) {
            while (::read(file.get(), memory.data(), memory.size()) > 0) {
            }
        }
    }
    const unique_fd first{::open(files_.front().c_str(), O_RDONLY | O_CLOEXEC)};
    const bool resident = is_resident(first.get(), {0, std::min<std::uint64_t>(bytes_each_, 4096)});
    if (resident != wanted) {
        return std::unexpected{fmt::format("{} can't be {} the page cache; use --dir", path_,
                                           wanted ? "kept in" : "dropped from")};
    }
    return {};
}

bool copy_target::is_copied() const {
    std::error_code failed;
    const auto size = [&failed](const std::filesystem::path& path) {
        const auto found = std::filesystem::file_size(path, failed);
        return failed ? std::uint64_t{0} : std::uint64_t{found};
    };
    if (files_.size() == 1) {
        return size(destination()) == bytes_each_;
    }
    std::size_t found = 0;
    for (auto at = std::filesystem::recursive_directory_iterator{destination(), failed};
         !failed && at != std::filesystem::recursive_directory_iterator{}; at.increment(failed)) {
        if (at->is_regular_file(failed)) {
            found += size(at->path()) == bytes_each_ ? 1 : 0;
        }
    }
    return !failed && found == files_.size();
}

void copy_target::remove_copy() const {
    std::error_code ignored;
    std::filesystem::remove_all(destination(), ignored);
}

}  // namespace ringway::lab
