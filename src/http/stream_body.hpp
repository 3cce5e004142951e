// The bytes of a response body as pieces, for DATA frames.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <ringway/base/bytes.hpp>
#include <ringway/http/handler.hpp>
#include <ringway/http/response_plan.hpp>
#include <ringway/transfer/payload.hpp>

namespace ringway::http::detail {

/// What is left of a body. Memory where it lies in memory, else a part of a file, of which a chunk
/// may have been read beforehand.
class stream_body {
public:
    stream_body() = default;
    stream_body(const stream_body&) = delete;
    stream_body& operator=(const stream_body&) = delete;

    /// The body of `what`, or of `ready`. Lifetime: they outlive this.
    void start(const response& what);
    void start(const ready_response& ready) noexcept {
        memory_ = ready.body();
        left_ = memory_.size();
    }

    /// Bytes that have not been taken.
    [[nodiscard]] std::uint64_t left() const noexcept { return left_; }

    /// The next bytes if they are in memory, else empty. Requires left() > 0.
    [[nodiscard]] std::string_view memory() noexcept {
        if (memory_.empty()) {
            advance();
        }
        return memory_;
    }
    /// Whether that is text which the next piece overwrites: the head of a part, or the tail.
    [[nodiscard]] bool is_passing() const noexcept {
        return text_ && memory_.data() >= text_->data() &&
               memory_.data() < text_->data() + text_->size();
    }
    /// Whether all of it lies in memory that lives as long as the response.
    [[nodiscard]] bool is_lasting() const noexcept {
        return parts_ == nullptr && (slice_.length == 0 || what_->memory);
    }
    /// The part of the file that is next. Requires left() > 0 and an empty memory().
    [[nodiscard]] file_slice slice() const noexcept { return slice_; }
    [[nodiscard]] int file() const noexcept { return what_->file->fd(); }
    [[nodiscard]] const file_ref& whole_file() const noexcept { return what_->file; }

    /// Takes `count` bytes off the front: of the memory, or of the slice if that is empty.
    void take(std::size_t count) noexcept;

    /// The first `count` bytes of the slice have been read to the front of `chunk()`.
    void chunk_read(std::size_t count) noexcept;
    /// Memory for them, `size` bytes long and at most `chunk_bytes`. Allocates. Requires that the
    /// last chunk is used up.
    [[nodiscard]] std::byte* chunk(std::size_t size = chunk_bytes);
    /// No bytes of a chunk are waiting any more.
    [[nodiscard]] bool chunk_used_up() const noexcept { return memory_.empty(); }
    void release_chunk() noexcept { chunk_.reset(); }

    static constexpr std::size_t chunk_bytes = std::size_t{32} * 1024;

private:
    void advance() noexcept;
    void next_part() noexcept;

    std::string_view memory_;
    file_slice slice_;
    std::uint64_t left_ = 0;
    const response* what_ = nullptr;
    const multipart_body* parts_ = nullptr;
    std::size_t part_ = 0;
    bool in_part_ = false;
    std::unique_ptr<std::array<char, multipart_body::part_head_bytes_max>> text_;
    std::unique_ptr<std::byte[]> chunk_;
};

}  // namespace ringway::http::detail
