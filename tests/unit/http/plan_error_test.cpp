#include <ringway/http/plan_error.hpp>

#include <string>

#include <gtest/gtest.h>

#include "support/made_request.hpp"

namespace ringway::http {
namespace {

using testing::made_request;
using wire::method_id;

std::string_view text_of(const response_plan& plan) { return std::get<text_body>(plan.body).text; }

TEST(plan_error, is_plain_text_for_a_request_that_could_not_be_read) {
    response_plan plan;

    plan_error(400, "The request line is too odd.", plan);

    EXPECT_EQ(plan.status, 400);
    EXPECT_EQ(text_of(plan), "400 Bad Request\nThe request line is too odd.\n");
    EXPECT_EQ(plan.headers.find("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(plan.headers.find("Content-Length"), std::to_string(text_of(plan).size()));
    EXPECT_EQ(plan.headers.find("X-Content-Type-Options"), "nosniff");
}

TEST(plan_error, is_a_page_for_a_browser) {
    const made_request asked{method_id::get, {{"Accept", "TEXT/HTML,*/*;q=0.8"}}};
    response_plan plan;

    plan_error(asked, 404, "No such file.", plan);

    EXPECT_TRUE(text_of(plan).starts_with("<!doctype html>"));
    EXPECT_TRUE(text_of(plan).contains("<title>404 Not Found</title><h1>404 Not Found</h1>"));
    EXPECT_TRUE(text_of(plan).contains("<p>No such file."));
    EXPECT_EQ(plan.headers.find("Content-Type"), "text/html; charset=utf-8");
    EXPECT_TRUE(plan.headers.find("Content-Security-Policy").starts_with("default-src 'none'"));
    EXPECT_EQ(plan.headers.find("Vary"), "Accept");
}

TEST(plan_error, is_plain_text_for_everything_else) {
    for (const auto* accept : {"*/*", "application/json", "text/htm", ""}) {
        const made_request asked{method_id::get, {{"Accept", accept}}};
        response_plan plan;

        plan_error(asked, 404, "", plan);

        EXPECT_EQ(text_of(plan), "404 Not Found\n") << accept;
    }
}

TEST(plan_error, keeps_the_length_but_not_the_body_for_head) {
    const made_request asked{method_id::head};
    response_plan plan;

    plan_error(asked, 404, "", plan);

    EXPECT_EQ(length_of(plan.body), 0U);
    EXPECT_EQ(plan.headers.find("Content-Length"), "14");
}

TEST(plan_error, escapes_the_detail) {
    const made_request asked{method_id::get, {{"Accept", "text/html"}}};
    response_plan plan;

    plan_error(asked, 404, "<script>\"&'\r\n\x01\xff", plan);

    EXPECT_TRUE(text_of(plan).contains("&lt;script&gt;&quot;&amp;&#39;????"));
    EXPECT_FALSE(text_of(plan).contains("<script"));
}

TEST(plan_error, owns_the_text_of_the_detail) {
    std::string detail = "gone soon";
    response_plan plan;

    plan_error(500, detail, plan);
    detail.assign(detail.size(), 'x');

    EXPECT_TRUE(text_of(plan).contains("gone soon"));
}

TEST(plan_error, knows_statuses_without_a_phrase) {
    response_plan plan;

    plan_error(499, "", plan);

    EXPECT_EQ(text_of(plan), "499\n");
}

TEST(plan_error, leaves_room_for_others_however_long_the_detail) {
    const made_request asked{method_id::get, {{"Accept", "text/html"}}};
    for (int status = 400; status <= 599; ++status) {
        response_plan plan;

        plan_error(asked, status, std::string(4000, '"'), plan);

        EXPECT_GE(plan.headers.free_text().size(), header_list::text_bytes_reserved);
        EXPECT_LE(plan.headers.fields().size(),
                  header_list::fields_max - header_list::fields_reserved);
    }
}

TEST(plan_error, replaces_what_was_planned_before) {
    response_plan plan;
    plan.start(200);
    plan.headers.add_static("ETag", "\"a\"");
    plan.body = slice_body{{.offset = 0, .length = 5}};

    plan_error(500, "", plan);

    EXPECT_EQ(plan.headers.find("ETag"), "");
    EXPECT_EQ(text_of(plan), "500 Internal Server Error\n");
}

}  // namespace
}  // namespace ringway::http
