#include <ringway/files/site_options.hpp>

#include <string>

#include <gtest/gtest.h>

namespace ringway::files {
namespace {

TEST(hidden_denied, refuses_dot_names_anywhere) {
    for (const auto* path : {".git", ".git/config", "a/.env", "a/.b/c", "a/b/.c", "...", "a/..."}) {
        EXPECT_TRUE(hidden_denied(path, hidden_policy::deny)) << path;
    }
}

TEST(hidden_denied, lets_all_else_pass) {
    for (const auto* path : {"", "a", "a.b", "a./b", "a/b.c/d", "a/b..", "~"}) {
        EXPECT_FALSE(hidden_denied(path, hidden_policy::deny)) << path;
    }
}

TEST(hidden_denied, exempts_well_known_at_the_root_alone) {
    EXPECT_FALSE(hidden_denied(".well-known", hidden_policy::deny));
    EXPECT_FALSE(hidden_denied(".well-known/acme-challenge/x", hidden_policy::deny));
    EXPECT_TRUE(hidden_denied(".well-known/.git", hidden_policy::deny));
    EXPECT_TRUE(hidden_denied(".well-known/a/.b", hidden_policy::deny));
    EXPECT_TRUE(hidden_denied("a/.well-known/b", hidden_policy::deny));
    EXPECT_TRUE(hidden_denied(".well-knownx", hidden_policy::deny));
    EXPECT_TRUE(hidden_denied(".well-known.bak/x", hidden_policy::deny));
}

TEST(hidden_denied, can_be_switched_off) {
    EXPECT_FALSE(hidden_denied(".git/config", hidden_policy::allow));
}

TEST(check_extra_header, takes_what_operators_add) {
    EXPECT_TRUE(check_extra_header("Strict-Transport-Security", "max-age=63072000"));
    EXPECT_TRUE(check_extra_header("Access-Control-Allow-Origin", "*"));
    EXPECT_TRUE(check_extra_header("X-Empty", ""));
    EXPECT_TRUE(check_extra_header("X-Umlaut", "gr\xc3\xbc\xc3\x9f\x65"));
}

TEST(check_extra_header, refuses_what_is_no_header) {
    using namespace std::string_view_literals;
    EXPECT_EQ(check_extra_header("", "x").error().code, errc::malformed);
    EXPECT_EQ(check_extra_header("A B", "x").error().code, errc::malformed);
    EXPECT_EQ(check_extra_header("A:", "x").error().code, errc::malformed);
    EXPECT_EQ(check_extra_header("A", "x\r\nB: y").error().code, errc::malformed);
    EXPECT_EQ(check_extra_header("A", "x\0y"sv).error().code, errc::malformed);
}

TEST(check_extra_header, refuses_fields_that_ringway_computes) {
    for (const auto* name : {"Content-Length", "transfer-encoding", "CONNECTION", "ETag"}) {
        EXPECT_EQ(check_extra_header(name, "x").error().code, errc::invalid_argument) << name;
    }
}

TEST(check, takes_the_defaults) { EXPECT_TRUE(check(site_options{})); }

TEST(check, refuses_index_names_that_are_paths) {
    for (const auto* name : {"", ".", "..", "a/b", "/index.html"}) {
        EXPECT_EQ(check({.index_names = {name}}).error().code, errc::invalid_argument) << name;
    }
}

TEST(check, limits_the_number_of_headers) {
    site_options options;
    options.extra_headers.assign(site_options::extra_headers_max, {"X-A", "b"});
    EXPECT_TRUE(check(options));

    options.extra_headers.push_back({"X-A", "b"});
    EXPECT_EQ(check(options).error().code, errc::limit);
}

TEST(check, looks_at_every_text) {
    EXPECT_EQ(check({.cache_control = "a\nb"}).error().code, errc::malformed);
    EXPECT_EQ(check({.extra_headers = {{"X-A", "ok"}, {"Date", "x"}}}).error().code,
              errc::invalid_argument);
}

TEST(add_extra_headers, replaces_or_adds) {
    const site_options options{.extra_headers = {{"X-Frame-Options", "DENY"},
                                                 {"x-content-type-options", "other"},
                                                 {"Vary", "Origin"}}};
    http::response_plan plan;
    plan.headers.add_static("X-Content-Type-Options", "nosniff");
    plan.headers.add_static("Vary", "Accept-Encoding");

    add_extra_headers(options, plan);

    ASSERT_EQ(plan.headers.fields().size(), 4U);
    EXPECT_EQ(plan.headers.find("X-Content-Type-Options"), "other");
    EXPECT_EQ(plan.headers.find("X-Frame-Options"), "DENY");
    EXPECT_EQ(plan.headers.fields()[1].value, "Accept-Encoding");
    EXPECT_EQ(plan.headers.fields()[3].value, "Origin");
}

}  // namespace
}  // namespace ringway::files
