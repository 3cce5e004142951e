// Charts as SVG: lines and bars with axes, readable on light and on dark pages.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringway::lab {

struct line_series {
    std::string name;
    std::vector<std::pair<double, double>> points;  ///< x and y, in the order of drawing.
};

/// Both axes begin at zero. Series beyond the eighth repeat colours.
struct line_chart {
    std::string title;
    std::string x_label;
    std::string y_label;
    std::vector<line_series> series;
};

struct bar_series {
    std::string name;
    std::vector<double> values;  ///< One for each group; below zero: none was measured.
};

/// Groups of bars, one bar of each series in a group.
struct bar_chart {
    std::string title;
    std::string y_label;
    std::vector<std::string> groups;
    std::vector<bar_series> series;
};

/// A whole SVG document. Colours follow the reader's preference (prefers-color-scheme).
[[nodiscard]] std::string draw(const line_chart& chart);
[[nodiscard]] std::string draw(const bar_chart& chart);

/// Round values from 0 to at least `most`, 4 to 10 of them, for an axis.
[[nodiscard]] std::vector<double> axis_ticks(double most);

/// `text` with the characters that mean something in XML replaced.
[[nodiscard]] std::string xml_escaped(std::string_view text);

}  // namespace ringway::lab
