// The parts of a file that hold data, in order, for several lanes at once.
#pragma once

#include <cstdint>
#include <mutex>

#include <ringway/base/result.hpp>

#include "copy/copy_range.hpp"

namespace ringway {

/// Hands out `whole`, a part of a file, in pieces of at most `piece_bytes`; with
/// `find_holes` only what is no hole (SEEK_DATA, lseek(2); Linux 3.1). Any thread may take.
class piece_source {
public:
    /// Lifetime: `file` stays open. Its position is changed with `find_holes`.
    piece_source(int file, copy_piece whole, std::uint64_t piece_bytes, bool find_holes) noexcept;

    /// The next piece; of length 0 when there is none, or after `end`.
    /// Fails with the errno of lseek(2).
    [[nodiscard]] result<copy_piece> next();

    /// Nothing is handed out any more: somebody has failed.
    void end() noexcept;

    /// Bytes of holes that were skipped, once all is handed out.
    [[nodiscard]] std::uint64_t skipped() const noexcept { return skipped_; }

private:
    result<void> find_data();

    std::mutex mutex_;
    int file_;
    std::uint64_t size_;  // Where the whole ends.
    std::uint64_t piece_bytes_;
    bool find_holes_;
    std::uint64_t next_;
    std::uint64_t data_end_;  // What is between `next_` and this is data.
    std::uint64_t skipped_ = 0;
};

}  // namespace ringway
