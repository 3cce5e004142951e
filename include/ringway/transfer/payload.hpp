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
class shared_file : public shard_counted {
public:
    explicit shared_file(unique_fd fd) noexcept : fd_{std::move(fd)} {}
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    /// A number that no other open file of this shard has, or will have. What is known by it is
    /// known of this opening: a file that has changed is opened anew.
    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

private:
    [[nodiscard]] static std::uint64_t next_id() noexcept {
        static thread_local std::uint64_t last = 0;
        return ++last;
    }

    unique_fd fd_;
    std::uint64_t id_ = next_id();
};

using file_ref = shard_ref<shared_file>;

}  // namespace ringway
