#include "cli/top_json.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

#include "monitor/views.hpp"
#include "support/made_snapshot.hpp"

namespace ringway::cli {
namespace {

using nlohmann::json;

TEST(top_json, has_views_with_rows_and_losses) {
    auto now = test::made_snapshot(12);
    now.sockets = {test::made_connection(1000, 300, 9000)};
    now.sockets[0].whose.name = "bad\xff";
    now.missing[static_cast<std::size_t>(monitor::view_id::drops)] = "no tracepoint";
    now.losses = {{"drops", 3, "--table-size"}};
    now.fills = {{"sources", 5, 10}};
    const auto text =
        snapshot_json(now, 2,
                      {monitor::make_view(monitor::view_id::connections, now, nullptr),
                       monitor::make_view(monitor::view_id::drops, now, nullptr)});
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    const auto read = json::parse(text);
    const auto& row = read["views"]["connections"]["rows"][0];
    EXPECT_EQ(row["in_bytes"], 300);
    EXPECT_EQ(row["remote"], "192.0.2.2:80");
    EXPECT_EQ(read["views"]["connections"]["facts"]["established"], 1);
    EXPECT_EQ(read["views"]["drops"]["missing"], "no tracepoint");
    EXPECT_EQ(read["lost"][0]["count"], 3);
    EXPECT_EQ(read["tables"][0]["room"], 10);
    EXPECT_EQ(read["interval_s"], 2);
}

monitor::flow_record made_flow() {
    monitor::flow_record made;
    made.seen.ends = test::made_ends(4000, 80);
    made.seen.opened_ns = 1 * test::one_second;
    made.seen.established_ns = 1 * test::one_second + 200'000;
    made.seen.ended_ns = 3 * test::one_second;
    made.seen.flags = MONITOR_ESTABLISHED | MONITOR_CLOSED_HERE;
    made.seen.state_before = 5;
    made.seen.tcp.bytes_received = 10;
    made.seen.tcp.retransmits = 2;
    made.whose = {.process = 9, .name = "curl", .container = {}};
    return made;
}

TEST(top_json, writes_a_connection_as_a_line) {
    const auto read = json::parse(flow_json(made_flow(), 100'000, 4 * test::one_second));
    EXPECT_EQ(read["end"], "1970-01-01T00:01:39.000Z");
    EXPECT_EQ(read["begin"], "1970-01-01T00:01:37.000Z");
    EXPECT_EQ(read["direction"], "out");
    EXPECT_EQ(read["local"], "192.0.2.1");
    EXPECT_EQ(read["remote_port"], 80);
    EXPECT_EQ(read["pid"], 9);
    EXPECT_EQ(read["process"], "curl");
    EXPECT_EQ(read["container"], nullptr);
    EXPECT_EQ(read["in_bytes"], 10);
    EXPECT_EQ(read["retransmits"], 2);
    EXPECT_EQ(read["connect_us"], 200);
    EXPECT_EQ(read["lifetime_us"], 2'000'000);
    EXPECT_EQ(read["established"], true);
    EXPECT_EQ(read["reason"], "closed here");
}

TEST(top_json, knows_nothing_of_the_time_before_the_monitor) {
    auto flow = made_flow();
    flow.seen.opened_ns = 0;
    flow.seen.established_ns = 0;
    flow.seen.flags = 0;
    const auto read = json::parse(flow_json(flow, 100'000, 4 * test::one_second));
    EXPECT_EQ(read["begin"], nullptr);
    EXPECT_EQ(read["direction"], nullptr);
    EXPECT_EQ(read["lifetime_us"], nullptr);
    EXPECT_EQ(read["established"], true);
}

TEST(top_json, writes_times_as_in_the_file_of_flows) {
    EXPECT_EQ(time_text(1'769'903'999'007), "2026-01-31T23:59:59.007Z");
}

}  // namespace
}  // namespace ringway::cli
