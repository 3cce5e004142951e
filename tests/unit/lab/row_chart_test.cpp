#include "lab/row_chart.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

std::size_t count_of(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) {
        ++found;
    }
    return found;
}

TEST(row_chart, axes) {
    EXPECT_EQ(row_axis(3, 450, true), (std::vector<double>{1, 10, 100, 1000}));
    EXPECT_EQ(row_axis(10, 100, true), (std::vector<double>{10, 100}));
    EXPECT_EQ(row_axis(10, 10, true), (std::vector<double>{10, 100}));
    EXPECT_EQ(row_axis(3, 10, false).front(), 0);
    EXPECT_GE(row_axis(3, 10, false).back(), 10);
    EXPECT_GE(row_axis(1e300, 0, true).size(), 2U);  // Nothing to show.
}

TEST(row_chart, bars_intervals_and_claims) {
    const auto svg = draw(
        {.title = "a < b",
         .bars = {{.group = "g",
                   .label = "one",
                   .text = "10 us",
                   .value = 10,
                   .low = 9,
                   .high = 12,
                   .claim = 20,
                   .claim_text = "20.0 us"},
                  {.group = "g", .label = "two", .text = "20 us", .value = 20},
                  {.group = "h", .label = "none", .text = "not measured", .value = std::nan("")}}});
    EXPECT_EQ(count_of(svg, "<rect"), 2U);
    EXPECT_EQ(count_of(svg, "class=\"range\""), 1U);
    EXPECT_EQ(count_of(svg, "class=\"claim\""), 2U);  // One is the legend's.
    EXPECT_EQ(count_of(svg, "class=\"group\""), 2U);
    EXPECT_TRUE(svg.contains("a &lt; b"));
    // A figure that was measured and one that is claimed do not look alike.
    EXPECT_TRUE(svg.contains("class=\"value\" x=\"892.0\" y=\"72.0\">10 us<")) << svg;
    EXPECT_TRUE(svg.contains("\">20.0 us<")) << svg;
    EXPECT_EQ(count_of(svg, "class=\"claimed"), 2U) << svg;
    EXPECT_FALSE(svg.contains("nan"));
}

// On a logarithmic axis from 1 to 100 a value of 10 stands in the middle.
TEST(row_chart, logarithmic_places) {
    const auto svg = draw({.title = "t",
                           .logarithmic = true,
                           .bars = {{.label = "a", .value = 1},
                                    {.label = "b", .value = 10},
                                    {.label = "c", .value = 100}}});
    EXPECT_TRUE(svg.contains("width=\"550.0\"")) << svg;
    EXPECT_TRUE(svg.contains("width=\"275.0\"")) << svg;
}

}  // namespace
}  // namespace ringway::lab
