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
    http::response_plan plan;
    plan_redirect(asked, path, plan);
    EXPECT_EQ(plan.status, 301);
    return std::string{plan.headers.find("Location")};
}

TEST(plan_redirect, adds_the_slash) {
    const made_request asked{method_id::get};
    http::response_plan plan;

    plan_redirect(asked, "a/b", plan);

    EXPECT_EQ(plan.status, 301);
    EXPECT_EQ(plan.headers.find("Location"), "/a/b/");
    EXPECT_EQ(plan.headers.find("Content-Length"), "0");
    EXPECT_EQ(http::length_of(plan.body), 0U);
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

TEST(plan_redirect, refuses_what_is_too_long_to_be_said) {
    const std::string path(255, 'p');
    const std::string query(2000, 'q');
    for (const auto& asked : {std::pair{std::string(255, '%') + "/" + std::string(255, '%'), query},
                              std::pair{path, query}}) {
        const made_request request{method_id::get, {}, "/", asked.second};
        http::response_plan plan;

        plan_redirect(request, asked.first, plan);

        EXPECT_EQ(plan.status, 414);
        EXPECT_EQ(plan.headers.find("Location"), "");
    }
}

// Property: at any length there is a whole Location or none, and room for the session's fields.
TEST(plan_redirect, leaves_room_for_others_at_any_length) {
    for (std::size_t bytes = 1; bytes < 2000; ++bytes) {
        const std::string query(bytes, 'q');
        const made_request asked{method_id::get, {}, "/", query};
        http::response_plan plan;

        plan_redirect(asked, "a", plan);

        ASSERT_GE(plan.headers.free_text().size(), http::header_list::text_bytes_reserved);
        if (plan.status == 301) {
            ASSERT_EQ(plan.headers.find("Location"), "/a/?" + query);
        } else {
            ASSERT_EQ(plan.status, 414);
            ASSERT_GT(bytes, 1000U);
        }
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
