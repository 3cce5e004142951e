// The Range field against representations of several sizes: RFC 9110 section 14, the tables of
// other servers' tests, and the headers that attacks are made of.
#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <ringway/wire/range.hpp>

namespace ringway::wire {
namespace {

struct range_case {
    std::string_view header;
    std::uint64_t size;
    std::string_view expected;  // "ignore", "416", or the parts as first+length.
};

std::string answer(std::string_view header, std::uint64_t size) {
    const auto set = parse_range(header, size);
    if (set.verdict == range_verdict::ignore) {
        return "ignore";
    }
    std::string text = set.verdict == range_verdict::unsatisfiable ? "416" : "";
    for (const auto& [first, length] : set.parts()) {
        text += (text.empty() ? "" : " ") + std::to_string(first) + "+" + std::to_string(length);
    }
    return text;
}

constexpr range_case cases[] = {
    // The examples of section 14.1.2, of 10000 bytes.
    {"bytes=0-499", 10000, "0+500"},
    {"bytes=500-999", 10000, "500+500"},
    {"bytes=-500", 10000, "9500+500"},
    {"bytes=9500-", 10000, "9500+500"},
    {"bytes=0-0,-1", 10000, "0+1 9999+1"},
    {"bytes= 0-999, 4500-5499, -1000", 10000, "0+1000 4500+1000 9000+1000"},
    {"bytes=500-600,601-999", 10000, "500+500"},
    {"bytes=500-700,601-999", 10000, "500+500"},
    // One part.
    {"bytes=0-0", 1, "0+1"},
    {"bytes=0-", 10, "0+10"},
    {"bytes=9-9", 10, "9+1"},
    {"bytes=2-100", 10, "2+8"},
    {"bytes=-3", 10, "7+3"},
    {"bytes=-10", 10, "0+10"},
    {"bytes=-11", 10, "0+10"},
    {"bytes=00-01", 10, "0+2"},
    {"BYTES=0-1", 10, "0+2"},
    {"Bytes=0-1", 10, "0+2"},
    // White space and empty elements of the list.
    {"bytes=0-1 , 5-6", 10, "0+7"},
    {"bytes=,0-1,,", 10, "0+2"},
    {"bytes=0-1\t,\t", 10, "0+2"},
    // Not satisfiable.
    {"bytes=10-", 10, "416"},
    {"bytes=10-20", 10, "416"},
    {"bytes=-0", 10, "416"},
    {"bytes=10-,-0,99-100", 10, "416"},
    {"bytes=18446744073709551615-", 10, "416"},
    {"bytes=18446744073709551616-", 10, "416"},
    {"bytes=99999999999999999999999999-", 10, "416"},
    // Some parts satisfiable.
    {"bytes=20-30,0-1", 10, "0+2"},
    {"bytes=-0,0-1", 10, "0+2"},
    // An empty representation has no parts; the whole is as good.
    {"bytes=0-", 0, "ignore"},
    {"bytes=-5", 0, "ignore"},
    {"bytes=0-0", 0, "ignore"},
    // Malformed as a whole, whatever else is in the list.
    {"", 10, "ignore"},
    {"bytes", 10, "ignore"},
    {"bytes=", 10, "ignore"},
    {"bytes=,", 10, "ignore"},
    {"bytes=-", 10, "ignore"},
    {"bytes=--1", 10, "ignore"},
    {"bytes=0", 10, "ignore"},
    {"bytes=5-3", 10, "ignore"},
    {"bytes=0-1,5-3", 10, "ignore"},
    {"bytes=20-15", 10, "ignore"},
    {"bytes=a-b", 10, "ignore"},
    {"bytes=0-b", 10, "ignore"},
    {"bytes=0x0-1", 10, "ignore"},
    {"bytes=+0-1", 10, "ignore"},
    {"bytes=0-+1", 10, "ignore"},
    {"bytes=-+1", 10, "ignore"},
    {"bytes=-1-", 10, "ignore"},
    {"bytes=0-1-2", 10, "ignore"},
    {"bytes=0 -1", 10, "ignore"},
    {"bytes=0- 1", 10, "ignore"},
    {"bytes=- 1", 10, "ignore"},
    {"bytes=0-1;5-6", 10, "ignore"},
    {"bytes=0-1 5-6", 10, "ignore"},
    {"bytes=*", 10, "ignore"},
    {"bytes =0-1", 10, "ignore"},
    {" bytes=0-1", 10, "ignore"},
    {"bytes: 0-1", 10, "ignore"},
    {"bytes 0-1", 10, "ignore"},
    {"0-1", 10, "ignore"},
    {"=0-1", 10, "ignore"},
    // Other units.
    {"items=0-5", 10, "ignore"},
    {"seconds=1-2", 10, "ignore"},
    {"none", 10, "ignore"},
    // More than there is.
    {"bytes=0-9,0-9", 10, "ignore"},
    {"bytes=0-,0-,0-,0-,0-", 10, "ignore"},
    {"bytes=0-9,-1", 10, "ignore"},
    {"bytes=0-4,5-9", 10, "0+10"},
};

TEST(range_table, every_header_is_understood_as_written_down) {
    for (const auto& [header, size, expected] : cases) {
        EXPECT_EQ(answer(header, size), expected) << header << " of " << size;
    }
}

}  // namespace
}  // namespace ringway::wire
