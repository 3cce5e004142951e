#include "lab/results_text.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

experiment_result sample() {
    experiment_result one{.group = "net",
                          .name = "echo",
                          .title = "a title",
                          .operation = "message",
                          .ratios = {metric::cpu}};
    for (const double cpu : {5.0, 6.0}) {
        row_result row{.test = "64 connections", .subject = cpu < 6 ? "uring" : "epoll"};
        for (unsigned i = 0; i < 3; ++i) {
            measurement value;
            value.set(metric::cpu, cpu);
            value.set(metric::p50, 50);
            row.rounds.push_back(value);
            row.round_numbers.push_back(i);
        }
        one.rows.push_back(row);
    }
    one.rows[1].claims = {{metric::p50, 40}, {metric::p99, 200}};
    one.rows.push_back({.test = "64 connections", .subject = "AF_XDP", .not_measured = "later"});
    return one;
}

TEST(results_text, table) {
    const auto text = as_text(sample());
    EXPECT_TRUE(text.starts_with("net echo: a title\n")) << text;
    EXPECT_TRUE(text.contains("64 connections\n")) << text;
    EXPECT_TRUE(text.contains("1.20 (1.20 to 1.20)")) << text;
    EXPECT_TRUE(text.contains("AF_XDP  not measured: later")) << text;
    EXPECT_TRUE(text.contains("p50 40.0 us (no), p99 200 us")) << text;
}

TEST(results_text, gaps) {
    bench_run_record run;
    EXPECT_TRUE(gaps_of(run).empty());
    run.interrupted = true;
    run.failures.push_back({"net echo", "no port"});
    for (const auto* const name : {"net sizes", "quic hol"}) {
        run.failures.push_back({name, std::string{interrupted_problem}});
    }
    ASSERT_EQ(gaps_of(run).size(), 3U);
    EXPECT_EQ(gaps_of(run)[2], "Not measured: net sizes, quic hol.");
    EXPECT_TRUE(gaps_of(run)[0].starts_with("Interrupted"));
    EXPECT_EQ(gaps_of(run)[1], "net echo has no result: no port");
    const auto text = as_markdown(run);
    EXPECT_TRUE(text.contains("**net echo has no result: no port**")) << text;
}

TEST(results_text, facts) {
    EXPECT_EQ(fact_text("a b"), "a b");
    EXPECT_EQ(fact_text(3), "3");
    EXPECT_EQ(fact_text({{"nginx", "1.22.1"}, {"fio", "3.33"}}), "nginx 1.22.1, fio 3.33");
}

TEST(results_text, claims) {
    EXPECT_TRUE(claim_holds(metric::rate, 100, 100));
    EXPECT_FALSE(claim_holds(metric::rate, 100, 99));
    EXPECT_TRUE(claim_holds(metric::p50, 40, 12));
    EXPECT_FALSE(claim_holds(metric::p50, 40, 41));
    EXPECT_TRUE(claim_holds(metric::busy, 80, 70));
}

TEST(results_text, markdown) {
    bench_run_record run{.version = "1"};
    run.machine["kernel"] = "6.18";
    run.experiments.push_back(sample());
    run.experiments[0].rows[0].subject = "a|b";
    const auto text = as_markdown(run);
    EXPECT_TRUE(text.contains("kernel: 6.18")) << text;
    EXPECT_TRUE(text.contains("| 64 connections | a\\|b |")) << text;
    EXPECT_TRUE(text.contains("| p99 us | 200 us | not measured |")) << text;
    // Every line of a table has as many cells.
    std::size_t cells = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto line = text.substr(at, text.find('\n', at) - at);
        at += line.size() + 1;
        std::size_t bars = 0;
        for (std::size_t i = 0; i < line.size(); ++i) {
            bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1 : 0;
        }
        cells = bars == 0 ? 0 : cells;
        if (bars > 0) {
            cells = cells == 0 ? bars : cells;
            EXPECT_EQ(bars, cells) << line;
        }
    }
}

}  // namespace
}  // namespace ringway::lab
