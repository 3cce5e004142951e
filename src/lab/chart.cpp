#include "lab/chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <fmt/core.h>

namespace ringway::lab {
namespace {

// Of the picture, and of the plot in it.
constexpr double width = 860;
constexpr double left = 74;
constexpr double right = width - 24;
constexpr double top = 56;
constexpr double bottom = 420;
constexpr double legend_top = 484;
constexpr double legend_line = 20;

// Told apart by people who see few colours too (Okabe and Ito), and by both backgrounds.
constexpr std::array<std::string_view, 8> colours{"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                                  "#d55e00", "#56b4e9", "#8a8a00", "#888888"};

constexpr std::string_view head = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" )"
                                  R"(width="{}" height="{}" font-family="sans-serif">
<style>
svg {{ background: #ffffff; }} text {{ fill: #222222; font-size: 13px; }}
.title {{ font-size: 17px; font-weight: bold; }} .grid {{ stroke: #dddddd; }}
.axis {{ stroke: #222222; }} .line {{ fill: none; stroke-width: 2; }}
@media screen and (prefers-color-scheme: dark) {{
svg {{ background: #16181c; }} text {{ fill: #e6e6e6; }}
.grid {{ stroke: #3a3d44; }} .axis {{ stroke: #e6e6e6; }}
}}
</style>
)";

std::string_view colour_of(std::size_t index) { return colours[index % colours.size()]; }

std::string number_text(double value) {
    return std::abs(value) >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:g}", value);
}

void add_text(std::string& out, double x, double y, std::string_view anchor, std::string_view text,
              std::string_view more = "") {
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                       anchor, more, xml_escaped(text));
}

// Below the plot, in as many lines as it takes. Yields the height of the picture.
double add_legend(std::string& out, const std::vector<std::string>& names) {
    double x = left;
    double y = legend_top;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const double entry = 36 + 7.2 * static_cast<double>(names[i].size());
        if (x > left && x + entry > right) {
            x = left;
            y += legend_line;
        }
        out += fmt::format(
            "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"12\" height=\"12\" fill=\"{}\"/>\n", x, y - 11,
            colour_of(i));
        add_text(out, x + 17, y, "start", names[i]);
        x += entry;
    }
    return names.empty() ? legend_top : y + legend_line;
}

// Up to the axes. A single series without a name needs no legend.
std::string begin(std::string_view title, std::string_view y_label,
                  const std::vector<std::string>& names) {
    std::string legend;
    const bool tells = names.size() > 1 || (names.size() == 1 && !names[0].empty());
    const double height = add_legend(legend, tells ? names : std::vector<std::string>{});
    std::string out = fmt::format(fmt::runtime(head), width, height, width, height);
    add_text(out, left, 30, "start", title, " class=\"title\"");
    add_text(out, 18, (top + bottom) / 2, "middle", y_label,
             fmt::format(" transform=\"rotate(-90 18 {:.0f})\"", (top + bottom) / 2));
    return out + legend;
}

// Where a value is on an axis that ends with `most`.
double y_of(double value, double most) { return bottom - value / most * (bottom - top); }
double x_of(double value, double most) { return left + value / most * (right - left); }

double add_y_axis(std::string& out, double most) {
    const auto ticks = axis_ticks(most);
    for (const double tick : ticks) {
        const double y = y_of(tick, ticks.back());
        out += fmt::format(
            "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
            tick > 0 ? "grid" : "axis", left, y, right, y);
        add_text(out, left - 8, y + 4, "end", number_text(tick));
    }
    return ticks.back();
}

double add_x_axis(std::string& out, double most, std::string_view label) {
    const auto ticks = axis_ticks(most);
    for (const double tick : ticks) {
        add_text(out, x_of(tick, ticks.back()), bottom + 20, "middle", number_text(tick));
    }
    add_text(out, (left + right) / 2, bottom + 44, "middle", label);
    return ticks.back();
}

}  // namespace

std::vector<double> axis_ticks(double most) {
    const double end = most > 0 && std::isfinite(most) ? most : 1;
    const double power = std::pow(10, std::floor(std::log10(end)));
    const double first = end / power;  // From 1 to 10.
    const double step = power * (first <= 2 ? 0.25 : first <= 5 ? 0.5 : first <= 8 ? 1 : 2);
    std::vector<double> ticks;
    for (int i = 0; ticks.empty() || ticks.back() < end * (1 - 1e-9); ++i) {
        ticks.push_back(i * step);
    }
    return ticks;
}

std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string draw(const line_chart& chart) {
    double x_most = 0;
    double y_most = 0;
    std::vector<std::string> names;
    for (const auto& series : chart.series) {
        names.push_back(series.name);
        for (const auto& [x, y] : series.points) {
            x_most = std::max(x_most, x);
            y_most = std::max(y_most, y);
        }
    }
    auto out = begin(chart.title, chart.y_label, names);
    y_most = add_y_axis(out, y_most);
    x_most = add_x_axis(out, x_most, chart.x_label);
    for (std::size_t i = 0; i < chart.series.size(); ++i) {
        out += fmt::format("<polyline class=\"line\" stroke=\"{}\" points=\"", colour_of(i));
        for (const auto& [x, y] : chart.series[i].points) {
            out += fmt::format("{:.1f},{:.1f} ", x_of(x, x_most), y_of(y, y_most));
        }
        out += "\"/>\n";
    }
    return out + "</svg>\n";
}

std::string draw(const bar_chart& chart) {
    double most = 0;
    std::vector<std::string> names;
    for (const auto& series : chart.series) {
        names.push_back(series.name);
        for (const double value : series.values) {
            most = std::max(most, value);
        }
    }
    auto out = begin(chart.title, chart.y_label, names);
    most = add_y_axis(out, most);
    const auto group_width =
        (right - left) / static_cast<double>(std::max<std::size_t>(chart.groups.size(), 1));
    const double bar_width =
        group_width * 0.8 / static_cast<double>(std::max<std::size_t>(names.size(), 1));
    for (std::size_t g = 0; g < chart.groups.size(); ++g) {
        const double begins = left + group_width * (static_cast<double>(g) + 0.1);
        add_text(out, begins + group_width * 0.4, bottom + 20, "middle", chart.groups[g]);
        for (std::size_t s = 0; s < chart.series.size(); ++s) {
            const auto& values = chart.series[s].values;
            if (g >= values.size() || values[g] < 0) {
                continue;
            }
            const double x = begins + bar_width * static_cast<double>(s);
            const double y = y_of(values[g], most);
            out += fmt::format(
                "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
                "fill=\"{}\"/>\n",
                x, y, bar_width * 0.92, bottom - y, colour_of(s));
            if (bar_width >= 26) {
                add_text(out, x + bar_width * 0.46, y - 5, "middle",
                         number_text(std::round(values[g] * 10) / 10));
            }
        }
    }
    return out + "</svg>\n";
}

}  // namespace ringway::lab
