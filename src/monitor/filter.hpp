// Which rows of a table are shown.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/table.hpp"

namespace ringway::monitor {

/// Conditions between spaces, all of which must hold. `column=text`, `column!=text`,
/// `column~part`, `column!~part` compare without regard to case; `column>number`, `>=`, `<`, `<=`
/// compare numbers, which may have K, M or G. A word alone is sought in all texts of a row, and
/// with `!` in front must not be there. Text with spaces stands in double quotes.
class row_filter {
public:
    row_filter() = default;

    /// Reads a filter. What is wrong with it is one line.
    [[nodiscard]] static std::expected<row_filter, std::string> parse(std::string_view text);

    /// The first column that it names and `in` lacks; empty if there is none. A filter may name
    /// columns of several views: conditions on columns that a view lacks don't hold in it.
    [[nodiscard]] std::string unknown_column(const table& in) const;

    [[nodiscard]] bool is_empty() const noexcept { return conditions_.empty(); }

    /// Drops the rows for which it doesn't hold.
    void apply(table& to) const;

private:
    enum class comparison : std::uint8_t { word, equal, contains, more, at_least, less, at_most };
    struct condition {
        std::string column;  ///< Empty for words.
        comparison how = comparison::word;
        bool negated = false;
        std::string text;
        double number = 0;
    };

    [[nodiscard]] static std::expected<condition, std::string> parse_condition(
        std::string_view text);
    [[nodiscard]] static bool holds(const condition& what, const table& in, const row& of);

    std::vector<condition> conditions_;
};

}  // namespace ringway::monitor
