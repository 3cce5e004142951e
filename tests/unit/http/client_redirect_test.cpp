#include "http/client_redirect.hpp"

#include <gtest/gtest.h>

namespace ringway::http::detail {
namespace {

client_request asked_for(std::string_view url, std::string method = "GET") {
    return {.method = std::move(method), .target = *wire::parse_url(url)};
}

client_head answer(int status, std::string location) {
    return {.status = status, .fields = {{"Location", std::move(location)}}};
}

TEST(client_redirect, leads_to_the_resolved_location) {
    const auto next = plan_redirect(asked_for("http://a/b/c"), answer(302, "../d?e"), 0, {});
    ASSERT_TRUE(next && *next);
    EXPECT_EQ((*next)->target.text(), "http://a/d?e");
}

TEST(client_redirect, answers_that_are_final) {
    EXPECT_FALSE(*plan_redirect(asked_for("http://a/"), answer(200, "/x"), 0, {}));
    EXPECT_FALSE(*plan_redirect(asked_for("http://a/"), answer(300, "/x"), 0, {}));
    EXPECT_FALSE(*plan_redirect(asked_for("http://a/"), answer(304, "/x"), 0, {}));
    EXPECT_FALSE(*plan_redirect(asked_for("http://a/"), {.status = 301}, 0, {}));
    EXPECT_FALSE(
        *plan_redirect(asked_for("http://a/"), answer(301, "/x"), 0, {.redirects_max = 0}));
}

// RFC 9110 sections 15.4.2 to 15.4.9.
TEST(client_redirect, methods_change_as_they_should) {
    const auto method = [](int status, std::string before) {
        auto asked = asked_for("http://a/", std::move(before));
        asked.body = "x";
        const auto next = plan_redirect(asked, answer(status, "/y"), 0, {});
        return (*next)->method + ((*next)->body.empty() ? "" : "+body");
    };
    EXPECT_EQ(method(301, "POST"), "GET");
    EXPECT_EQ(method(302, "POST"), "GET");
    EXPECT_EQ(method(303, "PUT"), "GET");
    EXPECT_EQ(method(303, "HEAD"), "HEAD+body");
    EXPECT_EQ(method(307, "POST"), "POST+body");
    EXPECT_EQ(method(308, "POST"), "POST+body");
    EXPECT_EQ(method(301, "PUT"), "PUT+body");
}

TEST(client_redirect, too_many_are_refused) {
    const auto next = plan_redirect(asked_for("http://a/"), answer(302, "/"), 20, {});
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().what.code, errc::limit);
}

TEST(client_redirect, from_https_to_http_only_when_allowed) {
    const auto asked = asked_for("https://a/");
    const auto refused = plan_redirect(asked, answer(302, "http://a/"), 0, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what.code, errc::not_permitted);
    EXPECT_TRUE(plan_redirect(asked, answer(302, "http://a/"), 0, {.allow_downgrade = true}));
    EXPECT_TRUE(plan_redirect(asked_for("http://a/"), answer(302, "https://a/"), 0, {}));
}

TEST(client_redirect, secrets_stay_with_their_origin) {
    auto asked = asked_for("https://a/");
    asked.fields = {{"AUTHORIZATION", "x"}, {"Cookie", "y"}, {"Host", "z"}, {"Accept", "*/*"}};
    EXPECT_EQ((*plan_redirect(asked, answer(302, "/b"), 0, {}))->fields.size(), 4U);
    const auto away = plan_redirect(asked, answer(302, "https://b/"), 0, {});
    ASSERT_EQ((*away)->fields.size(), 1U);
    EXPECT_EQ((*away)->fields[0].name, "Accept");
    EXPECT_EQ((*plan_redirect(asked, answer(302, "https://a:444/"), 0, {}))->fields.size(), 1U);
}

TEST(client_redirect, locations_that_lead_nowhere_are_refused) {
    EXPECT_FALSE(plan_redirect(asked_for("http://a/"), answer(302, "ftp://b/"), 0, {}));
    EXPECT_FALSE(plan_redirect(asked_for("http://a/"), answer(302, "http://u:p@b/"), 0, {}));
}

}  // namespace
}  // namespace ringway::http::detail
