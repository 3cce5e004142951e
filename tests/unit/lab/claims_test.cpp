#include "lab/claims.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

row_result row_of(std::string subject, metric what, double claimed, double measured) {
    row_result row{.test = "t", .subject = std::move(subject), .claims = {{what, claimed}}};
    if (std::isfinite(measured)) {
        measurement one;
        one.set(what, measured);
        row.rounds = {one};
        row.round_numbers = {0};
    }
    return row;
}

TEST(claims, gains_are_over_the_weakest_claim) {
    bench_run_record run;
    run.experiments.push_back({.group = "net", .name = "echo"});
    auto& rows = run.experiments[0].rows;
    rows.push_back(row_of("io_uring", metric::rate, 300, 240));
    rows.push_back(row_of("epoll", metric::rate, 100, 160));
    rows.push_back(row_of("other", metric::rate, 200, std::nan("")));
    const auto lines = claims_of(run);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_FALSE(lines[0].holds);
    EXPECT_EQ(lines[0].reference, "epoll");
    EXPECT_DOUBLE_EQ(lines[0].claimed_gain, 3);
    EXPECT_DOUBLE_EQ(lines[0].measured_gain, 1.5);
    EXPECT_TRUE(lines[1].holds);
    EXPECT_TRUE(lines[1].reference.empty());
    EXPECT_FALSE(lines[2].holds);
    EXPECT_EQ(claim_cells(lines[2])[5], "not measured");
    EXPECT_EQ(claim_cells(lines[1])[6], "yes");
    rows[1].rounds[0].set(metric::others, 50);
    EXPECT_EQ(claim_cells(claims_of(run)[1])[6], "yes !");
    for (const auto& line : lines) {
        EXPECT_EQ(claim_cells(line).size(), claim_headings().size());
    }
}

TEST(claims, less_latency_is_a_gain) {
    bench_run_record run;
    run.experiments.push_back({.group = "latency", .name = "echo"});
    auto& rows = run.experiments[0].rows;
    rows.push_back(row_of("epoll", metric::p50, 40, 20));
    rows.push_back(row_of("io_uring", metric::p50, 10, 16));
    const auto lines = claims_of(run);
    EXPECT_EQ(lines[1].reference, "epoll");
    EXPECT_DOUBLE_EQ(lines[1].claimed_gain, 4);
    EXPECT_DOUBLE_EQ(lines[1].measured_gain, 1.25);
}

}  // namespace
}  // namespace ringway::lab
