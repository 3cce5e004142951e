#include "http/h3_field_counter.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "support/h3_wire.hpp"

namespace ringway::http::detail {
namespace {

using std::string;
using test::prefixed;

std::size_t count(const string& section, std::size_t piece) {
    h3_field_counter counter;
    for (std::size_t at = 0; at < section.size(); at += piece) {
        counter.feed(as_bytes(std::string_view{section}.substr(at, piece)));
    }
    return counter.count();
}

void expect_count(const string& section, std::size_t want) {
    for (std::size_t piece = 1; piece <= section.size(); ++piece) {
        EXPECT_EQ(count(section, piece), want) << piece;
    }
}

string text(const string& of, unsigned char huffman = 0) {
    return prefixed(huffman, 7, of.size()) + of;
}

TEST(h3_field_counter, literals_with_literal_names) {
    expect_count(test::h3::block({}), 0);
    expect_count(test::h3::block({{"a", ""}, {"", "b"}, {string(300, 'n'), string(700, 'v')}}), 3);
}

// Goal: each form of RFC 9204 section 4.5 is one field, with numbers of one byte and of several.
TEST(h3_field_counter, every_form_of_a_line) {
    for (const std::uint64_t number : {0ULL, 5ULL, 6ULL, 7ULL, 63ULL, 64ULL, 300ULL, 1ULL << 40U}) {
        SCOPED_TRACE(number);
        const string prefix = prefixed(0, 8, number) + prefixed(0x80, 7, number);
        for (const string& line : {
                 prefixed(0x80, 6, number),                                 // Indexed, dynamic.
                 prefixed(0xc0, 6, number),                                 // Indexed, static.
                 prefixed(0x10, 4, number),                                 // Indexed, post-base.
                 prefixed(0x70, 4, number) + text("value"),                 // Literal, static name.
                 prefixed(0x40, 4, number) + text(string(200, 'x'), 0x80),  // Literal, Huffman.
                 prefixed(0x08, 3, number) + text("value"),                 // Post-base name.
                 prefixed(0x20, 3, 9) + "some-name" + text(""),
             }) {
            expect_count(prefix + line + line + prefixed(0xc0, 6, 17), 3);
        }
    }
}

// Goal: nonsense ends somewhere: nghttp3 refuses it.
TEST(h3_field_counter, numbers_without_end) {
    h3_field_counter counter;
    const string nonsense = string(2, '\0') + string(1000, '\xff');
    counter.feed(as_bytes(std::string_view{nonsense}));
    EXPECT_EQ(counter.count(), 1U);
}

}  // namespace
}  // namespace ringway::http::detail
