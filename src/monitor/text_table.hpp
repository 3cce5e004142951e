// A table in lines of a given width, for terminals and for --once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "monitor/table.hpp"

namespace ringway::monitor {

struct text_lines {
    std::string head;
    std::vector<std::string> rows;
};

/// Lays out `what` in `width` columns of a terminal: columns that don't fit are left out, the most
/// expendable first; what is left over goes to those that grow. At most `rows_max` rows. No line is
/// longer than `width` characters, and none ends with a space.
[[nodiscard]] text_lines lay_out(const table& what, unsigned width, std::size_t rows_max);

/// The facts of a view in lines of at most `width` characters: "established 12  in 1.2M/s".
[[nodiscard]] std::vector<std::string> fact_lines(const table& what, unsigned width);

/// The first `width` characters of UTF-8 `text`; what is cut ends with "~".
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

/// Characters of UTF-8 `text`.
[[nodiscard]] std::size_t characters(std::string_view text) noexcept;

}  // namespace ringway::monitor
