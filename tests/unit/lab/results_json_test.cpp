#include "lab/results_json.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

bench_run_record sample() {
    bench_run_record run{.version = "1.2"};
    run.machine["kernel"] = "6.18";
    run.settings["rounds"] = 2;
    experiment_result one{.group = "net",
                          .name = "echo",
                          .title = "a title",
                          .operation = "message",
                          .baseline = "b",
                          .ratios = {metric::cpu},
                          .charts = {{metric::p99, true}},
                          .notes = {"a note"},
                          .complete = false};
    row_result row{.test = "t", .subject = "s", .claims = {{metric::p50, 40}}};
    measurement value;
    value.operations = 5;
    value.failed = 1;
    value.set(metric::rate, 12.5);
    row.rounds = {value, value};
    row.round_numbers = {0, 1};
    one.rows.push_back(row);
    one.rows.push_back({.test = "t", .subject = "x", .not_measured = "needs fio"});
    run.experiments.push_back(one);
    run.reports.push_back({.name = "relay",
                           .title = "r",
                           .table = {{"a", "b"}, {{"1", "2"}}},
                           .notes = {"n"},
                           .charts = {{"", "<svg/>"}}});
    run.failures.push_back({"quic hol", "it was ended by signal 6"});
    run.interrupted = true;
    return run;
}

TEST(results_json, comes_back_as_it_was) {
    const auto text = to_json(sample());
    const auto back = from_json(text);
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(to_json(*back), text);
    const auto& one = back->experiments.at(0);
    EXPECT_FALSE(one.complete);
    EXPECT_EQ(one.rows.at(0).rounds.at(1).get(metric::rate), 12.5);
    EXPECT_EQ(one.rows.at(0).rounds.at(1).failed, 1U);
    EXPECT_EQ(one.rows.at(0).claim(metric::p50), 40);
    EXPECT_EQ(one.rows.at(1).not_measured, "needs fio");
    EXPECT_EQ(back->failures.at(0).experiment, "quic hol");
    EXPECT_TRUE(back->interrupted);
    EXPECT_EQ(back->reports.at(0).charts.at(0).second, "<svg/>");
}

TEST(results_json, what_is_something_else_is_refused) {
    for (const auto* const text : {"", "[]", "{}", "nonsense", R"({"experiments": []})"}) {
        EXPECT_FALSE(from_json(text)) << text;
    }
    const auto newer = from_json(R"({"ringway_bench": 2})");
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error(), "it is of format 2, this program knows 1");
    EXPECT_FALSE(read_record("there/is/none"));
}

TEST(results_json, wrong_types_are_passed_over) {
    const auto read = from_json(
        R"({"ringway_bench": 1, "machine": 3, "experiments": [4, {"rows": [5, {"rounds": [6]}],
            "notes": [7], "charts": [8], "ratios": [9]}], "reports": [1]})");
    ASSERT_TRUE(read);
    ASSERT_EQ(read->experiments.size(), 1U);
    EXPECT_EQ(read->experiments[0].rows.size(), 1U);
}

}  // namespace
}  // namespace ringway::lab
