#include <ringway/wire/method.hpp>

#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

TEST(method, registered_methods_are_known) {
    const std::pair<std::string_view, method_id> cases[] = {
        {"GET", method_id::get},
        {"HEAD", method_id::head},
        {"OPTIONS", method_id::options},
        {"POST", method_id::post},
        {"PUT", method_id::put},
        {"DELETE", method_id::delete_},
        {"PATCH", method_id::patch},
        {"CONNECT", method_id::connect},
        {"TRACE", method_id::trace},
        {"PROPFIND", method_id::other_known},
        {"QUERY", method_id::other_known},
        {"ACL", method_id::other_known},
        {"VERSION-CONTROL", method_id::other_known},
        {"PRI", method_id::other_known},
    };
    for (const auto& [text, id] : cases) {
        EXPECT_EQ(classify_method(text), id) << text;
    }
}

TEST(method, case_matters_and_the_rest_is_unknown) {
    for (const std::string_view text : {"", "get", "Get", "GETS", "GE", "XYZ", "M-SEARCH", "~"}) {
        EXPECT_EQ(classify_method(text), method_id::unknown) << text;
    }
}

}  // namespace
}  // namespace ringway::wire
