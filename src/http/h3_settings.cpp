#include "http/h3_settings.hpp"

#include <array>

#include <nghttp3/nghttp3.h>

namespace ringway::http::detail {
namespace {

constexpr std::size_t number_bytes = 8;
constexpr std::size_t all_bytes = 3 * number_bytes;

}  // namespace

std::vector<std::byte> to_bytes(const h3_settings& settings) {
    std::vector<std::byte> out;
    for (const std::uint64_t each :
         {settings.field_section_max, settings.qpack_table_max, settings.qpack_blocked_max}) {
        for (std::size_t i = number_bytes; i > 0; --i) {
            out.push_back(static_cast<std::byte>(each >> (8 * (i - 1))));
        }
    }
    return out;
}

std::optional<h3_settings> read_h3_settings(byte_view bytes) noexcept {
    if (bytes.size() != all_bytes) {
        return std::nullopt;
    }
    std::array<std::uint64_t, 3> numbers{};
    for (std::size_t i = 0; i < all_bytes; ++i) {
        auto& number = numbers[i / number_bytes];
        number = number << 8U | std::to_integer<std::uint64_t>(bytes[i]);
    }
    return h3_settings{numbers[0], numbers[1], numbers[2]};
}

std::optional<std::uint64_t> broken_promise(const h3_settings& remembered,
                                            const h3_settings& now) noexcept {
    if (remembered.qpack_table_max != 0 && remembered.qpack_table_max != now.qpack_table_max) {
        return NGHTTP3_QPACK_DECODER_STREAM_ERROR;
    }
    if (now.field_section_max < remembered.field_section_max ||
        now.qpack_blocked_max < remembered.qpack_blocked_max) {
        return NGHTTP3_H3_SETTINGS_ERROR;
    }
    return std::nullopt;
}

}  // namespace ringway::http::detail
