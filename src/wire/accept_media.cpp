#include <ringway/wire/accept_media.hpp>

#include "wire/chars.hpp"
#include "wire/quality.hpp"

namespace ringway::wire {
namespace {

enum specificity : int { not_mentioned, any_type, any_subtype, itself };

int fit_of(std::string_view range, std::string_view type) noexcept {
    if (detail::same_ignoring_case(range, type)) {
        return itself;
    }
    if (range == "*/*") {
        return any_type;
    }
    const auto main = type.substr(0, type.find('/') + 1);
    const bool covers = range.size() == main.size() + 1 && range.ends_with('*') &&
                        detail::same_ignoring_case(range.substr(0, main.size()), main);
    return covers ? any_subtype : not_mentioned;
}

}  // namespace

media_quality quality_of_media(std::string_view accept, std::string_view type) noexcept {
    int best = not_mentioned;
    media_quality found;
    while (!accept.empty()) {
        auto element = detail::take_element(accept);
        const auto quality = detail::take_last_quality(element);
        const int fit = quality ? fit_of(element, type) : int{not_mentioned};
        if (fit > best) {
            best = fit;
            found = {.thousandths = *quality, .is_named = fit == itself};
        }
    }
    return found;
}

}  // namespace ringway::wire
