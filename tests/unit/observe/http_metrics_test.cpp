#include <ringway/observe/http_metrics.hpp>

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

namespace ringway::observe {
namespace {

using wire::coding;
using wire::method_id;

std::size_t index_of(std::uint16_t code) {
    return static_cast<std::size_t>(std::ranges::find(http_metrics::codes, code) -
                                    http_metrics::codes.begin());
}

TEST(counters, count) {
    counter up;
    up.add();
    up.add(41);
    EXPECT_EQ(up.get(), 42U);
    gauge both;
    both.add(3);
    both.sub(5);
    EXPECT_EQ(both.get(), -2);
    both.set(7);
    EXPECT_EQ(both.get(), 7);
}

TEST(http_metrics, a_request_counts_where_it_belongs) {
    const auto shard = std::make_unique<http_metrics>();
    shard->request_started();
    shard->request_started();
    shard->request_done({.protocol = http_protocol::http_2,
                         .method = method_id::head,
                         .coding = coding::brotli,
                         .status = 304,
                         .bytes = 5,
                         .duration_ns = 30'000});
    EXPECT_EQ(shard->in_flight.get(), 1);
    EXPECT_EQ(shard->requests(http_protocol::http_2, method_id::head, index_of(304)), 1U);
    EXPECT_EQ(shard->requests(http_protocol::http_1_1, method_id::head, index_of(304)), 0U);
    EXPECT_EQ(shard->response_bytes(http_protocol::http_2, coding::brotli), 5U);
    EXPECT_EQ(shard->durations(http_protocol::http_2).get(1), 1U);
    EXPECT_EQ(shard->durations(http_protocol::http_2).sum_ns(), 30'000U);
}

TEST(http_metrics, rare_codes_and_methods_share_a_label) {
    const auto shard = std::make_unique<http_metrics>();
    constexpr auto other = http_metrics::codes.size();
    for (const int status : {418, 0, 599, 600, 65535}) {
        shard->request_started();
        shard->request_done({.status = static_cast<std::uint16_t>(status)});
    }
    EXPECT_EQ(shard->requests(http_protocol::http_1_1, method_id::get, other), 5U);
    shard->request_started();
    shard->request_done({.method = method_id::unknown, .status = 501});
    EXPECT_EQ(shard->requests(http_protocol::http_1_1, method_id::other_known, index_of(501)), 1U);
}

TEST(http_metrics, every_code_has_its_own_cell) {
    const auto shard = std::make_unique<http_metrics>();
    for (const auto code : http_metrics::codes) {
        shard->request_started();
        shard->request_done({.status = code});
    }
    for (std::size_t i = 0; i < http_metrics::codes.size(); ++i) {
        EXPECT_EQ(shard->requests(http_protocol::http_1_1, method_id::get, i), 1U);
    }
}

TEST(http_metrics, connections_move_between_states) {
    const auto shard = std::make_unique<http_metrics>();
    constexpr auto tcp = static_cast<std::size_t>(transport::tcp);
    shard->connection_opened(transport::tcp);
    shard->connection_opened(transport::tcp);
    shard->connection_active(transport::tcp);
    EXPECT_EQ(shard->accepted.get(transport::tcp), 2U);
    EXPECT_EQ(shard->active[tcp].get(), 1);
    EXPECT_EQ(shard->idle[tcp].get(), 1);
    shard->connection_idle(transport::tcp);
    shard->connection_active(transport::tcp);
    shard->connection_closed(transport::tcp, true);
    shard->connection_closed(transport::tcp, false);
    EXPECT_EQ(shard->active[tcp].get(), 0);
    EXPECT_EQ(shard->idle[tcp].get(), 0);
    EXPECT_EQ(shard->accepted.get(transport::tcp), 2U);
}

TEST(duration_buckets, bounds_are_inclusive) {
    duration_buckets counted;
    counted.record(0);
    counted.record(25'000);
    counted.record(25'001);
    counted.record(duration_buckets::bounds_ns.back());
    counted.record(duration_buckets::bounds_ns.back() + 1);
    EXPECT_EQ(counted.get(0), 2U);
    EXPECT_EQ(counted.get(1), 1U);
    EXPECT_EQ(counted.get(duration_buckets::bounds_ns.size() - 1), 1U);
    EXPECT_EQ(counted.get(duration_buckets::bounds_ns.size()), 1U);
}

}  // namespace
}  // namespace ringway::observe
