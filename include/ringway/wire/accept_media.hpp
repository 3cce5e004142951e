// Which media types a client accepts (RFC 9110 section 12.5.1).
#pragma once

#include <string_view>

namespace ringway::wire {

/// How much an Accept field of the value `accept` wants `type`, such as "text/html".
struct media_quality {
    int thousandths = 0;    ///< 0: it is not acceptable, or not mentioned.
    bool is_named = false;  ///< By itself, not by a range such as "text/*".
};

/// The most specific range that `type` is in decides. Parameters other than q are not looked at
/// (text/html;charset=utf-8), and elements whose q breaks the grammar are passed over. Of an empty
/// value nothing is mentioned.
[[nodiscard]] media_quality quality_of_media(std::string_view accept,
                                             std::string_view type) noexcept;

}  // namespace ringway::wire
