// Open files, their facts and ready-made responses: what a shard remembers of what it served.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <ringway/base/shard_ref.hpp>
#include <ringway/fs/file_status.hpp>
#include <ringway/http/handler.hpp>
#include <ringway/observe/http_metrics.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/transfer/payload.hpp>
#include <ringway/wire/accept_encoding.hpp>
#include <ringway/wire/etag.hpp>

namespace ringway::files {

struct cache_limits {
    std::size_t bytes_max = std::size_t{64} << 20U;  ///< Of bodies and bookkeeping, per shard.
    std::size_t entries_max = 65'536;
    std::size_t open_files_max = 4'096;
    /// A body of this size or less is kept in memory, ready to be sent; larger files stay open.
    std::size_t body_bytes_max = 64 * 1024;
    /// How old knowledge may be before the file system is asked again.
    nanoseconds time_to_live = std::chrono::seconds{2};
};

/// One variant of a file: as it is, or precompressed.
struct representation {
    file_status status;
    file_ref file;           ///< Of large files.
    http::ready_ref ready;   ///< Of small files.
    std::array<char, wire::etag_bytes_max> etag_text{};
    std::uint8_t etag_size = 0;
    std::array<char, 29> last_modified{};

    [[nodiscard]] std::string_view etag() const noexcept {
        return {etag_text.data(), etag_size};
    }
};

/// What a path led to when it was last looked at.
class cached_file : public shard_counted {
public:
    std::string key;   ///< In the table: the normal path, with a slash behind it for directories.
    std::string path;  ///< Of the file: differs from the key for index files.
    std::string_view content_type;
    nanoseconds checked{0};
    std::optional<representation> identity;
    /// Precompressed variants by `wire::coding`; a bit in `known` says whether it was looked for.
    std::array<std::optional<representation>, 4> encoded;
    std::uint8_t known = 0;
    std::uint8_t available = 0;

    [[nodiscard]] const representation* variant(wire::coding which) const noexcept {
        const auto& found =
            which == wire::coding::identity ? identity : encoded[static_cast<std::size_t>(which)];
        return found ? &*found : nullptr;
    }
    [[nodiscard]] representation* variant(wire::coding which) noexcept {
        return const_cast<representation*>(std::as_const(*this).variant(which));
    }

private:
    friend class file_cache;
    cached_file* newer_ = nullptr;
    cached_file* older_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t open_files_ = 0;
    bool used_ = false;  // Since it was last considered for eviction.
    bool listed_ = false;
};

using cached_ref = shard_ref<cached_file>;

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
    void put(cached_ref entry);

    /// Counts anew what `entry`, which is in the cache, holds.
    void grown(cached_file& entry);

    /// Forgets `key`. Responses that are being sent go on.
    void forget(std::string_view key) noexcept;
    void clear() noexcept;

    [[nodiscard]] const cache_limits& limits() const noexcept { return limits_; }
    [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::size_t open_files() const noexcept { return open_files_; }

private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    void measure(cached_file& entry) noexcept;
    void unlink(cached_file& entry) noexcept;
    void link_newest(cached_file& entry) noexcept;
    void evict() noexcept;
    void publish() noexcept;

    cache_limits limits_;
    observe::http_metrics& metrics_;
    std::unordered_map<std::string_view, cached_ref, text_hash, std::equal_to<>> table_;
    cached_file* newest_ = nullptr;
    cached_file* oldest_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t open_files_ = 0;
};

}  // namespace ringway::files
