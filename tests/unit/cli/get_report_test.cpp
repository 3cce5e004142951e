#include "cli/get_report.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

get_report some() {
    get_report out{.url = "http://a/\"\n", .file = "a"};
    out.http_status = 200;
    out.version = http::client_version::http_2;
    out.bytes = 2 << 20U;
    out.timings.total = std::chrono::milliseconds{500};
    out.facts.rtt = std::chrono::microseconds{1500};
    return out;
}

TEST(get_report, json_is_one_line_with_all_of_it) {
    const auto text = to_json(some());
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    const auto read = nlohmann::json::parse(text);
    EXPECT_EQ(read["url"], "http://a/\"\n");
    EXPECT_EQ(read["version"], "HTTP/2");
    EXPECT_EQ(read["status"], 200);
    EXPECT_EQ(read["seconds"]["total"], 0.5);
    EXPECT_EQ(read["connection"]["rtt"], 0.0015);
    EXPECT_EQ(read["exit"], 0);
}

TEST(get_report, a_line_for_people) {
    auto report = some();
    EXPECT_EQ(to_line(report), "a: 2.00 MiB in 500 ms (4.00 MiB/s), HTTP/2");
    report.encoding = "br";
    report.encoded_bytes = 512;
    EXPECT_TRUE(to_line(report).ends_with("HTTP/2, 512 B as br"));
    report.resumed = 1024;
    report.pieces = 3;
    EXPECT_TRUE(to_line(report).ends_with("1.00 KiB were there, 3 pieces"));
}

}  // namespace
}  // namespace ringway::cli
