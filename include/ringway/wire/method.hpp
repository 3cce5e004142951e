// Request methods (RFC 9110 section 9).
#pragma once

#include <cstdint>
#include <string_view>

namespace ringway::wire {

enum class method_id : std::uint8_t {
    get,
    head,
    options,
    post,
    put,
    delete_,
    patch,
    connect,
    trace,
    other_known,  ///< Registered with IANA, of no meaning here: 405.
    unknown,      ///< A token that isn't registered: 501.
};

/// Which method `text` is; case-sensitive. What isn't registered is `unknown`.
[[nodiscard]] method_id classify_method(std::string_view text) noexcept;

}  // namespace ringway::wire
