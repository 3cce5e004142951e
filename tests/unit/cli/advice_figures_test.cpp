#include "cli/advice_figures.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <string>

namespace ringway::cli {
namespace {

lab::row_result row(const char* test, const char* subject, double rate, double p99) {
    lab::measurement one;
    one.set(lab::metric::rate, rate);
    one.set(lab::metric::p99, p99);
    lab::row_result made{.test = test,
                         .subject = subject,
                         .not_measured = "",
                         .claims = {},
                         .rounds = {one},
                         .round_numbers = {1}};
    return made;
}

lab::bench_run_record example() {
    lab::experiment_result echo{.group = "net",
                                .name = "echo",
                                .title = "",
                                .operation = "",
                                .baseline = "",
                                .ratios = {},
                                .rows = {},
                                .charts = {},
                                .notes = {}};
    echo.rows = {row("64 connections", "ours", 1000, 20), row("64 connections", "theirs", 800, 40),
                 row("1,000 connections", "ours", 3000, 90)};
    lab::report handshake;
    handshake.name = "handshake";
    handshake.table = {.columns = {"how", "median"}, .rows = {{"HTTP/2", "151"}, {"0-RTT", "51"}}};
    return {.version = "1",
            .machine = {{"time", "2026-01-02"}, {"kernel", "6.1"}, {"processor", "a fast one"}},
            .settings = {{"quick", true}},
            .experiments = {echo},
            .reports = {handshake}};
}

constexpr evidence wanted{"net", "echo", "ours", "theirs"};

TEST(advice_figures, names_what_was_measured_and_how) {
    const auto figure = figure_of(wanted, 10, example());
    ASSERT_TRUE(figure);
    EXPECT_EQ(figure->text, "64 connections: ours 1,000/s, theirs 800/s (1.25 times)");
    EXPECT_EQ(figure->command, "ringway bench net echo");
    EXPECT_EQ(figure->conditions, "2026-01-02, Linux 6.1, a fast one, a quick run");
}

TEST(advice_figures, latencies) {
    auto latency = wanted;
    latency.latency = true;
    EXPECT_EQ(figure_of(latency, 10, example())->text,
              "64 connections: ours p99 20.0 us, theirs p99 40.0 us (0.50 times)");
}

// Goal: the test that is most like what was described, even if the other was not measured in it.
TEST(advice_figures, nearest_test) {
    EXPECT_EQ(figure_of(wanted, 1e6, example())->text, "1,000 connections: ours 3,000/s");
}

TEST(advice_figures, tables_of_reports) {
    EXPECT_EQ(figure_of({"quic", "handshake", "0-RTT", ""}, 1, example())->text,
              "0-RTT, median 51");
}

TEST(advice_figures, nothing_is_made_up) {
    EXPECT_FALSE(figure_of({}, 1, example()));
    EXPECT_FALSE(figure_of({"net", "echo", "others", "ours"}, 1, example()));
    EXPECT_FALSE(figure_of({"net", "http", "ours", "theirs"}, 1, example()));
    EXPECT_FALSE(figure_of({"quic", "handshake", "HTTP/9", ""}, 1, example()));
    EXPECT_FALSE(figure_of(wanted, 1, {}));
    auto none = example();
    for (auto& each : none.experiments[0].rows) {
        each.rounds.clear();
    }
    EXPECT_FALSE(figure_of(wanted, 1, none));
}

TEST(advice_figures, default_place) {
    ::setenv("XDG_STATE_HOME", "/somewhere", 1);
    EXPECT_EQ(default_results_path(), "/somewhere/ringway/bench.json");
    ::unsetenv("XDG_STATE_HOME");
    EXPECT_TRUE(default_results_path().ends_with("/.local/state/ringway/bench.json"));
}

}  // namespace
}  // namespace ringway::cli
