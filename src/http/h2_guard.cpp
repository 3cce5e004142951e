#include "http/h2_guard.hpp"

#include <algorithm>
#include <utility>

namespace ringway::http::detail {
namespace {

using observe::abuse_kind;

// RFC 9113 section 6, RFC 9218 section 7.1.
enum frame_type : std::uint8_t {
    data = 0,
    headers = 1,
    priority = 2,
    rst_stream = 3,
    settings = 4,
    ping = 6,
    goaway = 7,
    window_update = 8,
    continuation = 9,
    priority_update = 16,
};
constexpr std::uint8_t flag_end_stream = 1;
constexpr std::uint8_t flag_ack = 1;
constexpr std::uint8_t flag_padded = 8;
// A DATA frame with padding and hardly anything else.
constexpr std::uint32_t hardly_any_data = 256;
constexpr std::uint32_t window_update_price = 2;

// How many points a frame costs. Frames that answer ours, or carry a request, are cheap.
std::uint32_t price_of(const h2_frame_head& frame) noexcept {
    const bool ack = (frame.flags & flag_ack) != 0;
    switch (frame.type) {
        case data: {
            const bool ends = (frame.flags & flag_end_stream) != 0;
            const bool hollow = frame.length == 0 || ((frame.flags & flag_padded) != 0 &&
                                                      frame.length <= hardly_any_data);
            return hollow && !ends ? 20 : 1;
        }
        case headers: return 0;
        case continuation: return 20;
        case priority: return 5;
        case priority_update: return 10;
        case rst_stream: return 5;
        case settings: return ack ? 10 : 50;
        case ping: return ack ? 10 : 20;
        case goaway: return 20;
        case window_update: return window_update_price;
        default: return 20;
    }
}

}  // namespace

h2_guard::h2_guard(const budget_limits& limits, address_budget_ref address,
                   std::size_t block_bytes_max) noexcept
    : peer_budget{limits, std::move(address)}, block_bytes_max_{block_bytes_max} {}

std::optional<abuse_kind> h2_guard::look_at(byte_view bytes, nanoseconds now,
                                            std::size_t& good) noexcept {
    byte_view rest = bytes;
    data_stream_ = 0;
    for (;;) {
        const auto frame = scanner_.next(rest);
        good = bytes.size() - rest.size();
        if (!frame) {
            return std::nullopt;
        }
        if (const auto why = judge(*frame, now)) {
            // Part of the frame's head may have gone by before.
            good -= std::min(good, h2_scanner::head_bytes);
            return why;
        }
        if (frame->type == data && frame->stream != 0) {
            data_stream_ = frame->stream;
            return std::nullopt;
        }
    }
}

std::optional<abuse_kind> h2_guard::judge(const h2_frame_head& frame, nanoseconds now) noexcept {
    ++frames_;
    if (frame.type == headers) {
        continuations_ = 0;
        block_bytes_ = frame.length;
        block_frame_ = frames_;
    } else if (frame.type == continuation) {
        block_bytes_ += frame.length;
        if (++continuations_ > continuations_max) {
            return abuse_kind::h2_continuation_flood;
        }
    }
    // RFC 7540 section 5.3.1. RFC 9113 leaves priorities to others, and probes still look for it.
    if (frame.type == priority && frame.depends_on == frame.stream) {
        return abuse_kind::h2_protocol_error;
    }
    if (block_bytes_ > block_bytes_max_) {
        return abuse_kind::h2_continuation_flood;
    }
    if (const std::uint32_t price = price_of(frame); price > 0 && !spend(price, now)) {
        return frame.type == rst_stream ? abuse_kind::h2_rapid_reset : abuse_kind::h2_control_flood;
    }
    return std::nullopt;
}

// A frame with some bytes in it pays for the WINDOW_UPDATE frames that answer it, one for the
// stream and one for the connection, however small the peer's windows are.
void h2_guard::sent(std::uint64_t bytes) noexcept {
    constexpr std::uint64_t bytes_that_count = 16;  // Windows of less are a drip.
    const auto answers =
        std::min<std::uint64_t>(std::uint64_t{2} * window_update_price, bytes / bytes_that_count);
    earn(std::max(bytes / bytes_per_point, answers));
}

}  // namespace ringway::http::detail
