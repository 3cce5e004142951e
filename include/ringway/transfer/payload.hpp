// What is to be moved, as data: parts of files, and the open file they are parts of.
#pragma once

#include <cstdint>
#include <utility>

#include <ringway/base/shard_ref.hpp>
#include <ringway/base/unique_fd.hpp>

namespace ringway {

/// A part of a file, in bytes.
struct file_slice {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    friend bool operator==(const file_slice&, const file_slice&) = default;
};

/// An open file that a cache and any number of responses of one shard share; closed with the last.
class open_file : public shard_counted {
public:
    explicit open_file(unique_fd fd) noexcept : fd_{std::move(fd)} {}
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

private:
    unique_fd fd_;
};

using file_ref = shard_ref<open_file>;

}  // namespace ringway
