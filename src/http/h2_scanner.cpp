#include "http/h2_scanner.hpp"

#include <algorithm>
#include <cstring>

namespace ringway::http::detail {
namespace {

constexpr std::uint8_t type_headers = 1;
constexpr std::uint8_t type_priority = 2;
constexpr std::uint8_t type_continuation = 9;
constexpr std::uint8_t flag_end_headers = 4;
constexpr std::uint32_t priority_bytes = 5;  // RFC 9113 section 6.3.
constexpr std::uint32_t stream_mask = 0x7fffffff;

}  // namespace

// Whether `wanted` bytes of the head are there.
bool h2_scanner::fill(byte_view& bytes, std::size_t wanted) noexcept {
    const std::size_t part = std::min(wanted - std::min(wanted, got_), bytes.size());
    if (part > 0) {
        std::memcpy(head_.data() + got_, bytes.data(), part);
    }
    got_ += part;
    bytes = bytes.subspan(part);
    return got_ >= wanted;
}

std::uint32_t h2_scanner::number_at(std::size_t at) const noexcept {
    const auto byte = [this, at](std::size_t i) { return std::uint32_t{head_[at + i]}; };
    return (byte(0) << 24U | byte(1) << 16U | byte(2) << 8U | byte(3)) & stream_mask;
}

std::optional<h2_frame_head> h2_scanner::next(byte_view& bytes) noexcept {
    const std::size_t skipped = std::min(skip_, bytes.size());
    skip_ -= skipped;
    bytes = bytes.subspan(skipped);
    if (!fill(bytes, head_bytes)) {
        return std::nullopt;
    }
    const auto at = [this](std::size_t i) { return std::uint32_t{head_[i]}; };
    h2_frame_head head{
        .length = at(0) << 16U | at(1) << 8U | at(2),
        .type = head_[3],
        .flags = head_[4],
        .stream = number_at(5),
    };
    skip_ = head.length;
    if (head.type == type_priority && head.length == priority_bytes) {
        skip_ = 0;  // Until all that is wanted is there.
        if (!fill(bytes, head_bytes + dependency_bytes)) {
            return std::nullopt;
        }
        head.depends_on = number_at(head_bytes);
        skip_ = priority_bytes - dependency_bytes;
    }
    got_ = 0;
    if (head.type == type_headers || head.type == type_continuation) {
        in_block_ = (head.flags & flag_end_headers) == 0;
    }
    return head;
}

}  // namespace ringway::http::detail
