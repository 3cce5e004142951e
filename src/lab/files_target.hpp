// The file that the experiments of `ringway bench files` read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "lab/outcome.hpp"

namespace ringway::lab {

/// A file of noise, gone with this.
class files_target {
public:
    /// Fails with a line for people: no room, no such directory.
    [[nodiscard]] static outcome<files_target> make(const std::string& directory,
                                                    std::uint64_t bytes, std::uint64_t seed);
    files_target(files_target&& other) noexcept
        : directory_{std::move(other.directory_)},
          name_{std::exchange(other.name_, {})},
          bytes_{other.bytes_} {}
    files_target& operator=(files_target&&) = delete;
    ~files_target();

    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::string path() const { return directory_ + '/' + name_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    /// Drops it from the page cache (posix_fadvise(2), DONTNEED), or reads all of it.
    /// Fails with a line for people when that has not worked, as mincore(2) tells.
    [[nodiscard]] outcome<void> make_cold() const;
    [[nodiscard]] outcome<void> make_warm() const;

    /// The share of its pages that are in the page cache (mincore(2)), from 0 to 1.
    [[nodiscard]] double resident_share() const;

private:
    files_target(std::string directory, std::string name, std::uint64_t bytes)
        : directory_{std::move(directory)}, name_{std::move(name)}, bytes_{bytes} {}

    std::string directory_;
    std::string name_;
    std::uint64_t bytes_;
};

/// Offsets of blocks of a file: one after the other, or all of them once in an order that looks
/// random, before any comes again.
class block_order {
public:
    /// In random order only a power of two of the blocks is used, the greatest that there is.
    block_order(std::uint64_t file_bytes, std::uint32_t block_bytes, bool random,
                std::uint64_t seed) noexcept;

    /// Takes only the share `index` of `count` equal ones: no two shares have a block in common.
    void take_share(unsigned index, unsigned count) noexcept;

    /// None when every block has been read and `once` is set.
    [[nodiscard]] std::optional<std::uint64_t> next(bool once) noexcept;

    [[nodiscard]] std::uint64_t blocks() const noexcept { return blocks_; }

private:
    std::uint64_t blocks_;
    std::uint32_t block_bytes_;
    bool random_;
    std::uint64_t seed_;
    std::uint64_t next_ = 0;
    std::uint64_t first_ = 0;
    std::uint64_t step_ = 1;
};

}  // namespace ringway::lab
