// Goal: what the load generator counts is what the server has seen.
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include <gtest/gtest.h>

#include "base/resting_memory.hpp"
#include "support/get_command.hpp"
#include "support/made_certificate.hpp"
#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

TEST(get_bench, counts_are_those_of_the_server) {
    const temporary_site site;
    const temporary_site files;
    site.add("f", "hello");
    files.add("1.pem", make_certificate({.names = {"127.0.0.1"}}).both());
    const server_process server{site.path(), {"--tls-dir", files.path(), "--admin", "127.0.0.1:0"}};
    const get_command get;
    const string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/f";
    double before = 0;
    for (const string version : {"--http1.1", "--http2"}) {
        const auto ended = get.run({"--bench", "--json", version, "-c", "3", "-m", "5", "-n", "500",
                                    "--cacert", files.at("1.pem"), url});
        ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
        const auto read = nlohmann::json::parse(ended.standard_output);
        EXPECT_EQ(read["requests"], 500);
        EXPECT_EQ(read["bytes"], 2500);
        EXPECT_EQ(read["failed"], 0);
        EXPECT_EQ(read["streams"], version == "--http2" ? 5 : 1) << "HTTP/1.1 has one at a time";
        EXPECT_EQ(read["connections_made"], 3);
        EXPECT_GT(read["latency_s"]["p50"], 0);
        EXPECT_LE(read["latency_s"]["p50"], read["latency_s"]["max"]);
        const double now = server.metric("ringway_http_requests_total");
        EXPECT_EQ(now - before, 500) << version;
        before = now;
    }
    const auto missing = get.run(
        {"--bench", "--json", "-n", "20", "--cacert", files.at("1.pem"), url + "-not-there"});
    EXPECT_EQ(nlohmann::json::parse(missing.standard_output)["statuses_400_and_more"], 20);
    EXPECT_EQ(missing.exit_status, 1);
}

// Goal: connections that pause are still there after it, and the server packed them meanwhile.
TEST(get_bench, pauses_between_requests) {
    const temporary_site site;
    const temporary_site files;
    site.add("f", "hello");
    files.add("1.pem", make_certificate({.names = {"127.0.0.1"}}).both());
    const server_process server{site.path(), {"--tls-dir", files.path(), "--admin", "127.0.0.1:0"}};
    const get_command get;
    const std::chrono::milliseconds usual{2500};
    const auto pause = std::min(patience(usual), 4 * usual);  // Less than a minute in any case.
    const auto ended = get.run({"--bench", "--json", "--http3", "-c", "4", "-n", "8", "--pause",
                                std::to_string(pause.count()) + "ms", "--cacert", files.at("1.pem"),
                                "https://127.0.0.1:" + std::to_string(server.port()) + "/f"});
    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    const auto read = nlohmann::json::parse(ended.standard_output);
    EXPECT_EQ(read["requests"], 8);
    EXPECT_EQ(read["failed"], 0);
    EXPECT_EQ(read["connections_made"], 4);
    EXPECT_GE(read["seconds"], 2.5);
    EXPECT_GE(server.metric("ringway_quic_rests_total"), resting_memory::can_rest() ? 4 : 0);
    EXPECT_EQ(server.metric("ringway_quic_tls_sessions_open"), 0);
}

}  // namespace
}  // namespace ringway::test
