#include "lab/client_output.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(client_output, of_get) {
    const auto read = read_get_json(
        "a warning\n{\"exit\":0,\"status\":200,\"problem\":\"\",\"bytes\":1024,\"seconds\":{"
        "\"first_byte\":0.1005,\"total\":0.2},\"connection\":{\"resumed\":true,\"early_data\":"
        "true,\"lost\":3}}\n");
    EXPECT_TRUE(read.complete);
    EXPECT_DOUBLE_EQ(read.first_byte_ms, 100.5);
    EXPECT_DOUBLE_EQ(read.total_ms, 200);
    EXPECT_EQ(read.bytes, 1024U);
    EXPECT_TRUE(read.resumed);
    EXPECT_TRUE(read.early);
    EXPECT_EQ(read.lost, 3U);
}

TEST(client_output, of_get_that_failed) {
    const auto read =
        read_get_json("{\"exit\":4,\"status\":0,\"problem\":\"no connection\",\"bytes\":0}");
    EXPECT_FALSE(read.complete);
    EXPECT_EQ(read.problem, "no connection");
    EXPECT_FALSE(read_get_json("{\"exit\":0,\"status\":404}").complete);
}

TEST(client_output, nonsense_is_a_problem) {
    for (const auto* const text : {"", "oops", "{broken", "[1]", "{\"seconds\":5}"}) {
        EXPECT_FALSE(read_get_json(text).complete) << text;
        EXPECT_FALSE(read_curl_line(text).complete) << text;
        EXPECT_FALSE(read_gtlsclient_log(text).complete) << text;
    }
    EXPECT_EQ(read_get_json("could not start").problem, "could not start");
}

TEST(client_output, of_curl) {
    const auto read = read_curl_line(
        "{\"status\":200,\"first_byte\":0.15,\"total\":0.151,\"bytes\":10,\"exit\":0}\n");
    EXPECT_TRUE(read.complete);
    EXPECT_DOUBLE_EQ(read.first_byte_ms, 150);
    const auto late =
        read_curl_line("{\"status\":200,\"first_byte\":0,\"total\":8,\"bytes\":10,\"exit\":28}");
    EXPECT_FALSE(late.complete);
    EXPECT_EQ(late.problem, "curl has failed with 28");
}

constexpr std::string_view log_of_gtlsclient =
    "I00000000 0x0a pkt tx pkn=1 type=0RTT len=0\n"
    "I00000000 0x0a frm tx 1 0RTT STREAM(0x0b) id=0x0 fin=1\n"
    "I00000051 0x0a frm rx 2 1RTT STREAM(0x08)\n"
    "http: stream 0x0 response headers started\n"
    "I00000060 0x0a pkt tx\n"
    "HTTP stream 0 closed with error code 256\n";

TEST(client_output, of_gtlsclient) {
    const auto read = read_gtlsclient_log(log_of_gtlsclient);
    EXPECT_TRUE(read.complete);
    EXPECT_EQ(read.first_byte_ms, 51);
    EXPECT_EQ(read.total_ms, 60);
    EXPECT_TRUE(read.early);
    const auto refused =
        read_gtlsclient_log("Early data was rejected by server\n" + std::string{log_of_gtlsclient});
    EXPECT_FALSE(refused.early);
}

}  // namespace
}  // namespace ringway::lab
