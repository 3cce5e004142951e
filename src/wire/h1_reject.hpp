// Why a part of an HTTP/1 message is refused.
#pragma once

#include <string_view>

namespace ringway::wire::detail {

/// A status to answer with and a static text for logs; nothing is wrong while `status` is 0.
struct h1_reject {
    int status = 0;
    std::string_view reason = {};

    [[nodiscard]] explicit operator bool() const noexcept { return status != 0; }
};

}  // namespace ringway::wire::detail
