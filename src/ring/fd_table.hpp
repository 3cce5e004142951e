// What the epoll driver knows of each descriptor number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <ringway/base/assert.hpp>

#include "ring/op_list.hpp"

namespace ringway {

/// Which list of a descriptor an operation waits in. Reads and writes are served in the order of
/// their submission; polls are independent of each other.
enum class wait_side : std::uint8_t { reading, writing, polling };

/// One descriptor. The entry of a number is made once and stays; its generation tells apart the
/// files that had the number one after the other.
struct watched_fd {
    std::array<op_list, 3> waiting;  ///< By `wait_side`.
    int fd = -1;
    std::uint32_t generation = 0;
    std::uint8_t ready = 0;   ///< The bits of the sides that are to be tried.
    bool registered = false;  ///< epoll reports edges of it.
    bool listed = false;      ///< In the driver's list of entries to try.

    [[nodiscard]] op_list& on(wait_side side) noexcept {
        return waiting[static_cast<std::size_t>(side)];
    }
    [[nodiscard]] static constexpr std::uint8_t bit(wait_side side) noexcept {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(side));
    }
    [[nodiscard]] bool idle() const noexcept {
        return waiting[0].empty() && waiting[1].empty() && waiting[2].empty();
    }

    /// What epoll hands back with an event of this file.
    [[nodiscard]] std::uint64_t key() const noexcept {
        return std::uint64_t{generation} << 32 | static_cast<std::uint32_t>(fd);
    }
};

/// The entries by number. They stay at their addresses.
class fd_table {
public:
    /// The entry of `fd`, made if there was none.
    [[nodiscard]] watched_fd& at(int fd) {
        RW_ASSERT(fd >= 0);
        const auto index = static_cast<std::size_t>(fd);
        if (index >= entries_.size()) {
            entries_.resize(index + 1);
        }
        if (entries_[index] == nullptr) {
            entries_[index] = std::make_unique<watched_fd>();
            entries_[index]->fd = fd;
        }
        return *entries_[index];
    }

    /// The entry of `fd`, or null.
    [[nodiscard]] watched_fd* find(int fd) const noexcept {
        const auto index = static_cast<std::size_t>(fd);
        return fd >= 0 && index < entries_.size() ? entries_[index].get() : nullptr;
    }

    /// The entry that `key` was made from, or null if its file is gone.
    [[nodiscard]] watched_fd* find_key(std::uint64_t key) const noexcept {
        watched_fd* const entry = find(static_cast<int>(key & 0xffffffffU));
        return entry != nullptr && entry->key() == key ? entry : nullptr;
    }

private:
    std::vector<std::unique_ptr<watched_fd>> entries_;
};

}  // namespace ringway
