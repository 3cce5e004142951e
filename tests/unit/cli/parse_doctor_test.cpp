#include "cli/parse_doctor.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "support/parsed_options.hpp"

namespace ringway::cli {
namespace {

doctor_options read(std::vector<std::string_view> arguments) {
    return test::accepted(parse_doctor(arguments));
}

std::string refusal(std::vector<std::string_view> arguments) {
    return test::refused(parse_doctor(arguments));
}

TEST(parse_doctor, topics) {
    EXPECT_TRUE(read({}).topics.empty());
    EXPECT_EQ(read({"xdp", "tls"}).topics,
              (std::vector<probe::topic>{probe::topic::xdp, probe::topic::tls}));
    EXPECT_NE(refusal({"io_urin"}).find("io_uring"), std::string::npos);
}

TEST(parse_doctor, options) {
    EXPECT_TRUE(read({"--json"}).json);
    EXPECT_TRUE(read({"--fix"}).commands_only);
    EXPECT_TRUE(read({"-v"}).verbose);
    EXPECT_EQ(read({"--timeout", "10s"}).time, std::chrono::seconds{10});
    EXPECT_NE(refusal({"--timeout", "1ms"}).find("500ms to 10m"), std::string::npos);
    const auto one = read({"--interface", "lo", "--try"});
    EXPECT_EQ(one.interface, "lo");
    EXPECT_TRUE(one.try_interface);
    EXPECT_NE(refusal({"--interface", "nothing0"}).find("nothing0"), std::string::npos);
    EXPECT_NE(refusal({"--try"}).find("--interface"), std::string::npos);
    EXPECT_NE(refusal({"--json", "--fix"}).find("contradict"), std::string::npos);
}

TEST(parse_doctor, advice) {
    const auto typical = read({"advise", "iot", "--results", "a.json"});
    EXPECT_TRUE(typical.advise);
    EXPECT_EQ(typical.described.use, use_case::iot);
    EXPECT_EQ(typical.results, "a.json");
    const auto own = read({"advise", "iot", "--describe", "clients=7"});
    EXPECT_EQ(own.described.clients, 7);
    EXPECT_EQ(own.described.bytes, typical.described.bytes);
    EXPECT_EQ(read({"advise", "--describe", "size=5"}).described.use, use_case::general);
    EXPECT_NE(refusal({"advise"}).find("web-api"), std::string::npos);
    EXPECT_NE(refusal({"advise", "games"}).find("media"), std::string::npos);
    EXPECT_NE(refusal({"advise", "iot", "media"}).find("one use"), std::string::npos);
    EXPECT_NE(refusal({"advise", "iot", "--fix"}).find("advise"), std::string::npos);
    EXPECT_NE(refusal({"advise", "--describe", "loss=70"}).find("0% to 50%"), std::string::npos);
    EXPECT_NE(refusal({"--describe", "loss=5"}).find("advise"), std::string::npos);
}

TEST(parse_doctor, help) {
    auto parsed = parse_doctor(std::vector<std::string_view>{"--help"});
    ASSERT_NE(std::get_if<reply>(&parsed), nullptr);
    EXPECT_EQ(std::get<reply>(parsed).exit_code, 0);
}

}  // namespace
}  // namespace ringway::cli
