#include <ringway/http/client_types.hpp>

#include <gtest/gtest.h>

namespace ringway::http {
namespace {

TEST(client_types, versions_have_their_names) {
    EXPECT_EQ(name_of(client_version::http_1_1), "HTTP/1.1");
    EXPECT_EQ(name_of(client_version::http_2), "HTTP/2");
    EXPECT_EQ(name_of(client_version::http_3), "HTTP/3");
}

TEST(client_types, fields_are_found_whatever_their_case) {
    const std::vector<client_field> fields{{"ETag", "1"}, {"etag", "2"}, {"x", ""}};
    ASSERT_NE(find_field(fields, "eTAG"), nullptr);
    EXPECT_EQ(*find_field(fields, "eTAG"), "1");
    EXPECT_EQ(*find_field(fields, "X"), "");
    EXPECT_EQ(find_field(fields, "eta"), nullptr);
}

}  // namespace
}  // namespace ringway::http
