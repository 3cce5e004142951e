#include <gtest/gtest.h>
#include <string_view>

#include "monitor/views.hpp"
#include "support/made_snapshot.hpp"

namespace ringway::monitor {
namespace {

using test::made_snapshot;

const cell& at(const table& in, std::size_t row, std::string_view key) {
    return in.rows.at(row).at(in.find(key).value());
}

TEST(view_programs, shows_failed_connects) {
    snapshot now = made_snapshot(12);
    now.failed = {{.remote = test::made_address(9),
                   .port = 443,
                   .reason = "refused",
                   .whose = {.process = 5, .name = "curl", .container = {}},
                   .count = 4,
                   .last_ns = 10 * test::one_second,
                   .took_us_sum = 400,
                   .took_us_max = 250}};
    const auto made = make_view(view_id::connects, now, nullptr);
    EXPECT_EQ(at(made, 0, "remote").text, "192.0.2.9:443");
    EXPECT_EQ(at(made, 0, "took_us").number, 100);
    EXPECT_EQ(at(made, 0, "longest_us").number, 250);
    EXPECT_EQ(at(made, 0, "last_s").number, 2);
    EXPECT_EQ(at(made, 0, "process").text, "curl");
}

TEST(view_programs, shows_operations_and_who_submits_most) {
    snapshot before = made_snapshot(10);
    snapshot now = made_snapshot(12);
    uring_op op{.name = "READV", .seen = {}};
    op.seen.submitted = 100;
    before.uring = {op};
    op.seen.submitted = 300;
    op.seen.sampled = 4;
    op.seen.sampled_us_sum = 40;
    op.seen.latency_us[3] = 4;
    now.uring = {op, {.name = "SEND", .seen = {}}};
    now.uring_users = {
        {.op = 1, .op_name = "READV", .whose = {.process = 3, .name = "few"}, .submitted = 10},
        {.op = 1, .op_name = "READV", .whose = {.process = 4, .name = "many"}, .submitted = 290},
        {.op = 2, .op_name = "SEND", .whose = {.process = 5, .name = "other"}, .submitted = 999}};
    const auto made = make_view(view_id::io_uring, now, &before);
    EXPECT_EQ(at(made, 0, "ops_s").number, 100);
    EXPECT_EQ(at(made, 0, "p50_us").number, 16);
    EXPECT_EQ(at(made, 0, "mean_us").number, 10);
    EXPECT_EQ(at(made, 0, "process").text, "many");
    EXPECT_FALSE(at(made, 1, "p50_us").number);
}

TEST(view_programs, tells_our_own_cost_apart) {
    snapshot before = made_snapshot(10);
    snapshot now = made_snapshot(12);
    before.programs_timed_ns = 3 * test::one_second;
    now.programs_timed_ns = 5 * test::one_second;
    before.programs = {{.id = 1,
                        .name = "mine",
                        .type = "tracing",
                        .ours = true,
                        .runs = 10,
                        .run_time_ns = 1000}};
    now.programs = {
        {.id = 1,
         .name = "mine",
         .type = "tracing",
         .ours = true,
         .runs = 30,
         .run_time_ns = 20'001'000},
        {.id = 2, .name = "theirs", .type = "xdp", .ours = false, .runs = 0, .run_time_ns = 0}};
    const auto made = make_view(view_id::programs, now, &before);
    EXPECT_NEAR(at(made, 0, "cpu").number.value(), 1.0, 1e-9);
    EXPECT_EQ(at(made, 0, "runs_s").number, 10);
    EXPECT_EQ(at(made, 0, "whose").text, "top");
    EXPECT_EQ(at(made, 1, "whose").text, "other");
    EXPECT_FALSE(at(made, 1, "run_ns").number);
}

// Goal: what was timed for a tenth of the time is not shown as a tenth.
TEST(view_programs, reckons_with_the_time_that_was_timed) {
    snapshot before = made_snapshot(10);
    snapshot now = made_snapshot(12);
    before.programs_timed_ns = 1 * test::one_second;
    now.programs_timed_ns = 1'200'000'000;
    before.programs = {{.id = 1, .name = "it", .type = "xdp", .runs = 10, .run_time_ns = 0}};
    now.programs = {{.id = 1, .name = "it", .type = "xdp", .runs = 30, .run_time_ns = 20'000'000}};
    const auto sampled = make_view(view_id::programs, now, &before);
    EXPECT_NEAR(at(sampled, 0, "cpu").number.value(), 10, 1e-9);
    EXPECT_NEAR(at(sampled, 0, "runs_s").number.value(), 100, 1e-9);
    now.programs_timed_ns = 1 * test::one_second;  // Not since the last look: since the beginning.
    const auto all = make_view(view_id::programs, now, &before);
    EXPECT_NEAR(at(all, 0, "cpu").number.value(), 2, 1e-9);
    EXPECT_NEAR(at(all, 0, "runs_s").number.value(), 30, 1e-9);
}

}  // namespace
}  // namespace ringway::monitor
