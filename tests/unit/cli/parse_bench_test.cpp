#include "cli/parse_bench.hpp"

#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/bench_tables.hpp"

namespace ringway::cli {
namespace {

std::variant<bench_options, reply> parse(std::initializer_list<std::string_view> arguments) {
    const std::vector<std::string_view> all{arguments};
    return parse_bench(all);
}

void expect_error(std::initializer_list<std::string_view> arguments, std::string_view text) {
    const auto parsed = parse(arguments);
    ASSERT_TRUE(std::holds_alternative<reply>(parsed));
    EXPECT_EQ(std::get<reply>(parsed).exit_code, reply::usage_status);
    EXPECT_EQ(std::get<reply>(parsed).text, std::string{text} + "\n");
}

TEST(parse_bench, options) {
    const auto parsed = parse({"quic", "handshake", "hol", "--quick", "--seed", "9", "-n", "5",
                               "--out", "results", "--capture=x.pcapng", "-q"});
    ASSERT_TRUE(std::holds_alternative<bench_options>(parsed));
    const auto& options = std::get<bench_options>(parsed);
    EXPECT_EQ(options.table, "quic");
    EXPECT_EQ(options.experiments, (std::vector<std::string>{"handshake", "hol"}));
    EXPECT_TRUE(options.quick);
    EXPECT_TRUE(options.quiet);
    EXPECT_EQ(options.seed, 9U);
    EXPECT_EQ(options.samples, 5U);
    EXPECT_EQ(options.out, "results");
    EXPECT_EQ(options.capture, "x.pcapng");
}

TEST(parse_bench, constant_rates) {
    const auto parsed = parse({"latency", "--rate", "1,5000000"});
    ASSERT_TRUE(std::holds_alternative<bench_options>(parsed));
    EXPECT_EQ(std::get<bench_options>(parsed).rates, (std::vector<double>{1, 5'000'000}));
    for (const auto* const wrong : {"0", "5000001", "fast", "", ",", "-5", "1e3"}) {
        const auto refused = parse({"latency", "--rate", wrong});
        ASSERT_TRUE(std::holds_alternative<reply>(refused)) << wrong;
        EXPECT_EQ(std::get<reply>(refused).exit_code, reply::usage_status) << wrong;
    }
    expect_error({"net", "--rate", "5"},
                 "ringway: --rate is for latency: nothing else asks at a constant rate");
}

TEST(parse_bench, lists) {
    for (const auto& parsed : {parse({"--list"}), parse({"quic", "--list"})}) {
        ASSERT_TRUE(std::holds_alternative<reply>(parsed));
        const auto& told = std::get<reply>(parsed);
        EXPECT_EQ(told.exit_code, 0);
        for (const auto& one : find_bench_table("quic")->entries()) {
            EXPECT_TRUE(told.text.contains(one.name));
            EXPECT_TRUE(told.text.contains(one.summary));
        }
    }
}

TEST(parse_bench, mistakes_are_told) {
    expect_error({},
                 "ringway: bench what? ringway bench quic (ringway bench --list lists what "
                 "there is)");
    expect_error({"quick"},
                 "ringway: bench has no table quick; did you mean quic? (ringway bench --list "
                 "lists them)");
    expect_error({"quic", "handshakes"},
                 "ringway: quic has no experiment handshakes; did you mean handshake? (ringway "
                 "bench quic --list lists them)");
    EXPECT_TRUE(std::holds_alternative<reply>(parse({"quic", "--seed", "x"})));
    EXPECT_TRUE(std::holds_alternative<reply>(parse({"quic", "--samples", "0"})));
    EXPECT_TRUE(std::holds_alternative<reply>(parse({"quic", "--nonsense"})));
}

TEST(parse_bench, help) {
    const auto parsed = parse({"--help"});
    ASSERT_TRUE(std::holds_alternative<reply>(parsed));
    EXPECT_TRUE(std::get<reply>(parsed).text.contains("usage: ringway bench"));
}

}  // namespace
}  // namespace ringway::cli
