#include <ringway/wire/range.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

constexpr auto huge = std::numeric_limits<std::uint64_t>::max();

std::vector<byte_range> parts_of(std::string_view header, std::uint64_t size) {
    const auto set = parse_range(header, size);
    return {set.parts().begin(), set.parts().end()};
}

using parts = std::vector<byte_range>;

TEST(range, near_parts_become_one_where_the_first_stood) {
    EXPECT_EQ(parts_of("bytes=0-9,10-19", 1000), (parts{{0, 20}}));
    EXPECT_EQ(parts_of("bytes=0-9,5-19", 1000), (parts{{0, 20}}));
    EXPECT_EQ(parts_of("bytes=0-9,89-99", 1000), (parts{{0, 100}}));           // Gap of 79.
    EXPECT_EQ(parts_of("bytes=0-9,90-99", 1000), (parts{{0, 10}, {90, 10}}));  // Gap of 80.
    EXPECT_EQ(parts_of("bytes=500-509,0-9,505-519", 1000), (parts{{500, 20}, {0, 10}}));
}

// Goal: a part that closes the gap between two others makes one of all three.
TEST(range, bridge_joins_both_sides) {
    EXPECT_EQ(parts_of("bytes=0-9,900-909,200-209,100-109,50-60,150-160", 1000),
              (parts{{0, 210}, {900, 10}}));
}

TEST(range, client_order_is_kept) {
    EXPECT_EQ(parts_of("bytes=900-909,500-509,0-9", 1000), (parts{{900, 10}, {500, 10}, {0, 10}}));
}

TEST(range, number_of_parts_is_limited) {
    const auto header = [](int count) {
        std::string text = "bytes=";
        for (int i = 0; i < count; ++i) {
            text += std::to_string(i * 1000) + "-" + std::to_string(i * 1000) + ",";
        }
        return text;
    };
    EXPECT_EQ(parse_range(header(16), 1'000'000).count, 16);
    EXPECT_EQ(parse_range(header(17), 1'000'000).verdict, range_verdict::ignore);
}

TEST(range, number_of_specs_is_limited) {
    const auto header = [](int count) {
        std::string text = "bytes=";
        for (int i = 0; i < count; ++i) {
            text += "5-5,";
        }
        return text;
    };
    EXPECT_EQ(parts_of(header(256), 1000), (parts{{5, 1}}));
    EXPECT_EQ(parse_range(header(257), 1000).verdict, range_verdict::ignore);
}

// Goal: CVE-2011-3192 and RangeAmp: asking for more than there is gets the whole, once.
TEST(range, overlaps_that_exceed_the_size_are_ignored) {
    std::string header = "bytes=";
    for (int i = 0; i < 1300; ++i) {
        header += "0-,";
    }
    EXPECT_EQ(parse_range(header, 1000).verdict, range_verdict::ignore);
    EXPECT_EQ(parse_range("bytes=0-,0-", 1000).verdict, range_verdict::ignore);
    EXPECT_EQ(parse_range("bytes=0-499,500-999", 1000).verdict, range_verdict::satisfiable);
    EXPECT_EQ(parse_range("bytes=0-499,499-999", 1000).verdict, range_verdict::ignore);
}

TEST(range, largest_sizes_do_not_overflow) {
    EXPECT_EQ(parts_of("bytes=18446744073709551614-", huge), (parts{{huge - 1, 1}}));
    EXPECT_EQ(parse_range("bytes=18446744073709551615-", huge).verdict,
              range_verdict::unsatisfiable);
    EXPECT_EQ(parts_of("bytes=0-18446744073709551615", huge), (parts{{0, huge}}));
    EXPECT_EQ(parts_of("bytes=-99999999999999999999999", huge), (parts{{0, huge}}));
    EXPECT_EQ(parts_of("bytes=1-1,-1", huge), (parts{{1, 1}, {huge - 1, 1}}));
    EXPECT_EQ(parse_range("bytes=99999999999999999999999-", 10).verdict,
              range_verdict::unsatisfiable);
    EXPECT_EQ(parts_of("bytes=0-99999999999999999999999", 10), (parts{{0, 10}}));
}

// A second, slower way to the answer: sets of single bytes.
struct model {
    range_verdict verdict = range_verdict::ignore;
    std::vector<bool> wanted;
};

struct spec {
    int first = -1;  // -1: suffix.
    int last = -1;   // -1: open.
};

model evaluate(const std::vector<spec>& specs, int size) {
    model result{.verdict = range_verdict::unsatisfiable,
                 .wanted = std::vector<bool>(static_cast<std::size_t>(size))};
    int requested = 0;
    for (const auto& [first, last] : specs) {
        const int from = first < 0 ? std::max(0, size - last) : first;
        const int to = first < 0 || last < 0 ? size - 1 : std::min(last, size - 1);
        for (int at = from; at <= to; ++at) {
            result.wanted[static_cast<std::size_t>(at)] = true;
            ++requested;
            result.verdict = range_verdict::satisfiable;
        }
    }
    if (requested > size) {
        result.verdict = range_verdict::ignore;
    }
    return result;
}

std::string text_of(const std::vector<spec>& specs) {
    std::string text = "bytes=";
    for (const auto& [first, last] : specs) {
        text += (first < 0 ? "" : std::to_string(first)) + "-" +
                (last < 0 ? "" : std::to_string(last)) + ", ";
    }
    return text;
}

// Goal: the parts cover what was asked for, nothing but small gaps besides, and are apart.
TEST(range, agrees_with_a_naive_model) {
    std::mt19937 random{7};
    const auto below = [&random](int end) { return static_cast<int>(random() % unsigned(end)); };
    for (int round = 0; round < 20'000; ++round) {
        const int size = 1 + below(3000);
        std::vector<spec> specs(static_cast<std::size_t>(1 + below(6)));
        for (auto& [first, last] : specs) {
            first = below(8) == 0 ? -1 : below(size + 20);
            last = first < 0 ? below(50) : below(6) == 0 ? -1 : first + below(200);
        }
        const auto expected = evaluate(specs, size);
        const auto actual = parse_range(text_of(specs), static_cast<std::uint64_t>(size));
        ASSERT_EQ(actual.verdict, expected.verdict) << text_of(specs) << " of " << size;
        std::vector<bool> served(static_cast<std::size_t>(size));
        for (const auto& part : actual.parts()) {
            ASSERT_GT(part.length, 0U);
            for (auto at = part.first; at < part.first + part.length; ++at) {
                ASSERT_FALSE(served.at(at)) << text_of(specs);
                served[at] = true;
            }
        }
        if (actual.verdict != range_verdict::satisfiable) {
            continue;
        }
        int unasked = 0;
        for (std::size_t at = 0; at < served.size(); ++at) {
            ASSERT_TRUE(served[at] || !expected.wanted[at]) << text_of(specs) << " byte " << at;
            unasked = served[at] && !expected.wanted[at] ? unasked + 1 : 0;
            ASSERT_LT(unasked, 80) << text_of(specs);
        }
    }
}

TEST(range, content_range_is_written) {
    std::array<char, content_range_bytes_max> out{};
    EXPECT_EQ(format_content_range({0, 1}, 2, out), "bytes 0-0/2");
    EXPECT_EQ(format_content_range({huge - 2, 2}, huge, out),
              "bytes 18446744073709551613-18446744073709551614/18446744073709551615");
    EXPECT_EQ(format_unsatisfied_range(1234, out), "bytes */1234");
}

TEST(range_death_test, content_range_outside_of_the_representation_is_a_bug) {
    std::array<char, content_range_bytes_max> out{};
    EXPECT_DEATH((void)format_content_range({5, 6}, 10, out), "assertion failed");
    EXPECT_DEATH((void)format_content_range({5, 0}, 10, out), "assertion failed");
}

}  // namespace
}  // namespace ringway::wire
