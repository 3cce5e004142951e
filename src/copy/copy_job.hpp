// One copy under way: what its lanes share, and the blocking steps before and after them.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include <ringway/base/result.hpp>
#include <ringway/copy/settings.hpp>
#include <ringway/coro/task.hpp>

#include "copy/copy_range.hpp"
#include "copy/pieces.hpp"

namespace ringway {

/// A blocking lane takes this much at a time: enough for the disk, little enough to share out well.
inline constexpr std::uint64_t lane_piece_bytes = std::uint64_t{8} << 20U;

/// What is known after the first look.
struct copy_start {
    copy_plan plan;
    std::uint64_t size = 0;
    bool done = false;  ///< It was a reflink, or a stream that has been copied.
    copy_report report;
};

/// Looks at both files, tries what needs no lanes, and reserves blocks. Blocks.
/// `present`: bytes at the begin that `to` has already.
[[nodiscard]] result<copy_start> begin_copy(const copy_settings& settings,
                                            const copy_context& context, std::uint64_t present);

/// All of it on the calling thread, for the methods that block. As `file_copier::copy`.
[[nodiscard]] result<copy_report> copy_blocking(const copy_settings& settings,
                                                const copy_context& context, std::uint64_t present);

/// Shared by the lanes of one copy.
class copy_job {
public:
    copy_job(const copy_context& shared, copy_piece whole, std::uint64_t piece_bytes,
             bool find_holes) noexcept
        : context{shared},
          pieces{shared.from, whole, piece_bytes, find_holes},
          size_{whole.offset + whole.length},
          ends_at_{size_} {}

    /// Copies pieces until there are none. Blocks; any thread.
    void run_lane() noexcept;

    /// Notes a failure, the first of which counts, and ends all lanes.
    void fail(error what) noexcept;
    /// The source has ended at `offset`: ends all lanes.
    void source_ended(std::uint64_t offset) noexcept;
    void moved(std::uint64_t bytes) noexcept { moved_.fetch_add(bytes); }
    /// Large enough for preparations that a small copy would not win back.
    [[nodiscard]] bool is_large() const noexcept { return size_ >= large_file_bytes; }

    /// After all lanes: sets the size, syncs, and says what was done. Blocks.
    [[nodiscard]] result<copy_report> finish(const copy_settings& settings) noexcept;

    copy_context context;
    piece_source pieces;

private:
    static result<std::uint64_t> copy_piece_fully(const copy_context& own, copy_piece piece);
    result<std::uint64_t> true_size() const noexcept;

    std::uint64_t size_;
    std::atomic<std::uint64_t> moved_{0};
    std::mutex mutex_;
    std::uint64_t ends_at_;
    error failed_;
};

/// One lane of the `ring` methods, on the shard.
[[nodiscard]] task<void> run_ring_lane(copy_job& job);

}  // namespace ringway
