#include "lab/chart.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

// Enough of an XML reader to see that every element is closed and no text is taken for markup.
void expect_well_formed(const std::string& svg) {
    std::vector<std::string> open;
    for (std::size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at)) {
        const auto end = svg.find('>', at);
        ASSERT_NE(end, std::string::npos);
        const auto tag = svg.substr(at + 1, end - at - 1);
        ASSERT_FALSE(tag.empty());
        ASSERT_EQ(tag.find('<'), std::string::npos) << tag;
        if (tag[0] == '/') {
            ASSERT_FALSE(open.empty());
            EXPECT_EQ(open.back(), tag.substr(1));
            open.pop_back();
        } else if (tag.back() != '/') {
            open.push_back(tag.substr(0, tag.find(' ')));
        }
        at = end;
    }
    EXPECT_TRUE(open.empty());
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    EXPECT_EQ(svg.find("inf"), std::string::npos);
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

TEST(chart, lines) {
    const auto svg = draw(line_chart{.title = "a < b & c",
                                     .x_label = "seconds",
                                     .y_label = "Mbit/s",
                                     .series = {{"one", {{0, 0}, {10, 100}}}, {"two", {{5, 50}}}}});
    expect_well_formed(svg);
    EXPECT_EQ(count(svg, "<polyline"), 2U);
    EXPECT_TRUE(svg.contains("a &lt; b &amp; c"));
    EXPECT_TRUE(svg.contains("points=\"74.0,420.0 836.0,56.0 \""));  // From corner to corner.
    EXPECT_TRUE(svg.contains("prefers-color-scheme: dark"));
}

TEST(chart, bars) {
    const auto svg = draw(bar_chart{.title = "t",
                                    .y_label = "ms",
                                    .groups = {"H2", "H3"},
                                    .series = {{"median", {100, 50}}, {"p95", {-1, 60}}}});
    expect_well_formed(svg);
    EXPECT_EQ(count(svg, "<rect"), 2U + 3U);  // The legend's, and one was not measured.
    EXPECT_TRUE(svg.contains("height=\"364.0\""));
    EXPECT_TRUE(svg.contains("height=\"182.0\""));
}

TEST(chart, a_long_legend_takes_lines) {
    line_chart chart{.series = {{"one", {}}}};
    EXPECT_TRUE(draw(chart).contains("viewBox=\"0 0 860 504\""));
    for (int i = 0; i < 8; ++i) {
        chart.series.push_back({"a name of some length, as experiments have them", {}});
    }
    const auto svg = draw(chart);
    expect_well_formed(svg);
    EXPECT_FALSE(svg.contains("viewBox=\"0 0 860 504\""));
    EXPECT_EQ(count(svg, "<rect"), 9U);
}

TEST(chart, nothing_to_draw) {
    expect_well_formed(draw(line_chart{}));
    expect_well_formed(draw(bar_chart{}));
    expect_well_formed(draw(line_chart{.series = {{"flat", {{0, 0}, {1, 0}}}}}));
}

TEST(chart, ticks_are_round_and_reach_the_greatest_value) {
    for (const double most : {0.0, 1.0, 0.037, 9.99, 10.0, 99.0, 151.0, 1e6, 2.0001, 5.0, 8.1}) {
        const auto ticks = axis_ticks(most);
        EXPECT_EQ(ticks.front(), 0);
        EXPECT_GE(ticks.back(), most * (1 - 1e-9));
        EXPECT_GE(ticks.size(), 4U) << most;
        EXPECT_LE(ticks.size(), 12U) << most;
    }
    EXPECT_EQ(axis_ticks(150), (std::vector<double>{0, 25, 50, 75, 100, 125, 150}));
}

}  // namespace
}  // namespace ringway::lab
