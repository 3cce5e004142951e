#include "http/h3_scanner.hpp"

#include <algorithm>

namespace ringway::http::detail {

std::optional<std::uint64_t> h3_varint::next(byte_view& bytes) noexcept {
    while (!bytes.empty()) {
        const auto byte = std::to_integer<std::uint8_t>(bytes.front());
        bytes = bytes.subspan(1);
        if (left_ == 0) {
            left_ = (1U << (byte >> 6U)) - 1;
            value_ = byte & 0x3fU;
        } else {
            value_ = value_ << 8U | byte;
            --left_;
        }
        if (left_ == 0) {
            return value_;
        }
    }
    return std::nullopt;
}

void h3_scanner::read_type(byte_view& bytes) noexcept {
    const auto type = number_.next(bytes);
    if (!type) {
        return;
    }
    switch (*type) {
        case 0: input_ = h3_input::control; break;
        case 2: input_ = h3_input::encoder; break;
        case 3: input_ = h3_input::decoder; break;
        default: input_ = h3_input::other;
    }
}

byte_view h3_scanner::take_payload(byte_view& bytes) noexcept {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), payload_left_));
    const byte_view taken = bytes.first(size);
    bytes = bytes.subspan(size);
    payload_left_ -= size;
    return taken;
}

std::optional<h3_frame_head> h3_scanner::next(byte_view& bytes) noexcept {
    static_cast<void>(take_payload(bytes));
    while (!bytes.empty()) {
        const auto number = number_.next(bytes);
        if (!number) {
            return std::nullopt;
        }
        if (!in_length_) {
            head_.type = *number;
            in_length_ = true;
            continue;
        }
        in_length_ = false;
        head_.length = *number;
        payload_left_ = *number;
        return head_;
    }
    return std::nullopt;
}

}  // namespace ringway::http::detail
