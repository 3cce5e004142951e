#include "cli/guard_report.hpp"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

using nlohmann::json;

TEST(guard_report, asks_for_what_was_given) {
    guard_command command{.action = guard_action::add, .list = "allow"};
    command.ranges = {"10.0.0.0/8"};
    command.lifetime = "10m";
    EXPECT_EQ(json::parse(guard_request(command)),
              (json{{"do", "add"}, {"list", "allow"}, {"ranges", {"10.0.0.0/8"}}, {"for", "10m"}}));
    const guard_command load{.action = guard_action::load, .block_files = {"/x/y"}};
    EXPECT_EQ(json::parse(guard_request(load))["block"], json::array({"/x/y"}));
}

TEST(guard_report, tells_a_refusal) {
    const auto told = report_of({}, R"({"ok":false,"error":"no such thing"})");
    EXPECT_FALSE(told.ok);
    EXPECT_EQ(told.text, "ringway: no such thing\n");
    EXPECT_FALSE(report_of({}, "nonsense").ok);
    EXPECT_FALSE(report_of({}, "{}").ok);
}

TEST(guard_report, lists_entries) {
    const auto told = report_of(
        {.action = guard_action::list},
        R"({"ok":true,"entries":[{"range":"10.0.0.1","from":"ban","hits":7,"seconds_left":9}]})");
    EXPECT_TRUE(told.ok);
    EXPECT_NE(told.text.find("10.0.0.1"), std::string::npos);
    EXPECT_NE(told.text.find("7 hits  9 s left"), std::string::npos);
}

TEST(guard_report, json_is_handed_on) {
    const std::string answer = R"({"ok":true,"entries":3})"
                               "\n";
    EXPECT_EQ(report_of({.action = guard_action::add, .json = true}, answer).text, answer);
    EXPECT_EQ(report_of({.action = guard_action::add}, answer).text, "3 entries blocked\n");
}

}  // namespace
}  // namespace ringway::cli
