#include "http/h3_section_check.hpp"

#include <utility>

namespace ringway::http::detail {
namespace {

constexpr std::uint64_t headers_frame = 1;  // RFC 9114 section 7.2.2.

}  // namespace

void h3_section_check::feed(byte_view bytes) {
    for (;;) {
        const byte_view payload = scanner_.take_payload(bytes);
        if (in_section_) {
            lines_.feed(payload);
            end_of_payload();
        }
        const auto frame = scanner_.next(bytes);
        if (!frame) {
            return;
        }
        if (frame->type == headers_frame) {
            lines_ = {};
            in_section_ = true;
            end_of_payload();
        }
    }
}

void h3_section_check::end_of_payload() {
    if (scanner_.payload_left() == 0) {
        in_section_ = false;
        counts_.push_back(lines_.count());
    }
}

std::size_t h3_section_check::end_section() noexcept {
    const auto given = std::exchange(given_, 0);
    if (counts_.empty()) {
        return 0;  // nghttp3 tells no section that has not come.
    }
    const auto came = counts_.front();
    counts_.pop_front();
    return came > given ? came - given : 0;
}

}  // namespace ringway::http::detail
