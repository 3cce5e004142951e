#include "http/stream_head.hpp"

#include <string>

#include <gtest/gtest.h>

#include "support/h2_client.hpp"

namespace ringway::http::detail {
namespace {

using test::h2::fields;
using test::h2::get;

class stream_head_test : public ::testing::Test {
protected:
    stream_head::outcome judge(const fields& list) {
        head_.start();
        for (const auto& [name, value] : list) {
            within_ = within_ && head_.add(name, value);
        }
        return head_.finish();
    }

    wire::head_limits limits_{.line_bytes_max = 1000,
                              .target_bytes_max = 20,
                              .header_bytes_max = 200,
                              .header_count_max = 5};
    stream_head head_{limits_, version::http_2};
    bool within_ = true;
};

TEST_F(stream_head_test, becomes_a_request) {
    EXPECT_FALSE(judge(get("/a?b=c", {{"range", "bytes=0-1"}, {"x", ""}})).malformed);
    const request& asked = head_.asked();
    EXPECT_EQ(asked.protocol, version::http_2);
    EXPECT_EQ(asked.method, wire::method_id::get);
    EXPECT_EQ(asked.path, "/a");
    EXPECT_EQ(asked.query, "b=c");
    EXPECT_EQ(asked.authority, "h");
    EXPECT_EQ(asked.find(wire::field::range), "bytes=0-1");
    EXPECT_EQ(asked.fields.size(), 2U);
    EXPECT_EQ(head_.target(), "/a?b=c");
}

TEST_F(stream_head_test, copy_outlives_the_section) {
    EXPECT_FALSE(judge(get("/a?b", {{"range", "bytes=0-1"}})).malformed);
    const stream_head::copy copy{head_};
    EXPECT_FALSE(judge(get("/other", {{"range", "xxxxxxxxx"}})).malformed);
    EXPECT_EQ(copy.asked().path, "/a");
    EXPECT_EQ(copy.asked().query, "b");
    EXPECT_EQ(copy.asked().authority, "h");
    EXPECT_EQ(copy.asked().method_text, "GET");
    EXPECT_EQ(copy.asked().find(wire::field::range), "bytes=0-1");
}

TEST_F(stream_head_test, limits_have_their_answers) {
    EXPECT_EQ(judge(get("/" + std::string(19, 'a'))).reject_status, 0);
    EXPECT_EQ(judge(get("/" + std::string(20, 'a'))).reject_status, 414);
    EXPECT_EQ(judge(get("/", {{"x", std::string(150, 'v')}})).reject_status, 0);
    EXPECT_EQ(judge(get("/", {{"x", std::string(300, 'v')}})).reject_status, 431);
    const fields five(5, {"cookie", "a"});
    EXPECT_EQ(judge(get("/", five)).reject_status, 0);
    const fields six(6, {"cookie", "a"});
    EXPECT_EQ(judge(get("/", six)).reject_status, 431);
    EXPECT_TRUE(within_);
}

TEST_F(stream_head_test, bombs_are_known_by_number_and_by_size) {
    static_cast<void>(judge(get("/", fields(30, {"a", ""}))));
    EXPECT_FALSE(within_);
    within_ = true;
    static_cast<void>(judge(get("/", fields(3, {"a", std::string(400, 'v')}))));
    EXPECT_FALSE(within_);
}

TEST_F(stream_head_test, methods_have_a_length) {
    fields list = get("/");
    list[0].second = std::string(33, 'M');
    EXPECT_EQ(judge(list).reject_status, 501);
}

TEST_F(stream_head_test, content_length_is_digits) {
    EXPECT_FALSE(judge(get("/", {{"content-length", "12"}})).malformed);
    EXPECT_EQ(head_.content_length(), 12U);
    for (const char* bad : {"", "-1", "+1", "1 ", "0x1", "99999999999999999999"}) {
        EXPECT_TRUE(judge(get("/", {{"content-length", bad}})).malformed) << bad;
    }
}

// Longer values are nghttp2's and nghttp3's to judge.
TEST_F(stream_head_test, values_of_one_byte_are_no_control) {
    for (const char* bad : {"\n", "\r", "\x01", "\x7f"}) {
        EXPECT_TRUE(judge(get("/", {{"x", bad}})).malformed);
    }
    EXPECT_FALSE(judge(get("/", {{"x", "y"}})).malformed);
}

TEST_F(stream_head_test, host_and_authority_agree) {
    EXPECT_FALSE(judge(get("/", {{"host", "H"}})).malformed);
    EXPECT_TRUE(judge(get("/", {{"host", "other"}})).malformed);
    EXPECT_FALSE(judge(get("/", {{"expect", "100-Continue"}})).malformed);
    EXPECT_TRUE(head_.expects_continue());
}

}  // namespace
}  // namespace ringway::http::detail
