#include <ringway/observe/metrics_page.hpp>

#include <array>
#include <fcntl.h>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>

#include "support/prometheus_check.hpp"

namespace ringway::observe {
namespace {

using testing::IsEmpty;
using testing_support::check_prometheus;
using testing_support::prometheus_page;

struct one_shard {
    http_metrics http;
    shard_counters runtime;
    driver_counters io;
};

class metrics_page_test : public testing::Test {
protected:
    prometheus_page page() {
        const std::array sources{
            shard_sources{&shards_[0]->http, &shards_[0]->runtime, &shards_[0]->io, 3},
            shard_sources{&shards_[1]->http, &shards_[1]->runtime, &shards_[1]->io, 4}};
        std::string text;
        append_metrics_page(text, sources, facts_);
        auto checked = check_prometheus(text);
        EXPECT_THAT(checked.problems, IsEmpty());
        return checked;
    }

    std::array<std::unique_ptr<one_shard>, 2> shards_{std::make_unique<one_shard>(),
                                                      std::make_unique<one_shard>()};
    process_facts facts_{.version = "1.2.3",
                         .driver = "io_uring",
                         .kernel = "6.12.5",
                         .start_unix_s = 1'700'000'000,
                         .open_fds = 17,
                         .max_fds = 1024,
                         .log_lost = 5};
};

TEST_F(metrics_page_test, is_valid_before_the_first_request) {
    const auto checked = page();
    EXPECT_EQ(checked.samples.at("ringway_http_requests_in_flight{}"), 0);
    EXPECT_EQ(checked.samples.count("ringway_http_request_duration_seconds_count"
                                    "{proto=\"http/1.1\"}"),
              1U);
    EXPECT_EQ(checked.samples.count("ringway_protocol_abuse_total{kind=\"malformed_head\"}"), 1U);
}

TEST_F(metrics_page_test, sums_over_shards) {
    for (const auto& shard : shards_) {
        shard->http.request_started();
        shard->http.request_started();
        shard->http.request_done({.bytes = 100, .duration_ns = 30'000});
        shard->http.rejected.add(reject_reason::limit_address);
        shard->http.abuse.add(abuse_kind::h2_rapid_reset, 2);
        shard->http.cache_hits.add(cache_tier::fd);
        shard->http.cache_bytes.set(1000);
        shard->http.connection_opened(transport::tcp);
        shard->io.submitted[static_cast<std::size_t>(op_kind::send)].add(5);
        shard->io.overflows.add();
    }
    const auto samples = page().samples;
    EXPECT_EQ(samples.at("ringway_http_requests_total"
                         "{proto=\"http/1.1\",method=\"GET\",code=\"200\"}"),
              2);
    EXPECT_EQ(samples.at("ringway_http_requests_in_flight{}"), 2);
    EXPECT_EQ(samples.at("ringway_http_request_duration_seconds_bucket"
                         "{proto=\"http/1.1\",le=\"5e-05\"}"),
              2);
    EXPECT_NEAR(samples.at("ringway_http_request_duration_seconds_sum{proto=\"http/1.1\"}"), 60e-6,
                1e-12);
    EXPECT_EQ(samples.at("ringway_http_response_bytes_total"
                         "{proto=\"http/1.1\",encoding=\"identity\"}"),
              200);
    EXPECT_EQ(samples.at("ringway_connections_accepted_total{transport=\"tcp\"}"), 2);
    EXPECT_EQ(samples.at("ringway_connections{transport=\"tcp\",state=\"idle\"}"), 2);
    EXPECT_EQ(samples.at("ringway_connections_rejected_total{reason=\"limit_address\"}"), 2);
    EXPECT_EQ(samples.at("ringway_protocol_abuse_total{kind=\"h2_rapid_reset\"}"), 4);
    EXPECT_EQ(samples.at("ringway_file_cache_hits_total{tier=\"fd\"}"), 2);
    EXPECT_EQ(samples.at("ringway_file_cache_bytes{}"), 2000);
    EXPECT_EQ(samples.at("ringway_uring_sqe_total{op=\"send\"}"), 10);
    EXPECT_EQ(samples.at("ringway_uring_cq_overflow_total{}"), 2);
    EXPECT_EQ(samples.at("ringway_log_dropped_total{}"), 7);
}

TEST_F(metrics_page_test, tells_shards_apart) {
    shards_[1]->runtime.busy_ns.add(1'500'000'000);
    shards_[1]->runtime.turns.add(9);
    const auto samples = page().samples;
    EXPECT_EQ(samples.at("ringway_shard_busy_seconds_total{shard=\"0\"}"), 0);
    EXPECT_EQ(samples.at("ringway_shard_busy_seconds_total{shard=\"1\"}"), 1.5);
    EXPECT_EQ(samples.at("ringway_shard_turns_total{shard=\"1\"}"), 9);
}

TEST_F(metrics_page_test, describes_the_process) {
    const auto samples = page().samples;
    EXPECT_EQ(samples.at("ringway_build_info"
                         "{version=\"1.2.3\",driver=\"io_uring\",kernel=\"6.12.5\"}"),
              1);
    EXPECT_EQ(samples.at("ringway_start_time_seconds{}"), 1'700'000'000);
    EXPECT_EQ(samples.at("ringway_shards{}"), 2);
    EXPECT_EQ(samples.at("ringway_open_fds{}"), 17);
    EXPECT_EQ(samples.at("ringway_max_fds{}"), 1024);
    EXPECT_EQ(samples.at("ringway_log_lost_total{}"), 5);
}

// Goal: every counter that exists is on the page, in any combination of labels.
TEST_F(metrics_page_test, is_valid_when_everything_has_happened) {
    auto& http = shards_[0]->http;
    for (std::size_t p = 0; p < http_metrics::protocols; ++p) {
        for (std::size_t m = 0; m <= http_metrics::methods; ++m) {
            for (std::uint16_t status = 99; status < 610; ++status) {
                http.request_started();
                http.request_done({.protocol = static_cast<http_protocol>(p),
                                   .method = static_cast<wire::method_id>(m),
                                   .coding = static_cast<wire::coding>(m % 4),
                                   .status = status,
                                   .bytes = 1,
                                   .duration_ns = std::uint64_t{status} * status * status});
            }
        }
    }
    EXPECT_EQ(http.in_flight.get(), 0);
    double requests = 0;
    for (const auto& [name, value] : page().samples) {
        requests += name.starts_with("ringway_http_requests_total") ? value : 0;
    }
    EXPECT_EQ(requests, 4.0 * 11 * 511);
}

// Goal: names that two certificates share do not make a page that Prometheus refuses.
TEST_F(metrics_page_test, tells_of_certificates) {
    EXPECT_FALSE(page().samples.contains("ringway_config_last_reload_successful{}"));
    facts_.certificates = {.expiries = {{"a.org", "ECDSA", 2000},
                                        {"a.org", "RSA", 4000},
                                        {"a.org", "ECDSA", 1000},
                                        {"a.org", "ECDSA", 3000}},
                           .reload_successful = false,
                           .reload_success_unix_s = 500};
    const auto samples = page().samples;
    const std::string expiry = "ringway_tls_certificate_expiry_timestamp_seconds";
    EXPECT_EQ(samples.at(expiry + "{name=\"a.org\",key=\"ECDSA\"}"), 1000);
    EXPECT_EQ(samples.at(expiry + "{name=\"a.org\",key=\"RSA\"}"), 4000);
    EXPECT_EQ(samples.at("ringway_config_last_reload_successful{}"), 0);
    EXPECT_EQ(samples.at("ringway_config_last_reload_success_timestamp_seconds{}"), 500);
}

TEST(count_open_fds, follows_what_is_opened) {
    const auto before = count_open_fds();
    EXPECT_GE(before, 3U);
    std::vector<unique_fd> more;
    for (int i = 0; i < 10; ++i) {
        more.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    }
    EXPECT_EQ(count_open_fds(), before + 10);
}

}  // namespace
}  // namespace ringway::observe
