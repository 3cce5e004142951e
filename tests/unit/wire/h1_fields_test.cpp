#include "wire/h1_fields.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::wire::detail {
namespace {

// Writes down what it is told; refuses names and values that say so.
class recording_sink final : public field_sink {
public:
    explicit recording_sink(std::string_view section) : section_{section} {}

    h1_reject on_name(text_place name) noexcept override {
        names.emplace_back(section_.substr(name.at, name.size));
        return names.back() == "Refuse" ? h1_reject{499, "name"} : h1_reject{};
    }
    h1_reject on_value(text_place value) noexcept override {
        values.emplace_back(section_.substr(value.at, value.size));
        return values.back() == "refuse" ? h1_reject{499, "value"} : h1_reject{};
    }

    std::vector<std::string> names;
    std::vector<std::string> values;

private:
    std::string_view section_;
};

struct reading {
    int status = 0;
    bool complete = false;
    std::size_t consumed = 0;
    std::vector<std::string> names;
    std::vector<std::string> values;
};

reading read(std::string_view section, std::size_t piece, const head_limits& limits) {
    field_section_reader reader;
    recording_sink sink{section};
    field_section_reader::outcome outcome;
    std::size_t at = 0;
    while (at < section.size() && !outcome.refused && !outcome.complete) {
        const std::string moved{section.substr(at, piece)};
        outcome = reader.feed(moved, limits, &sink);
        at += outcome.consumed;
    }
    return {outcome.refused.status, outcome.complete, outcome.refused ? 0 : at, sink.names,
            sink.values};
}

// The same whole and byte by byte.
reading read(std::string_view section, const head_limits& limits = {}) {
    const auto whole = read(section, section.size(), limits);
    EXPECT_EQ(read(section, 1, limits).status, whole.status) << section;
    EXPECT_EQ(read(section, 1, limits).consumed, whole.consumed) << section;
    EXPECT_EQ(read(section, 1, limits).values, whole.values) << section;
    EXPECT_EQ(read(section, 3, limits).values, whole.values) << section;
    return whole;
}

TEST(h1_fields, names_and_values_arrive_in_order) {
    const auto result = read("A: 1\r\nB:\r\nC: \t\r\nD:  x  y \r\n\r\nrest");
    EXPECT_TRUE(result.complete);
    EXPECT_EQ(result.consumed, 29U);
    EXPECT_EQ(result.names, (std::vector<std::string>{"A", "B", "C", "D"}));
    EXPECT_EQ(result.values, (std::vector<std::string>{"1", "", "", "x  y "}));
}

TEST(h1_fields, section_can_be_empty) {
    const auto result = read("\r\nrest");
    EXPECT_TRUE(result.complete);
    EXPECT_EQ(result.consumed, 2U);
}

TEST(h1_fields, sink_can_refuse) {
    EXPECT_EQ(read("A: 1\r\nRefuse: 2\r\n\r\n").status, 499);
    const auto result = read("A: refuse\r\nB: 2\r\n\r\n");
    EXPECT_EQ(result.status, 499);
    EXPECT_EQ(result.names.size(), 1U);
}

TEST(h1_fields, sink_is_optional) {
    field_section_reader reader;
    const auto result = reader.feed("A: 1\r\n\r\n", {}, nullptr);
    EXPECT_TRUE(result.complete);
    EXPECT_EQ(result.consumed, 8U);
}

TEST(h1_fields, reader_can_be_used_again) {
    field_section_reader reader;
    EXPECT_TRUE(reader.feed("A : 1", {}, nullptr).refused);
    reader.reset();
    EXPECT_TRUE(reader.feed("A: 1\r\n\r\n", {}, nullptr).complete);
    reader.reset();
    EXPECT_TRUE(reader.feed("\r\n", {}, nullptr).complete);
}

TEST(h1_fields, count_is_limited) {
    const head_limits limits{.header_count_max = 2};
    EXPECT_TRUE(read("A: 1\r\nB: 2\r\n\r\n", limits).complete);
    EXPECT_EQ(read("A: 1\r\nB: 2\r\nC: 3\r\n\r\n", limits).status, 431);
}

TEST(h1_fields, bytes_are_limited_to_the_last_one) {
    constexpr std::string_view section = "A: 1\r\nB: 2\r\n\r\n";
    EXPECT_TRUE(read(section, {.header_bytes_max = section.size()}).complete);
    for (std::size_t size = 0; size < section.size(); ++size) {
        EXPECT_EQ(read(section, {.header_bytes_max = size}).status, 431) << size;
    }
}

TEST(h1_fields, line_is_limited_to_the_last_byte) {
    const head_limits limits{.line_bytes_max = 256};
    const auto line = [](std::size_t bytes) {
        return "A: " + std::string(bytes - 3, 'x') + "\r\n";
    };
    EXPECT_TRUE(read(line(256) + "\r\n", limits).complete);
    EXPECT_TRUE(read(line(256) + line(256) + "\r\n", limits).complete);
    EXPECT_EQ(read(line(257) + "\r\n", limits).status, 431);
    EXPECT_EQ(read("B: 1\r\n" + line(257) + "\r\n", limits).status, 431);
    EXPECT_EQ(read(std::string(257, 'n') + ": 1\r\n\r\n", limits).status, 431);
    EXPECT_EQ(read("A: " + std::string(1000, 'x'), limits).status, 431);
    EXPECT_EQ(read(line(257), limits).status, 431);  // Nothing behind it yet.
    EXPECT_EQ(read(line(256), limits).status, 0);
}

// Goal: what comes first decides, even when both errors are in one piece.
TEST(h1_fields, first_error_in_a_line_wins) {
    const head_limits limits{.line_bytes_max = 256};
    EXPECT_EQ(read("A: " + std::string(300, 'x') + "\x01\r\n\r\n", limits).status, 431);
    EXPECT_EQ(read("A: " + std::string(200, 'x') + "\x01" + std::string(100, 'x'), limits).status,
              400);
    EXPECT_EQ(read(std::string(300, 'n') + " : 1\r\n\r\n", limits).status, 431);
    EXPECT_EQ(read("A: " + std::string(253, 'x') + "\r\n\x01", limits).status, 400);
}

}  // namespace
}  // namespace ringway::wire::detail
