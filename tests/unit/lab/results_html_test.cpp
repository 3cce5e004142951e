#include "lab/results_html.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(results_html, is_one_page_that_needs_no_other) {
    bench_run_record run{.version = "1<2"};
    run.machine["kernel"] = "6.18";
    experiment_result one{.group = "net",
                          .name = "echo",
                          .title = "a & b",
                          .operation = "message",
                          .charts = {{metric::p50, true}},
                          .notes = {"<script>"}};
    row_result row{.test = "t", .subject = "s", .claims = {{metric::p50, 40}}};
    measurement value;
    value.set(metric::p50, 20);
    row.rounds = {value};
    row.round_numbers = {0};
    one.rows = {row, {.test = "t", .subject = "x", .not_measured = "needs fio"}};
    run.experiments.push_back(one);
    run.reports.push_back({.name = "relay",
                           .title = "r",
                           .table = {{"a"}, {{"1"}}},
                           .charts = {{"", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"}}});
    const auto html = as_html(run);
    EXPECT_TRUE(html.starts_with("<!doctype html>"));
    EXPECT_TRUE(html.ends_with("</body></html>\n"));
    EXPECT_TRUE(html.contains("1&lt;2"));
    EXPECT_TRUE(html.contains("a &amp; b"));
    EXPECT_TRUE(html.contains("not measured: needs fio"));
    EXPECT_TRUE(html.contains("<span class=\"holds\">(holds)</span>"));
    EXPECT_TRUE(html.contains("<svg class=\"rows\""));
    EXPECT_TRUE(html.contains("data:image/svg+xml;base64,PHN2Zy"));
    EXPECT_FALSE(html.contains("<script"));
    EXPECT_FALSE(html.contains("src=\"http"));
    EXPECT_FALSE(html.contains("<link"));
}

}  // namespace
}  // namespace ringway::lab
