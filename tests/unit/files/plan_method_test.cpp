#include <ringway/files/plan_method.hpp>

#include <gtest/gtest.h>

#include "support/made_request.hpp"

namespace ringway::files {
namespace {

using testing::made_request;
using wire::method_id;

TEST(plan_method, leaves_get_and_head_to_the_file) {
    http::response_plan plan;
    plan.status = 299;

    EXPECT_FALSE(plan_method(made_request{method_id::get}, plan));
    EXPECT_FALSE(plan_method(made_request{method_id::head}, plan));

    EXPECT_EQ(plan.status, 299);
}

TEST(plan_method, options_is_answered_for_paths_and_for_the_server) {
    for (const auto* path : {"/a", "*"}) {
        http::response_plan plan;

        EXPECT_TRUE(plan_method(made_request{method_id::options, {}, path}, plan));

        EXPECT_EQ(plan.status, 204);
        EXPECT_EQ(plan.headers.find("Allow"), "GET, HEAD, OPTIONS");
        EXPECT_EQ(plan.headers.find("Content-Length"), "");
        EXPECT_EQ(http::length_of(plan.body), 0U);
    }
}

TEST(plan_method, known_methods_are_not_allowed) {
    for (const auto method : {method_id::post, method_id::put, method_id::delete_, method_id::patch,
                              method_id::connect, method_id::trace, method_id::other_known}) {
        http::response_plan plan;

        EXPECT_TRUE(plan_method(made_request{method}, plan));

        EXPECT_EQ(plan.status, 405);
        EXPECT_EQ(plan.headers.find("Allow"), "GET, HEAD, OPTIONS");
    }
}

TEST(plan_method, unknown_methods_are_not_implemented) {
    http::response_plan plan;

    EXPECT_TRUE(plan_method(made_request{method_id::unknown}, plan));

    EXPECT_EQ(plan.status, 501);
    EXPECT_EQ(plan.headers.find("Allow"), "");
}

}  // namespace
}  // namespace ringway::files
