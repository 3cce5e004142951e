// The index of a file cache: from a key to its entry, with one memory access for the table.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include <ringway/files/cached_file.hpp>

namespace ringway::files {

/// A hash table with linear probing. The hash stands beside the pointer, so that a search reads an
/// entry only when it is the right one: with ten thousand files every entry that is touched is a
/// miss of the processor's cache, and std::unordered_map touches two or three.
/// Owns nothing. Keys are names of existing files, so nobody can choose them to collide.
class file_table {
public:
    file_table();

    /// The entry with this key; null if there is none.
    [[nodiscard]] cached_file* find(std::string_view key) const noexcept;
    /// Adds `entry`, whose key must not be there. Its key must not change. May allocate.
    void insert(cached_file& entry);
    /// Removes the entry with this key, which must be there.
    void erase(std::string_view key) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct slot {
        std::size_t hash = 0;
        cached_file* entry = nullptr;
    };

    [[nodiscard]] static std::size_t hash_of(std::string_view key) noexcept {
        return std::hash<std::string_view>{}(key);
    }
    [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }
    [[nodiscard]] std::size_t place_of(std::size_t hash, std::string_view key) const noexcept;
    void grow();

    std::vector<slot> slots_;  // A power of two, at most half full.
    std::size_t size_ = 0;
};

}  // namespace ringway::files
