// Names for borrowed memory.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace ringway {

using byte_view = std::span<const std::byte>;
using byte_span = std::span<std::byte>;

/// The same memory seen as text. Lifetime: that of `bytes`.
[[nodiscard]] inline std::string_view as_text(byte_view bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The same memory seen as bytes. Lifetime: that of `text`.
[[nodiscard]] inline byte_view as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace ringway
