#include <ringway/files/plan_redirect.hpp>

#include <array>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include <ringway/wire/path.hpp>

#include "support/made_request.hpp"

namespace ringway::files {
namespace {

using testing::made_request;
using wire::method_id;

std::string location_of(std::string_view path, std::string_view query = {}) {
    const made_request asked{method_id::get, {}, "/", query};
    http::response out;
    plan_redirect(asked, path, out);
    EXPECT_EQ(out.plan.status, 301);
    EXPECT_GE(out.plan.headers.free_text().size(), http::header_list::text_bytes_reserved);
    return std::string{out.plan.headers.find("Location")};
}

TEST(plan_redirect, adds_the_slash) {
    const made_request asked{method_id::get};
    http::response out;

    plan_redirect(asked, "a/b", out);

    EXPECT_EQ(out.plan.status, 301);
    EXPECT_EQ(out.plan.headers.find("Location"), "/a/b/");
    EXPECT_EQ(out.plan.headers.find("Content-Length"), "0");
    EXPECT_EQ(http::length_of(out.plan.body), 0U);
}

TEST(plan_redirect, encodes_the_path) {
    EXPECT_EQ(location_of("a b/\xc3\xa9"), "/a%20b/%C3%A9/");
    EXPECT_EQ(location_of("100%"), "/100%25/");
    EXPECT_EQ(location_of("x?y#z"), "/x%3Fy%23z/");
}

TEST(plan_redirect, never_names_another_host) {
    EXPECT_EQ(location_of("evil.example"), "/evil.example/");
    EXPECT_EQ(location_of("\\evil.example"), "/%5Cevil.example/");
    EXPECT_EQ(location_of("http:"), "/http%3A/");
}

TEST(plan_redirect, keeps_the_query) {
    EXPECT_EQ(location_of("a", "x=1&y=%41/?"), "/a/?x=1&y=%41/?");
}

TEST(plan_redirect, encodes_what_no_query_may_hold) {
    EXPECT_EQ(location_of("a", "x=<\"'>\xff\r\nSet-Cookie: x"),
              "/a/?x=%3C%22'%3E%FF%0D%0ASet-Cookie:%20x");
}

// Property: at any length the Location is whole, and leaves room for the session's fields.
TEST(plan_redirect, holds_at_any_length) {
    for (const std::size_t bytes : {1U, 255U, 1000U, 1300U, 2000U, 8000U, 32'000U}) {
        EXPECT_EQ(location_of("a", std::string(bytes, 'q')), "/a/?" + std::string(bytes, 'q'));
        EXPECT_EQ(location_of("a", std::string(bytes, '"')).size(), 4 + 3 * bytes);
    }
}

// Property: following the redirect leads to the same normal path, now as a directory.
TEST(plan_redirect, leads_back_to_the_same_path) {
    std::mt19937 random{20260203};
    for (int round = 0; round < 5'000; ++round) {
        std::string path;
        for (auto count = 1 + random() % 40; count > 0; --count) {
            const char c = static_cast<char>(' ' + random() % 224);
            path += c == 0x7f || (c == '/' && (path.empty() || path.back() == '/')) ? 'x' : c;
        }
        path += "z";
        std::array<char, 512> scratch;
        const auto clean = wire::normalize_path("/x" + path, scratch);
        if (clean.verdict != wire::path_verdict::ok || clean.path != "x" + path) {
            continue;  // It held an escape or a dot segment.
        }
        const auto location = location_of(clean.path);
        std::array<char, 2048> other;

        const auto again = wire::normalize_path(location, other);

        ASSERT_EQ(again.verdict, wire::path_verdict::ok) << location;
        ASSERT_TRUE(again.directory);
        ASSERT_EQ(again.path, clean.path);
    }
}

}  // namespace
}  // namespace ringway::files
