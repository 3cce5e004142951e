// What `ringway bench copy` copies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lab/outcome.hpp"

namespace ringway::lab {

/// Files of random bytes below one directory, which goes away with it, and where copies go.
class copy_target {
public:
    /// `count` files of `bytes_each`, at most 1,000 in a directory. Fails with a line for people.
    [[nodiscard]] static outcome<std::unique_ptr<copy_target>> make(const std::string& directory,
                                                                    std::size_t count,
                                                                    std::uint64_t bytes_each,
                                                                    std::uint64_t seed);
    copy_target(const copy_target&) = delete;
    copy_target& operator=(const copy_target&) = delete;
    ~copy_target();

    /// The only file, or the directory of all.
    [[nodiscard]] std::string source() const;
    /// Where the copy goes; there is nothing.
    [[nodiscard]] std::string destination() const { return path_ + "/to"; }
    [[nodiscard]] std::size_t count() const noexcept { return files_.size(); }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return files_.size() * bytes_each_; }

    /// Brings all of it into the page cache, or takes it out. Fails with a line for people where
    /// that can't be done.
    [[nodiscard]] outcome<void> make_resident(bool wanted) const;

    /// Whether `destination` holds as many files and bytes.
    [[nodiscard]] bool is_copied() const;
    void remove_copy() const;

private:
    copy_target(std::string path, std::uint64_t bytes_each)
        : path_{std::move(path)}, bytes_each_{bytes_each} {}

    std::string path_;
    std::uint64_t bytes_each_;
    std::vector<std::string> files_;
};

}  // namespace ringway::lab
