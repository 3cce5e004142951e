// Finding the frames in what a peer of HTTP/3 sends, before nghttp3 sees them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <ringway/base/bytes.hpp>

namespace ringway::http::detail {

/// A number of QUIC's variable length (RFC 9000 section 16) that comes in pieces.
class h3_varint {
public:
    /// Takes bytes off the front of `bytes` until the number is whole, and yields it then; the next
    /// call begins another one.
    [[nodiscard]] std::optional<std::uint64_t> next(byte_view& bytes) noexcept;

    /// Whether part of a number has come.
    [[nodiscard]] bool begun() const noexcept { return left_ > 0; }

private:
    std::uint64_t value_ = 0;
    unsigned left_ = 0;  // Bytes that are missing.
};

/// Where a frame begins (RFC 9114 section 7.1).
struct h3_frame_head {
    std::uint64_t type = 0;
    std::uint64_t length = 0;

    friend bool operator==(const h3_frame_head&, const h3_frame_head&) = default;
};

/// What comes on a peer's stream: the type of a unidirectional one is read off its front (RFC 9114
/// section 6.2).
enum class h3_input : std::uint8_t { request, untyped, control, encoder, decoder, other };

/// Follows one stream, through pieces of any size. Judges nothing.
class h3_scanner {
public:
    explicit h3_scanner(h3_input input) noexcept : input_{input} {}

    [[nodiscard]] h3_input input() const noexcept { return input_; }

    /// Reads the type of an `untyped` stream off the front of `bytes`; `input` is another when it
    /// is known.
    void read_type(byte_view& bytes) noexcept;

    /// Takes bytes off the front of `bytes` up to the end of the next frame head, which it yields,
    /// or all of them if there is none. For requests and the control stream.
    [[nodiscard]] std::optional<h3_frame_head> next(byte_view& bytes) noexcept;

    /// Takes what is there of the payload of the last frame off the front of `bytes`.
    [[nodiscard]] byte_view take_payload(byte_view& bytes) noexcept;

    /// Bytes of that payload that are still to come.
    [[nodiscard]] std::uint64_t payload_left() const noexcept { return payload_left_; }
    /// Whether the bytes so far ended with a whole frame.
    [[nodiscard]] bool between_frames() const noexcept {
        return payload_left_ == 0 && !in_length_ && !number_.begun();
    }

private:
    h3_varint number_;
    h3_frame_head head_;
    std::uint64_t payload_left_ = 0;
    h3_input input_;
    bool in_length_ = false;
};

}  // namespace ringway::http::detail
