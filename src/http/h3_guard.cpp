#include "http/h3_guard.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <nghttp3/nghttp3.h>

namespace ringway::http::detail {
namespace {

using observe::abuse_kind;

// RFC 9114 section 7.2, RFC 9218 section 7.2.
enum frame_type : std::uint64_t {
    data = 0,
    headers = 1,
    cancel_push = 3,
    settings = 4,
    goaway = 7,
    max_push_id = 13,
    priority_update = 0xf0700,
    unjudged = ~std::uint64_t{0},
};

// Points. A frame with hardly anything in it costs us as much as one with a page.
constexpr std::uint32_t crumb_price = 1;
constexpr std::uint32_t empty_data_price = 20;
constexpr std::uint32_t trailers_price = 5;
constexpr std::uint32_t priority_price = 10;
constexpr std::uint32_t control_price = 20;
constexpr std::uint32_t unknown_price = 20;
constexpr std::uint32_t stream_price = 20;
// Instructions of QPACK have a byte at least; a request that is answered pays for 200 of them.
constexpr std::uint64_t qpack_bytes_per_point = 4;

h3_verdict error_code(std::uint64_t code) noexcept { return h3_verdict{std::in_place, code}; }

}  // namespace

h3_verdict h3_guard::charge(std::uint32_t points, abuse_kind why, nanoseconds now) noexcept {
    return points == 0 || spend(points, now) ? h3_verdict{} : h3_verdict{why};
}

h3_verdict h3_guard::on_request_frame(const h3_frame_head& frame, bool is_first_head,
                                      nanoseconds now) noexcept {
    std::uint32_t price = unknown_price;
    if (frame.type == data) {
        price = frame.length == 0 ? empty_data_price : crumb_price;
    } else if (frame.type == headers) {
        price = is_first_head ? 0 : trailers_price;
    }
    return charge(price, abuse_kind::h3_control_flood, now);
}

h3_verdict h3_guard::on_crumb(nanoseconds now) noexcept {
    return charge(crumb_price, abuse_kind::h3_control_flood, now);
}

h3_verdict h3_guard::on_uni_stream(nanoseconds now) noexcept {
    return charge(stream_price, abuse_kind::h3_stream_flood, now);
}

h3_verdict h3_guard::on_bytes(h3_scanner& of, byte_view bytes, nanoseconds now) noexcept {
    switch (of.input()) {
        case h3_input::control: return on_control(of, bytes, now);
        case h3_input::encoder:
        case h3_input::decoder: {
            // Insertions that nobody refers to, acknowledgements of nothing.
            qpack_bytes_ += bytes.size();
            const auto points = static_cast<std::uint32_t>(qpack_bytes_ / qpack_bytes_per_point);
            qpack_bytes_ %= qpack_bytes_per_point;
            return charge(points, abuse_kind::h3_qpack_flood, now);
        }
        default: return std::nullopt;
    }
}

h3_verdict h3_guard::on_control(h3_scanner& of, byte_view bytes, nanoseconds now) noexcept {
    between_fields_ = between_fields_ && bytes.empty();
    while (!bytes.empty()) {
        if (of.payload_left() > 0) {
            const byte_view payload = of.take_payload(bytes);
            if (const auto wrong = on_payload(payload, of.payload_left() == 0)) {
                return wrong;
            }
            continue;
        }
        if (const auto frame = of.next(bytes)) {
            if (const auto wrong = on_control_frame(*frame, now)) {
                return wrong;
            }
        }
    }
    return std::nullopt;
}

h3_verdict h3_guard::on_control_frame(const h3_frame_head& frame, nanoseconds now) noexcept {
    const bool is_first = std::exchange(control_begun_, true) == false;
    // SETTINGS come first and once (RFC 9114 section 6.2.1): nghttp3 sees to that.
    frame_ = is_first == (frame.type == settings) ? frame.type : unjudged;
    number_ = {};
    numbers_ = 0;
    switch (frame_) {
        case settings:
        case unjudged: return std::nullopt;
        // We have promised nothing: it names a push that does not exist (RFC 9114 section 7.2.3).
        case cancel_push: return error_code(NGHTTP3_H3_ID_ERROR);
        case priority_update: return charge(priority_price, abuse_kind::h3_control_flood, now);
        case goaway:
        case max_push_id: return charge(control_price, abuse_kind::h3_control_flood, now);
        default: return charge(unknown_price, abuse_kind::h3_control_flood, now);
    }
}

// Part of the payload of a frame on the control stream, `ended` with its end.
h3_verdict h3_guard::on_payload(byte_view bytes, bool ended) noexcept {
    if (frame_ == priority_update && numbers_ == 0) {
        numbers_ = number_.next(bytes) ? 1 : 0;
        between_fields_ = numbers_ == 1 && bytes.empty() && !ended;
    }
    if (frame_ != settings && frame_ != max_push_id && frame_ != goaway) {
        return std::nullopt;
    }
    while (!bytes.empty()) {
        const auto number = number_.next(bytes);
        if (!number) {
            break;
        }
        ++numbers_;
        if (frame_ == settings) {
            if (const auto wrong = numbers_ % 2 == 1 ? on_setting(*number) : h3_verdict{}) {
                return wrong;
            }
        } else if (numbers_ > 1) {  // More than the frame has fields (RFC 9114 section 7.1).
            return error_code(NGHTTP3_H3_FRAME_ERROR);
        } else if (frame_ == max_push_id) {
            if (*number < max_push_id_) {  // RFC 9114 section 7.2.7.
                return error_code(NGHTTP3_H3_ID_ERROR);
            }
            max_push_id_ = *number;
        }
    }
    return ended && number_.begun() ? error_code(NGHTTP3_H3_FRAME_ERROR) : h3_verdict{};
}

// RFC 9114 section 7.2.4: none may come twice.
h3_verdict h3_guard::on_setting(std::uint64_t id) noexcept {
    const auto known = std::span{settings_}.first(settings_count_);
    if (std::ranges::find(known, id) != known.end()) {
        return error_code(NGHTTP3_H3_SETTINGS_ERROR);
    }
    if (settings_count_ == settings_max) {
        return abuse_kind::h3_control_flood;
    }
    settings_[settings_count_++] = id;
    return std::nullopt;
}

}  // namespace ringway::http::detail
