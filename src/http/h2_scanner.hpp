// Finding the frames in what a peer of HTTP/2 sends, before nghttp2 sees them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <ringway/base/bytes.hpp>

namespace ringway::http::detail {

/// The head of a frame (RFC 9113 section 4.1).
struct h2_frame_head {
    std::uint32_t length = 0;
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
    std::uint32_t depends_on = 0;  ///< Of PRIORITY: nghttp2 does not look at it for us.

    friend bool operator==(const h2_frame_head&, const h2_frame_head&) = default;
};

/// Follows the frames of one connection, through pieces of any size. Judges nothing: what stands in
/// the preface or in a payload, but that of PRIORITY, is not looked at.
class h2_scanner {
public:
    static constexpr std::size_t preface_bytes = 24;
    static constexpr std::size_t head_bytes = 9;

    /// Takes bytes off the front of `bytes` up to the end of the next frame head, or of what
    /// PRIORITY says, and yields it; all of them if there is none.
    [[nodiscard]] std::optional<h2_frame_head> next(byte_view& bytes) noexcept;

    /// Whether the bytes so far ended with a whole frame.
    [[nodiscard]] bool between_frames() const noexcept { return skip_ == 0 && got_ == 0; }
    /// Whether the last frame head left a header block open (CONTINUATION follows).
    [[nodiscard]] bool in_block() const noexcept { return in_block_; }

private:
    static constexpr std::size_t dependency_bytes = 4;

    [[nodiscard]] bool fill(byte_view& bytes, std::size_t wanted) noexcept;
    [[nodiscard]] std::uint32_t number_at(std::size_t at) const noexcept;

    std::size_t skip_ = preface_bytes;  // Of the preface or a payload.
    std::array<std::uint8_t, head_bytes + dependency_bytes> head_{};
    std::size_t got_ = 0;  // Of the head.
    bool in_block_ = false;
};

}  // namespace ringway::http::detail
