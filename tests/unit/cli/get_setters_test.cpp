#include "cli/get_setters.hpp"

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

TEST(get_setters, fields) {
    get_options to;
    EXPECT_TRUE(add_field(to, "X-A:  b:c "));
    EXPECT_EQ(to.fields.at(0).name, "X-A");
    EXPECT_EQ(to.fields.at(0).value, "b:c");
    EXPECT_FALSE(add_field(to, "no colon"));
    EXPECT_FALSE(add_field(to, ": x"));
}

TEST(get_setters, ranges) {
    const auto text = [](std::string_view value) {
        get_options to;
        return set_range(to, value) ? to.range->text() : "refused";
    };
    EXPECT_EQ(text("0-99"), "0-99");
    EXPECT_EQ(text("100-"), "100-");
    EXPECT_EQ(text("-5"), "-5");
    for (const char* const wrong : {"", "-", "5", "9-5", "-0", "a-b", "1-2,4-5", "1-2x"}) {
        EXPECT_EQ(text(wrong), "refused") << wrong;
    }
}

TEST(get_setters, addresses) {
    get_options to;
    EXPECT_TRUE(add_address(to, "Example.org:443:127.0.0.1,::1"));
    const auto& given = to.addresses.at("example.org:443");
    ASSERT_EQ(given.size(), 2U);
    EXPECT_EQ(given[0].to_text(), "127.0.0.1:443");
    EXPECT_EQ(given[1].to_text(), "[::1]:443");
    EXPECT_TRUE(add_address(to, "[::1]:80:127.0.0.2"));
    EXPECT_EQ(to.addresses.at("::1:80")[0].to_text(), "127.0.0.2:80");
    for (const char* const wrong : {"", "a", "a:1", "a:1:b", "a:x:127.0.0.1", "a:1:"}) {
        EXPECT_FALSE(add_address(to, wrong) && !to.addresses["a:1"].empty()) << wrong;
    }
}

TEST(get_setters, migrations) {
    get_options to;
    EXPECT_TRUE(add_migration(to, "127.0.0.2"));
    EXPECT_TRUE(add_migration(to, "127.0.0.2:5000"));
    EXPECT_TRUE(add_migration(to, "::1"));
    EXPECT_TRUE(add_migration(to, "[::1]:5000"));
    EXPECT_EQ(to.migrate.at(1).port(), 5000);
    EXPECT_EQ(to.migrate.at(2).to_text(), "[::1]:0");
    EXPECT_FALSE(add_migration(to, "eth0"));
}

TEST(get_setters, one_version_only) {
    get_options to;
    EXPECT_TRUE(set_version(to, http::client_version::http_2));
    EXPECT_TRUE(set_version(to, http::client_version::http_2));
    EXPECT_FALSE(set_version(to, http::client_version::http_3));
}

}  // namespace
}  // namespace ringway::cli
