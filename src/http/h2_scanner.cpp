#include "http/h2_scanner.hpp"

#include <algorithm>
#include <cstring>

namespace ringway::http::detail {
namespace {

constexpr std::uint8_t type_headers = 1;
constexpr std::uint8_t type_continuation = 9;
constexpr std::uint8_t flag_end_headers = 4;

}  // namespace

std::optional<h2_frame_head> h2_scanner::next(byte_view& bytes) noexcept {
    const std::size_t skipped = std::min(skip_, bytes.size());
    skip_ -= skipped;
    bytes = bytes.subspan(skipped);
    const std::size_t part = std::min(head_bytes - got_, bytes.size());
    if (part > 0) {
        std::memcpy(head_.data() + got_, bytes.data(), part);
    }
    got_ += part;
    bytes = bytes.subspan(part);
    if (got_ < head_bytes) {
        return std::nullopt;
    }
    got_ = 0;
    const auto at = [this](std::size_t i) { return std::uint32_t{head_[i]}; };
    const h2_frame_head head{
        .length = at(0) << 16U | at(1) << 8U | at(2),
        .type = head_[3],
        .flags = head_[4],
        .stream = (at(5) << 24U | at(6) << 16U | at(7) << 8U | at(8)) & 0x7fffffffU,
    };
    skip_ = head.length;
    if (head.type == type_headers || head.type == type_continuation) {
        in_block_ = (head.flags & flag_end_headers) == 0;
    }
    return head;
}

}  // namespace ringway::http::detail
