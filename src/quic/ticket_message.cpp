#include "quic/ticket_message.hpp"

#include <cstddef>

#include <ringway/base/bytes.hpp>

namespace ringway::quic::detail {
namespace {

constexpr std::size_t early_data_extension = 42;

std::size_t number_at(byte_view bytes, std::size_t at) noexcept {
    return (std::to_integer<std::size_t>(bytes[at]) << 8U) |
           std::to_integer<std::size_t>(bytes[at + 1]);
}

}  // namespace

// struct { uint32 lifetime, age_add; opaque nonce<0..255>; opaque ticket<1..2^16-1>;
//          Extension extensions<0..2^16-2>; }
bool allows_early_data(byte_view message) noexcept {
    std::size_t at = 8;
    if (message.size() <= at) {
        return false;
    }
    at += 1 + std::to_integer<std::size_t>(message[at]);
    if (message.size() < at + 2) {
        return false;
    }
    at += 2 + number_at(message, at) + 2;
    while (at + 4 <= message.size()) {
        if (number_at(message, at) == early_data_extension) {
            return true;
        }
        at += 4 + number_at(message, at + 2);
    }
    return false;
}

}  // namespace ringway::quic::detail
