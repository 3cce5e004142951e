// What somebody may have meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ringway::cli {

/// The one of `names` that differs least from `text`; "" if all differ by more than a third of
/// their letters or so. A swap of neighbours is one difference; an unfinished name is near.
[[nodiscard]] std::string_view nearest(std::string_view text,
                                       std::span<const std::string_view> names);

/// "; did you mean NAME?", or "" if none of `names` is near.
[[nodiscard]] std::string suggestion(std::string_view text,
                                     std::span<const std::string_view> names);

}  // namespace ringway::cli
