#include "lab/row_chart.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/core.h>
#include <string_view>

#include "lab/chart.hpp"

namespace ringway::lab {
namespace {

// Of the picture, in its own units.
constexpr double width = 900;
constexpr double left = 230;  // Where the bars begin; labels end before it.
constexpr double right = 780;
constexpr double values_end = 892;  // What was measured stands in a column of its own.
constexpr double title_height = 34;
constexpr double group_height = 24;
constexpr double bar_height = 20;
constexpr double axis_height = 40;

std::string tick_text(double value) {
    constexpr std::pair<double, std::string_view> units[]{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
    for (const auto& [size, name] : units) {
        if (value >= size) {
            return fmt::format("{:g}{}", value / size, name);
        }
    }
    return fmt::format("{:g}", value);
}

void add_claim(std::string& out, double x, double middle) {
    out += fmt::format("<path class=\"claim\" d=\"M{:.1f} {:.1f}l5 5l-5 5l-5 -5z\"/>\n", x,
                       middle - 5);
}

void add_text(std::string& out, double x, double y, std::string_view kind, std::string_view text) {
    out += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", kind, x, y,
                       xml_escaped(text));
}

void add_line(std::string& out, std::string_view kind, double x1, double y1, double x2, double y2) {
    out += fmt::format(
        "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kind, x1,
        y1, x2, y2);
}

class axis {
public:
    axis(const row_chart& chart) : logarithmic_{chart.logarithmic} {
        double least = std::numeric_limits<double>::max();
        double most = 0;
        for (const auto& bar : chart.bars) {
            for (const double value : {bar.value, bar.claim, bar.low, bar.high}) {
                if (std::isfinite(value) && value > 0) {
                    least = std::min(least, value);
                    most = std::max(most, value);
                }
            }
        }
        ticks_ = row_axis(least, most, logarithmic_);
    }
    [[nodiscard]] double place(double value) const {
        const double share = logarithmic_
                                 ? std::log10(std::max(value, ticks_.front()) / ticks_.front()) /
                                       std::log10(ticks_.back() / ticks_.front())
                                 : value / ticks_.back();
        return left + std::clamp(share, 0.0, 1.0) * (right - left);
    }
    [[nodiscard]] const std::vector<double>& ticks() const noexcept { return ticks_; }

private:
    bool logarithmic_;
    std::vector<double> ticks_;
};

void add_bar(std::string& out, const axis& on, const row_bar& bar, double top, bool even) {
    const double middle = top + bar_height / 2;
    add_text(out, left - 8, middle + 4, "label", bar.label);
    add_text(out, values_end, middle + 4, "value", bar.text);
    if (std::isfinite(bar.value)) {
        out += fmt::format(
            "<rect class=\"bar{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
            "height=\"{:.1f}\"/>\n",
            bar.own ? " own"
            : even  ? " even"
                    : "",
            left, top + 3, std::max(on.place(bar.value) - left, 1.0), bar_height - 6);
    }
    if (std::isfinite(bar.low) && std::isfinite(bar.high)) {
        add_line(out, "range", on.place(bar.low), middle, on.place(bar.high), middle);
    }
    if (std::isfinite(bar.claim)) {  // Its own figure beside it, on the side that has room.
        const double x = on.place(bar.claim);
        const bool at_end = x > (left + right) / 2;
        add_claim(out, x, middle);
        add_text(out, at_end ? x - 8 : x + 8, middle + 4, at_end ? "claimed end" : "claimed",
                 bar.claim_text);
    }
}

}  // namespace

const char* row_chart_style() noexcept {
    return "svg.rows{max-width:100%;height:auto;font-family:inherit}"
           "svg.rows text{fill:var(--ink);font-size:12.5px}"
           "svg.rows .title{font-size:15px;font-weight:600}"
           "svg.rows .group{font-weight:600}"
           "svg.rows .label{text-anchor:end}"
           "svg.rows .tick{text-anchor:middle;fill:var(--soft)}"
           "svg.rows .grid{stroke:var(--line)}"
           "svg.rows .bar{fill:#5b7f95}svg.rows .bar.even{fill:#7f9fb3}svg.rows "
           ".bar.own{fill:#0072b2}"
           "svg.rows .value{text-anchor:end}"
           "svg.rows .claimed{fill:#b34700;font-size:11.5px;stroke:var(--paper);stroke-width:3px;"
           "paint-order:stroke}svg.rows .claimed.end{text-anchor:end}"
           "@media(prefers-color-scheme:dark){svg.rows .claimed{fill:#ff9a5c}}"
           "svg.rows .range{stroke:var(--ink);stroke-width:2}"
           "svg.rows .claim{fill:#d55e00;stroke:var(--paper);stroke-width:1}";
}

std::vector<double> row_axis(double least, double most, bool logarithmic) {
    if (!logarithmic) {
        return axis_ticks(most);
    }
    std::vector<double> ticks;
    const double from = most > 0 ? std::floor(std::log10(least) + 1e-9) : 0;
    const double to = most > 0 ? std::ceil(std::log10(most) - 1e-9) : 1;
    const auto decades = static_cast<int>(std::max(to - from, 1.0));
    for (int i = 0; i <= decades; ++i) {
        ticks.push_back(std::pow(10, from + i));
    }
    return ticks;
}

std::string draw(const row_chart& chart) {
    const axis on{chart};
    std::string body;
    double y = title_height;
    std::string_view group;
    bool claims = false;
    std::size_t number = 0;
    for (const auto& bar : chart.bars) {
        if (bar.group != group) {
            group = bar.group;
            number = 0;
            add_text(body, 8, y + 16, "group", group);
            y += group_height;
        }
        add_bar(body, on, bar, y, number++ % 2 == 1);
        claims = claims || std::isfinite(bar.claim);
        y += bar_height;
    }
    const double height = y + axis_height + (claims ? 18 : 0);
    std::string out = fmt::format(
        "<svg class=\"rows\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" "
        "width=\"{:.0f}\" height=\"{:.0f}\" role=\"img\" aria-label=\"{}\">\n",
        width, height, width, height, xml_escaped(chart.title));
    add_text(out, 8, 18, "title", chart.title + (chart.logarithmic ? ", logarithmic" : ""));
    add_text(out, values_end, 18, "value", "measured");
    for (const double tick : on.ticks()) {
        const double x = on.place(tick);
        add_line(out, "grid", x, title_height, x, y + 4);
        add_text(out, x, y + 20, "tick", tick_text(tick));
    }
    if (claims) {
        add_claim(out, left, y + 37);
        add_text(out, left + 10, y + 41, "claimed", "what the tutorial claims");
    }
    return out + body + "</svg>\n";
}

}  // namespace ringway::lab
