// A view as a table: what every way of showing it is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/model.hpp"

namespace ringway::monitor {

/// What the numbers of a column are, and so how they are written for people.
enum class cell_kind : std::uint8_t {
    text,
    id,  ///< A number that names something: never rounded.
    count,
    per_second,
    bytes,
    bytes_per_second,
    microseconds,
    nanoseconds,
    seconds,
    percent,
};

struct column {
    std::string_view key;    ///< In filters, --sort and JSON, with its unit: "rtt_us".
    std::string_view title;  ///< Above it.
    cell_kind kind = cell_kind::text;
    unsigned width = 8;  ///< Least width.
    /// The columns with the highest go first when the screen is too narrow; those of 0 stay.
    unsigned expendable = 0;
    bool grows = false;  ///< Takes room that is left over.
};

/// A text or a number, or nothing where nothing is known.
struct cell {
    std::string text;
    std::optional<double> number;

    static cell of(std::string text) { return {.text = std::move(text), .number = std::nullopt}; }
    static cell of(double number) { return {.text = {}, .number = number}; }
    static cell of(std::uint64_t number) { return of(static_cast<double>(number)); }
    static cell nothing() { return {}; }
};

using row = std::vector<cell>;

/// A number about the whole view.
struct fact {
    std::string_view key;
    std::string_view title;
    cell_kind kind = cell_kind::count;
    double value = 0;
};

struct table {
    view_id view{};
    std::vector<column> columns;
    std::vector<row> rows;
    std::vector<fact> facts;
    std::string missing;         ///< Why there is nothing, if so.
    std::string_view sorted_by;  ///< Key of the column.
    bool descending = true;
    std::size_t rows_before_filter = 0;

    /// Index of the column with that key or title; none if there is no such.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view key) const;
};

/// Sorts by the column `key`: texts upwards, numbers downwards, the other way round with `reverse`;
/// what is not known comes last. False, and nothing done, if there is no such column. Stable.
bool sort_rows(table& what, std::string_view key, bool reverse);

/// A cell as people read it: "1.2M", "350us"; "-" if not known.
[[nodiscard]] std::string cell_text(const cell& what, cell_kind kind);

/// Text that can be shown: control characters become "?", and so do bytes that are no UTF-8.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace ringway::monitor
