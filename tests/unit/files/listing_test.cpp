#include <ringway/files/listing.hpp>

#include <string>

#include <gtest/gtest.h>

#include "support/made_request.hpp"

namespace ringway::files {
namespace {

using testing::made_request;
using wire::method_id;

TEST(parse_listing_query, reads_what_it_knows_and_ignores_the_rest) {
    const std::pair<std::string_view, listing_view> cases[] = {
        {"", {}},
        {"sort=name", {listing_key::name, false}},
        {"sort=size", {listing_key::size, false}},
        {"sort=time&order=desc", {listing_key::time, true}},
        {"order=desc", {listing_key::name, true}},
        {"order=asc&sort=size", {listing_key::size, false}},
        {"x=1&&sort=size&y", {listing_key::size, false}},
        {"sort=size&sort=time", {listing_key::size, false}},
        {"sort=colour&order=up", {}},
        {"sort", {}},
        {"sort=", {}},
        {"sort&order=desc", {listing_key::name, true}},
        {"resort=size", {}},
        {"sortx=size", {}},
        {"SORT=size", {}},
        {"&&&", {}},
        {"=", {}},
    };
    for (const auto& [query, view] : cases) {
        EXPECT_EQ(parse_listing_query(query), view) << query;
    }
}

std::optional<listing_format> choose(listing_mode mode, std::string_view query,
                                     std::string_view accept) {
    const made_request asked{method_id::get, {{"Accept", accept}}, "/", query};
    return choose_listing_format(asked, mode);
}

TEST(choose_listing_format, a_fixed_mode_asks_nobody) {
    EXPECT_EQ(choose(listing_mode::off, "format=json", "application/json"), std::nullopt);
    EXPECT_EQ(choose(listing_mode::html, "format=json", "application/json"), listing_format::html);
    EXPECT_EQ(choose(listing_mode::json, "format=html", "text/html"), listing_format::json);
}

TEST(choose_listing_format, automatic_asks_the_query_and_then_accept) {
    const auto mode = listing_mode::automatic;
    EXPECT_EQ(choose(mode, "format=json", "text/html"), listing_format::json);
    EXPECT_EQ(choose(mode, "format=html", "application/json"), listing_format::html);
    EXPECT_EQ(choose(mode, "format=xml", "application/json"), listing_format::json);
    EXPECT_EQ(choose(mode, "", "Application/JSON"), listing_format::json);
    EXPECT_EQ(choose(mode, "", "text/html, application/json"), listing_format::html);
    EXPECT_EQ(choose(mode, "", "*/*"), listing_format::html);
    EXPECT_EQ(choose(mode, "", "application/json, */*"), listing_format::json);
    EXPECT_EQ(choose(mode, "", "application/json;q=0"), listing_format::html);
    EXPECT_EQ(choose(mode, "", "application/json;q=0.9, text/html;q=0.1"), listing_format::json);
    EXPECT_EQ(choose(mode, "", "text/html;q=0, application/*"), listing_format::json);
    EXPECT_EQ(choose(mode, "", ""), listing_format::html);
}

TEST(plan_listing, a_page_is_held_to_its_policy) {
    http::response_plan plan;

    plan_listing(made_request{method_id::get}, listing_mode::html, listing_format::html, "<p>",
                 plan);

    EXPECT_EQ(plan.status, 200);
    EXPECT_EQ(std::get<http::text_body>(plan.body).text, "<p>");
    EXPECT_EQ(plan.headers.find("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(plan.headers.find("Content-Length"), "3");
    EXPECT_TRUE(plan.headers.find("Content-Security-Policy").starts_with("default-src 'none'"));
    EXPECT_EQ(plan.headers.find("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(plan.headers.find("Vary"), "");
}

TEST(plan_listing, what_accept_decides_varies_by_it) {
    http::response_plan plan;

    plan_listing(made_request{method_id::get}, listing_mode::automatic, listing_format::json, "{}",
                 plan);

    EXPECT_EQ(plan.headers.find("Content-Type"), "application/json");
    EXPECT_EQ(plan.headers.find("Vary"), "Accept");
}

TEST(plan_listing, head_keeps_the_length) {
    http::response_plan plan;

    plan_listing(made_request{method_id::head}, listing_mode::html, listing_format::html, "<p>",
                 plan);

    EXPECT_EQ(plan.headers.find("Content-Length"), "3");
    EXPECT_EQ(http::length_of(plan.body), 0U);
}

}  // namespace
}  // namespace ringway::files
