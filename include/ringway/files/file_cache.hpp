// Open files, their facts and ready-made responses: what a shard remembers of what it served.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include <ringway/files/cached_file.hpp>
#include <ringway/files/file_table.hpp>
#include <ringway/observe/http_metrics.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway::files {

struct cache_limits {
    std::size_t bytes_max = std::size_t{64} << 20U;  ///< Of bodies and bookkeeping, per shard.
    std::size_t entries_max = 65'536;
    std::size_t open_files_max = 4'096;
    /// A body of this size or less is kept in memory, ready to be sent; larger files stay open.
    std::size_t body_bytes_max = std::size_t{64} * 1024;
    /// How old knowledge may be before the file system is asked again.
    nanoseconds time_to_live = std::chrono::seconds{2};
};

/// The cache of one shard. Bounded in bytes, entries and descriptors; what was not used goes first
/// (second chance). What is being sent lives on until it is sent.
class file_cache {
public:
    file_cache(const cache_limits& limits, observe::http_metrics& metrics)
        : limits_{limits}, metrics_{metrics} {}
    file_cache(const file_cache&) = delete;
    file_cache& operator=(const file_cache&) = delete;
    ~file_cache() { clear(); }

    /// What is known of `key`, fresh or not; null if nothing. Lifetime: until the next change.
    [[nodiscard]] cached_file* find(std::string_view key) noexcept;

    [[nodiscard]] bool is_fresh(const cached_file& entry, nanoseconds now) const noexcept {
        return now - entry.checked < limits_.time_to_live;
    }

    /// Takes `entry` in, in the place of an older one with the same key. Allocates.
    void put(const cached_ref& entry);

    /// Counts anew what `entry`, which is in the cache, holds.
    void grown(cached_file& entry);

    /// Forgets entries with open files that were last compared with the file system before `time`.
    void close_unchecked_since(nanoseconds time) noexcept;

    /// Forgets `key`. Responses that are being sent go on.
    void forget(std::string_view key) noexcept;
    void clear() noexcept;

    [[nodiscard]] const cache_limits& limits() const noexcept { return limits_; }
    [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::size_t open_files() const noexcept { return open_files_; }

private:
    void measure(cached_file& entry) noexcept;
    void unlink(cached_file& entry) noexcept;
    void link_newest(cached_file& entry) noexcept;
    void evict() noexcept;
    void publish() noexcept;

    cache_limits limits_;
    observe::http_metrics& metrics_;
    file_table table_;
    cached_file* newest_ = nullptr;
    cached_file* oldest_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t open_files_ = 0;
};

}  // namespace ringway::files
