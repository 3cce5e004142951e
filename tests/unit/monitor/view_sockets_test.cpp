#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "monitor/views.hpp"
#include "support/made_snapshot.hpp"

namespace ringway::monitor {
namespace {

using test::made_connection;
using test::made_snapshot;

const cell& at(const table& in, std::size_t row, std::string_view key) {
    return in.rows.at(row).at(in.find(key).value());
}

TEST(view_sockets, has_rates_between_two_looks) {
    snapshot before = made_snapshot(10);
    snapshot now = made_snapshot(12);
    before.sockets = {made_connection(1000, 100, 5000)};
    now.sockets = {made_connection(1000, 300, 9000)};
    const auto made = make_view(view_id::connections, now, &before);
    ASSERT_EQ(made.rows.size(), 1U);
    EXPECT_EQ(at(made, 0, "in_bytes_s").number, 100);
    EXPECT_EQ(at(made, 0, "out_bytes_s").number, 2000);
    EXPECT_EQ(at(made, 0, "age_s").number, 11);
    EXPECT_EQ(at(made, 0, "local").text, "192.0.2.1:1000");
    EXPECT_EQ(at(made, 0, "remote").text, "192.0.2.2:80");
    EXPECT_EQ(at(made, 0, "process").text, "worker");
    EXPECT_EQ(at(made, 0, "container").text, "docker:0123456789ab");
}

// Goal: nothing is made up about what was not seen from its beginning.
TEST(view_sockets, tells_new_connections_from_old_ones) {
    const snapshot before = made_snapshot(10);
    snapshot now = made_snapshot(12);
    now.sockets = {made_connection(1, 400, 0), made_connection(2, 400, 0),
                   made_connection(3, 400, 0)};
    now.sockets[0].seen.opened_ns = 11 * test::one_second;  // Since the last look.
    now.sockets[1].seen.opened_ns = 0;                      // Older than the monitor.
    now.sockets[2].seen.tcp = {};                           // What is left of one.
    const auto made = make_view(view_id::connections, now, &before);
    EXPECT_EQ(at(made, 0, "in_bytes_s").number, 200);
    EXPECT_EQ(at(made, 1, "in_bytes_s").number, 0);
    EXPECT_FALSE(at(made, 1, "age_s").number);
    EXPECT_FALSE(at(made, 2, "in_bytes").number);
    EXPECT_FALSE(at(made, 2, "rtt_us").number);
}

TEST(view_sockets, does_not_take_a_new_socket_for_one_that_had_its_address) {
    snapshot before = made_snapshot(10);
    snapshot now = made_snapshot(12);
    before.sockets = {made_connection(1000, 100, 0)};
    now.sockets = {made_connection(1000, 600, 0)};
    now.sockets[0].seen.opened_ns = 11 * test::one_second;
    const auto made = make_view(view_id::connections, now, &before);
    EXPECT_EQ(at(made, 0, "in_bytes_s").number, 300);
}

// Goal: connections that live for less than an interval are in the sums, and nothing is twice.
TEST(view_sockets, sums_what_ended_between_two_looks) {
    snapshot before = made_snapshot(10);
    snapshot now = made_snapshot(12);
    before.sockets = {made_connection(1000, 500, 50), made_connection(1001, 7, 7)};
    before.flow_bytes_in = 10'000;
    now.sockets = {made_connection(1001, 107, 7)};
    now.flow_bytes_in = 10'000 + 800 + 300;  // 1000 has got 300 more, another 300 in all.
    now.flow_bytes_out = 50;
    const auto made = make_view(view_id::connections, now, &before);
    const auto fact_of = [&made](std::string_view key) {
        const auto at = std::ranges::find(made.facts, key, &fact::key);
        return at == made.facts.end() ? -1 : at->value;
    };
    EXPECT_EQ(fact_of("in_bytes_s"), (300 + 300 + 100) / 2);
    EXPECT_EQ(fact_of("out_bytes_s"), 0);
}

TEST(view_sockets, shows_queues_apart) {
    snapshot before = made_snapshot(10);
    snapshot now = made_snapshot(12);
    auto listener = made_connection(80, 0, 0);
    listener.seen.state = test::tcp_listen;
    listener.seen.backlog_max = 3;
    listener.seen.drops = 4;
    auto datagrams = made_connection(53, 0, 0);
    datagrams.seen.kind = MONITOR_UDP;
    before.sockets = {listener};
    listener.seen.backlog = 4;
    listener.seen.waiting_since_ns = 11 * test::one_second;
    listener.seen.drops = 10;
    now.sockets = {listener, datagrams, made_connection(1, 0, 0)};
    const auto made = make_view(view_id::queues, now, &before);
    ASSERT_EQ(made.rows.size(), 2U);
    EXPECT_EQ(at(made, 0, "protocol").text, "tcp");
    EXPECT_EQ(at(made, 0, "waiting").number, 4);
    EXPECT_EQ(at(made, 0, "filled").number, 100);
    EXPECT_EQ(at(made, 0, "waited_us").number, 1'000'000);
    EXPECT_EQ(at(made, 0, "drops_s").number, 3);
    EXPECT_EQ(at(made, 1, "protocol").text, "udp");
    EXPECT_FALSE(at(made, 1, "waiting").number);
    EXPECT_FALSE(at(made, 1, "waited_us").number);
    EXPECT_EQ(make_view(view_id::connections, now, &before).rows.size(), 1U);
}

}  // namespace
}  // namespace ringway::monitor
