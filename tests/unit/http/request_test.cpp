#include <ringway/http/request.hpp>

#include <vector>

#include <gtest/gtest.h>

#include "support/made_request.hpp"

namespace ringway::http {
namespace {

using testing::made_request;
using wire::field;

TEST(request, takes_what_the_parser_found) {
    const std::vector<wire::header_field> fields{{"Host", "a.example"}, {"Range", "bytes=0-1"}};
    wire::request_head head;
    head.method = wire::method_id::head;
    head.method_text = "HEAD";
    head.target = "/dir/x?q=1";
    head.version_minor = 0;
    head.fields = fields;
    head.host = "a.example";
    head.present = wire::field_bit(field::host) | wire::field_bit(field::range);
    head.first[static_cast<std::size_t>(field::range)] = 1;

    const auto made = make_request(head);

    EXPECT_EQ(made.protocol, version::http_1_0);
    EXPECT_EQ(made.method, wire::method_id::head);
    EXPECT_EQ(made.method_text, "HEAD");
    EXPECT_EQ(made.path, "/dir/x");
    EXPECT_EQ(made.query, "q=1");
    EXPECT_EQ(made.authority, "a.example");
    EXPECT_EQ(made.find(field::range), "bytes=0-1");
    EXPECT_FALSE(made.has(field::if_range));
}

TEST(request, keeps_the_asterisk_of_options) {
    wire::request_head head;
    head.method = wire::method_id::options;
    head.target = "*";

    const auto made = make_request(head);

    EXPECT_EQ(made.path, "*");
    EXPECT_EQ(made.protocol, version::http_1_1);
}

TEST(request, indexes_fields_by_first_occurrence) {
    const made_request made{wire::method_id::get,
                            {{"x-other", "1"},
                             {"IF-MATCH", "\"a\""},
                             {"if-match", "\"b\""},
                             {"x-other", "2"},
                             {"accept", ""}}};
    const request& asked = made;

    EXPECT_EQ(asked.find(field::if_match), "\"a\"");
    EXPECT_TRUE(asked.is_repeated(field::if_match));
    EXPECT_TRUE(asked.has(field::accept));
    EXPECT_EQ(asked.find(field::accept), "");
    EXPECT_FALSE(asked.is_repeated(field::accept));
    EXPECT_EQ(asked.find(field::range), "");
    EXPECT_FALSE(asked.has(field::range));
}

TEST(request, indexes_as_many_fields_as_one_byte_can_name) {
    std::vector<wire::header_field> fields(request_fields_max - 1, {"x", "y"});
    fields.push_back({"range", "bytes=0-"});
    const made_request made{wire::method_id::get, std::move(fields)};

    const request& asked = made;

    EXPECT_EQ(asked.find(field::range), "bytes=0-");
}

TEST(request, names_versions_for_logs) {
    EXPECT_EQ(name_of(version::http_1_0), "HTTP/1.0");
    EXPECT_EQ(name_of(version::http_3), "HTTP/3");
}

}  // namespace
}  // namespace ringway::http
