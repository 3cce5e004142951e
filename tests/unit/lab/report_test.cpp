#include "lab/report.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "support/temporary_site.hpp"

namespace ringway::lab {
namespace {

report made() {
    report what{.name = "handshake", .title = "first byte"};
    what.table = {{"how", "n", "median"}, {{"H2", "200", "151.2"}, {"H3 0-RTT", "5", "-"}}};
    what.notes = {"one was left out"};
    what.charts = {{"", "<svg/>"}, {"time", "<svg></svg>"}};
    what.data["ms"] = {1.5, 2};
    return what;
}

TEST(report, is_laid_out_in_columns) {
    EXPECT_EQ(as_text(made()),
              "handshake: first byte\n"
              "  how         n  median\n"
              "  H2        200   151.2\n"
              "  H3 0-RTT    5       -\n"
              "  one was left out\n");
}

TEST(report, is_json) {
    const report_circumstances when{
        .version = "1.2", .seed = 7, .machine = {.kernel = "6.1", .cores = 2}, .use = {50, 3}};
    const auto parsed = nlohmann::json::parse(as_json(made(), when));
    EXPECT_EQ(parsed["experiment"], "handshake");
    EXPECT_EQ(parsed["seed"], 7);
    EXPECT_EQ(parsed["machine"]["kernel"], "6.1");
    EXPECT_EQ(parsed["machine"]["stolen_percent"], 3);
    EXPECT_EQ(parsed["data"]["ms"][0], 1.5);
    EXPECT_EQ(parsed["table"]["rows"][1][0], "H3 0-RTT");
}

TEST(report, is_written) {
    const test::scratch_directory place;
    const auto written = write_report(made(), {}, place.at("deep/inside"));
    ASSERT_TRUE(written.has_value());
    ASSERT_EQ(written->size(), 3U);
    EXPECT_TRUE((*written)[1].ends_with("deep/inside/handshake.svg"));
    EXPECT_TRUE((*written)[2].ends_with("handshake-time.svg"));
    std::ifstream file{(*written)[1]};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_EQ(text, "<svg/>");
}

TEST(report, failures_to_write_are_told) {
    const auto written = write_report(made(), {}, "/proc/none");
    ASSERT_FALSE(written.has_value());
    EXPECT_TRUE(written.error().contains("/proc/none"));
}

}  // namespace
}  // namespace ringway::lab
