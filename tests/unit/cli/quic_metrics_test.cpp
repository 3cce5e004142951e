#include "cli/quic_metrics.hpp"

#include <array>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/prometheus_check.hpp"

namespace ringway::cli {
namespace {

TEST(quic_metrics_test, sums_over_shards) {
    const auto one = std::make_unique<quic::endpoint_counters>();
    const auto other = std::make_unique<quic::endpoint_counters>();
    one->datagrams_sent.add(5);
    other->datagrams_sent.add(7);
    one->dropped_limit.add();
    other->connections_open.add(3);
    const std::array<const quic::endpoint_counters*, 2> shards{one.get(), other.get()};
    std::string text;
    append_quic_metrics(text, shards);
    const auto page = testing_support::check_prometheus(text);
    EXPECT_THAT(page.problems, testing::IsEmpty());
    EXPECT_EQ(page.samples.at("ringway_quic_datagrams_total{dir=\"sent\"}"), 12);
    EXPECT_EQ(page.samples.at("ringway_quic_datagrams_dropped_total{reason=\"limit\"}"), 1);
    EXPECT_EQ(page.samples.at("ringway_quic_connections_open{}"), 3);
}

}  // namespace
}  // namespace ringway::cli
