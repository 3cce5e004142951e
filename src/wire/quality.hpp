// Quality values of content negotiation (RFC 9110 section 12.4.2).
#pragma once

#include <optional>
#include <string_view>

#include "wire/chars.hpp"

namespace ringway::wire::detail {

/// qvalue in thousandths; nothing for other text.
[[nodiscard]] constexpr std::optional<int> read_qvalue(std::string_view text) noexcept {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') ||
        (text.size() > 1 && text[1] != '.')) {
        return std::nullopt;
    }
    int value = (text[0] - '0') * 1000;
    int weight = 100;
    for (std::size_t i = 2; i < text.size(); ++i, weight /= 10) {
        if (!is_digit(text[i])) {
            return std::nullopt;
        }
        value += (text[i] - '0') * weight;
    }
    return value <= 1000 ? std::optional{value} : std::nullopt;
}

/// Takes ";q=..." apart from its element; 1000 where there is none.
[[nodiscard]] constexpr std::optional<int> take_quality(std::string_view& element) noexcept {
    const auto semicolon = element.find(';');
    if (semicolon == std::string_view::npos) {
        return 1000;
    }
    const auto weight = trim_ows(element.substr(semicolon + 1));
    element = trim_ows(element.substr(0, semicolon));
    if (!weight.starts_with("q=") && !weight.starts_with("Q=")) {
        return std::nullopt;
    }
    return read_qvalue(weight.substr(2));
}

/// As `take_quality`, where other parameters may stand in front of the weight; they are taken off.
[[nodiscard]] constexpr std::optional<int> take_last_quality(std::string_view& element) noexcept {
    const auto last = element.rfind(';');
    int quality = 1000;
    if (last != std::string_view::npos) {
        const auto parameter = trim_ows(element.substr(last + 1));
        if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
            const auto read = read_qvalue(parameter.substr(2));
            if (!read) {
                return std::nullopt;
            }
            quality = *read;
        }
    }
    element = trim_ows(element.substr(0, element.find(';')));
    return quality;
}

}  // namespace ringway::wire::detail
