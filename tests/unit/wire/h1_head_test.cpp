#include "wire/h1_head.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire::detail {
namespace {

// Gives `fields` to a builder as the section reader would, and finishes.
h1_reject build(head_builder& builder, std::string_view fields, unsigned minor = 1) {
    field_section_reader reader;
    builder.start(minor, 0);
    builder.set_message(fields);
    const auto read = reader.feed(fields, {}, &builder);
    return read.refused ? read.refused : builder.finish();
}

TEST(h1_head, fields_are_indexed_by_what_they_are) {
    head_builder builder;
    ASSERT_FALSE(
        build(builder, "X: 1\r\nHOST: h\r\nRange:  bytes=0- \r\nX: 2\r\nrange: b\r\n\r\n"));
    const auto& head = builder.head;
    ASSERT_EQ(head.fields.size(), 5U);
    EXPECT_EQ(head.fields[3].name, "X");
    EXPECT_EQ(head.fields[3].value, "2");
    EXPECT_EQ(head.present, field_bit(field::host) | field_bit(field::range));
    EXPECT_EQ(head.repeated, field_bit(field::range));
    ASSERT_NE(head.find(field::range), nullptr);
    EXPECT_EQ(*head.find(field::range), "bytes=0-");
    EXPECT_EQ(head.find(field::if_range), nullptr);
    EXPECT_EQ(head.host, "h");
}

TEST(h1_head, nothing_remains_of_the_message_before) {
    head_builder builder;
    ASSERT_FALSE(build(builder,
                       "Host: h\r\nContent-Length: 3\r\nRange: x\r\nConnection: close\r\n"
                       "Expect: 100-continue\r\n\r\n"));
    EXPECT_EQ(builder.head.content_length, 3U);
    EXPECT_TRUE(builder.head.expect_continue);
    EXPECT_FALSE(builder.head.keep_alive);
    ASSERT_FALSE(build(builder, "Host: i\r\n\r\n"));
    EXPECT_EQ(builder.head.content_length, std::nullopt);
    EXPECT_FALSE(builder.head.expect_continue);
    EXPECT_TRUE(builder.head.keep_alive);
    EXPECT_EQ(builder.head.fields.size(), 1U);
    EXPECT_FALSE(builder.head.has(field::range));
    EXPECT_EQ(builder.head.host, "i");
}

TEST(h1_head, connection_persists_as_asked) {
    const auto keeps = [](std::string_view connection, unsigned minor) {
        head_builder builder;
        EXPECT_FALSE(build(builder, "Host: h\r\n" + std::string{connection} + "\r\n", minor));
        return builder.head.keep_alive;
    };
    EXPECT_TRUE(keeps("", 1));
    EXPECT_FALSE(keeps("", 0));
    EXPECT_FALSE(keeps("Connection: close\r\n", 1));
    EXPECT_FALSE(keeps("Connection: Keep-Alive, CLOSE\r\n", 1));
    EXPECT_TRUE(keeps("Connection: Keep-Alive\r\n", 0));
    EXPECT_TRUE(keeps("Connection: foo,,keep-alive\r\n", 0));
    EXPECT_FALSE(keeps("Connection: keep-alive\r\nConnection: close\r\n", 0));
    EXPECT_TRUE(keeps("Connection: closed\r\n", 1));
    EXPECT_TRUE(keeps("Connection:\r\n", 1));
    EXPECT_TRUE(keeps("Proxy-Connection: close\r\n", 1));
}

TEST(h1_head, expectation_is_for_http_1_1) {
    head_builder builder;
    ASSERT_FALSE(build(builder, "Host: h\r\nExpect: 100-Continue\r\n\r\n"));
    EXPECT_TRUE(builder.head.expect_continue);
    ASSERT_FALSE(build(builder, "Host: h\r\nExpect: 100-continue\r\n\r\n", 0));
    EXPECT_FALSE(builder.head.expect_continue);
    ASSERT_FALSE(build(builder, "Host: h\r\nExpect: 200-ok\r\n\r\n"));
    EXPECT_FALSE(builder.head.expect_continue);
    EXPECT_TRUE(builder.head.has(field::expect));
}

TEST(h1_head, content_length_is_digits) {
    const auto length = [](std::string_view value) {
        head_builder builder;
        const auto text = "Host: h\r\nContent-Length: " + std::string{value} + "\r\n\r\n";
        const auto refused = build(builder, text);
        return refused ? std::nullopt : builder.head.content_length;
    };
    EXPECT_EQ(length("0"), 0U);
    EXPECT_EQ(length("42 "), 42U);
    EXPECT_EQ(length("007"), 7U);
    EXPECT_EQ(length("9999999999999999999"), 9'999'999'999'999'999'999U);
    EXPECT_EQ(length("00000000000000000001"), std::nullopt);
    EXPECT_EQ(length("18446744073709551616"), std::nullopt);
}

TEST(h1_head, more_fields_than_usual_are_kept) {
    std::string fields = "Host: h\r\n";
    for (int i = 0; i < 90; ++i) {
        fields += "X-" + std::to_string(i) + ": " + std::to_string(i) + "\r\n";
    }
    fields += "Range: last\r\n\r\n";
    head_builder builder;
    ASSERT_FALSE(build(builder, fields));
    EXPECT_EQ(builder.head.fields.size(), 92U);
    EXPECT_EQ(builder.head.fields[50].value, "49");
    EXPECT_EQ(*builder.head.find(field::range), "last");
}

}  // namespace
}  // namespace ringway::wire::detail
