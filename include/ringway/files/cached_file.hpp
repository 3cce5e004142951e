// What a path led to when it was last looked at.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <ringway/base/shard_ref.hpp>
#include <ringway/fs/file_status.hpp>
#include <ringway/http/handler.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/transfer/payload.hpp>
#include <ringway/wire/accept_encoding.hpp>
#include <ringway/wire/etag.hpp>

namespace ringway::files {

/// One variant of a file: as it is, or precompressed.
struct representation {
    http::ready_ref ready;  ///< Of small files.
    file_ref file;          ///< Of large files.
    file_status status;
    std::array<char, wire::etag_bytes_max> etag_text{};
    std::uint8_t etag_size = 0;
    std::array<char, 29> last_modified{};
    std::int64_t modified_s = 0;  ///< The same in seconds since 1970.

    [[nodiscard]] std::string_view etag() const noexcept { return {etag_text.data(), etag_size}; }
};

/// An entry of the file cache.
class cached_file : public shard_counted {
    // What a hit looks at comes first and shares a cache line.
    friend class file_cache;
    bool used_ = false;  // Since it was last considered for eviction.
    bool listed_ = false;

public:
    /// Precompressed variants by `wire::coding_bit`: which were looked for, and which exist.
    std::uint8_t known = 0;
    std::uint8_t available = 0;
    nanoseconds checked{0};  ///< When it was last compared with the file system.
    std::string key;  ///< In the table: the normal path, with a slash behind it for directories.
    representation identity;

    std::string path;  ///< Of the file: differs from the key for index files.
    std::string_view content_type;
    std::array<std::unique_ptr<representation>, 4> encoded;  ///< By `wire::coding`.

    /// The variant in coding `which`; null if it isn't there or was not looked for.
    [[nodiscard]] representation* variant(wire::coding which) noexcept {
        return which == wire::coding::identity ? &identity
                                               : encoded[static_cast<std::size_t>(which)].get();
    }

private:
    cached_file* newer_ = nullptr;
    cached_file* older_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t open_files_ = 0;
};

using cached_ref = shard_ref<cached_file>;

}  // namespace ringway::files
