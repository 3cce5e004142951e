#include "copy/pieces.hpp"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

#include <ringway/base/assert.hpp>

namespace ringway {

piece_source::piece_source(int file, copy_piece whole, std::uint64_t piece_bytes,
                           bool find_holes) noexcept
    : file_{file},
      size_{whole.offset + whole.length},
      piece_bytes_{piece_bytes},
      find_holes_{find_holes},
      next_{whole.offset},
      data_end_{whole.offset} {
    RW_ASSERT(piece_bytes > 0);
}

result<copy_piece> piece_source::next() {
    const std::lock_guard lock{mutex_};
    if (next_ >= size_) {
        return copy_piece{};
    }
    if (next_ >= data_end_) {
        if (const auto found = find_data(); !found) {
            return std::unexpected{found.error()};
        }
    }
    // Pieces end at multiples of their size, so that no block is written twice.
    const std::uint64_t boundary = (next_ / piece_bytes_ + 1) * piece_bytes_;
    const copy_piece piece{next_, std::min(boundary, data_end_) - next_};
    next_ += piece.length;
    return piece;
}

void piece_source::end() noexcept {
    const std::lock_guard lock{mutex_};
    next_ = size_;
    data_end_ = size_;
}

result<void> piece_source::find_data() {
    data_end_ = size_;
    if (!find_holes_) {
        return {};
    }
    const off_t data = ::lseek(file_, static_cast<off_t>(next_), SEEK_DATA);
    if (data < 0 && errno == EINVAL) {
        find_holes_ = false;  // The file system does not know: all is data.
        return {};
    }
    if (data < 0 && errno != ENXIO) {
        return fail_errno(errno);
    }
    // ENXIO: no more data, or the file has shrunk, which the copier finds out by itself.
    const auto begin = data < 0 ? size_ : std::min(static_cast<std::uint64_t>(data), size_);
    skipped_ += begin - next_;
    next_ = begin;
    if (begin == size_) {
        return {};
    }
    const off_t hole = ::lseek(file_, data, SEEK_HOLE);
    if (hole < 0) {
        return errno == ENXIO ? result<void>{} : fail_errno(errno);
    }
    data_end_ = std::min(static_cast<std::uint64_t>(hole), size_);
    if (data_end_ <= next_) {
        data_end_ = size_;  // Changed under us.
    }
    return {};
}

}  // namespace ringway
