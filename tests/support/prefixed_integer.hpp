// Integers as HPACK and QPACK write them.
#pragma once

#include <cstddef>
#include <string>

namespace ringway::test {

/// `value` with a prefix of `bits` in a byte that holds `first` beside it (RFC 7541 section 5.1).
inline std::string prefixed(unsigned first, unsigned bits, std::size_t value) {
    const std::size_t most = (std::size_t{1} << bits) - 1;
    if (value < most) {
        return std::string(1, static_cast<char>(first | value));
    }
    std::string out(1, static_cast<char>(first | most));
    for (value -= most; value >= 128; value >>= 7U) {
        out += static_cast<char>((value & 127U) | 128U);
    }
    return out + static_cast<char>(value);
}

}  // namespace ringway::test
