// A chart of rows: one bar for each, with its interval and what was claimed of it.
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace ringway::lab {

struct row_bar {
    std::string group;  ///< Bars of one group follow each other, below its name.
    std::string label;
    std::string text;  ///< The value with its unit, in a column on the right.
    double value = 0;  ///< Above zero; not a number where nothing was measured.
    double low = std::numeric_limits<double>::quiet_NaN();  ///< Of the interval, if it is known.
    double high = std::numeric_limits<double>::quiet_NaN();
    double claim = std::numeric_limits<double>::quiet_NaN();  ///< If there is one.
    std::string claim_text;  ///< Stands beside the mark of the claim.
    bool own = false;        ///< Of ours: in a colour of its own.
};

struct row_chart {
    std::string title;
    /// The axis: in powers of ten, where values of very different size stand side by side; else
    /// from zero.
    bool logarithmic = false;
    std::vector<row_bar> bars;
};

/// An SVG element with classes for its style, to be put into a page that has `row_chart_style`.
[[nodiscard]] std::string draw(const row_chart& chart);

/// The rules of CSS for that, light and dark.
[[nodiscard]] const char* row_chart_style() noexcept;

/// Where on the axis: round values that begin at or below `least` and end at or above `most`;
/// powers of ten if `logarithmic`, else from 0.
[[nodiscard]] std::vector<double> row_axis(double least, double most, bool logarithmic);

}  // namespace ringway::lab
