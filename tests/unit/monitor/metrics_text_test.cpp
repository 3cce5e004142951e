#include "monitor/metrics_text.hpp"

#include <gtest/gtest.h>
#include <string>

#include "support/made_snapshot.hpp"
#include "support/prometheus_check.hpp"

namespace ringway::monitor {
namespace {

snapshot full_snapshot() {
    snapshot now = test::made_snapshot(12);
    now.sockets = {test::made_connection(1, 10, 20)};
    for (int i = 0; i < 2; ++i) {  // Two sockets that share a port.
        auto listener = test::made_connection(80, 0, 0);
        listener.seen.state = test::tcp_listen;
        listener.seen.backlog = 3;
        listener.seen.backlog_max = 128;
        now.sockets.push_back(listener);
    }
    now.tcp.connected = 5;
    now.tcp.failed = 3;
    now.tcp.connect_us[4] = 5;
    now.failed = {{.port = 80, .reason = "refused", .count = 2}};
    now.drops = {{.reason = "NO_SOCKET", .seen = {.packets = 4}}};
    now.uring = {{.name = "READV", .seen = {.submitted = 64, .sampled = 1}}};
    now.uring[0].seen.latency_us[2] = 1;
    now.programs = {{.id = 9, .name = "a\"b", .type = "xdp", .ours = true, .runs = 3}};
    now.losses = {{"drops", 7, "--table-size"}};
    for (std::uint32_t i = 0; i < 300; ++i) {
        source_record each;
        each.key.interface = i;
        each.seen.bytes = i;
        now.sources.push_back(each);
    }
    return now;
}

TEST(monitor_metrics, make_a_page_that_prometheus_reads) {
    std::string text;
    append_metrics(text, full_snapshot());
    const auto page = testing_support::check_prometheus(text);
    EXPECT_EQ(page.problems, std::vector<std::string>{});
    const auto has = [&page](const std::string& name, double value) {
        const auto found = page.samples.find("ringway_top_" + name);
        EXPECT_TRUE(found != page.samples.end() && found->second == value) << name;
    };
    has("tcp_opened_total{direction=\"out\"}", 5);
    has("tcp_connect_failures_total{reason=\"refused\"}", 2);
    has("tcp_connect_failures_total{reason=\"other\"}", 1);
    has("tcp_sockets{state=\"ESTAB\"}", 1);
    has("drops_total{reason=\"NO_SOCKET\"}", 4);
    has("io_uring_operations_total{op=\"READV\"}", 64);
    has("lost_total{what=\"drops\"}", 7);
    has("accept_queue{local=\"192.0.2.1:80\",netns=\"7\",process=\"worker\","
        "container=\"docker:0123456789ab\"}",
        6);
}

TEST(monitor_metrics, bound_what_strangers_can_add) {
    std::string text;
    append_metrics(text, full_snapshot());
    const auto page = testing_support::check_prometheus(text);
    std::size_t sources = 0;
    for (const auto& each : page.samples) {
        sources += each.first.starts_with("ringway_top_source_bytes_total{") ? 1U : 0U;
    }
    EXPECT_EQ(sources, samples_max);
}

TEST(monitor_metrics, leave_out_what_can_not_be_shown_here) {
    snapshot now = full_snapshot();
    now.missing[static_cast<std::size_t>(view_id::drops)] = "forbidden";
    std::string text;
    append_metrics(text, now);
    EXPECT_FALSE(text.contains("ringway_top_drops_total"));
    EXPECT_TRUE(text.contains("ringway_top_view_up{view=\"drops\"} 0"));
    EXPECT_TRUE(text.contains("ringway_top_view_up{view=\"sources\"} 1"));
}

}  // namespace
}  // namespace ringway::monitor
