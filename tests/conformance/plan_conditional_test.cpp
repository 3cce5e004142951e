// Conditional requests as RFC 9110 section 13 wants them answered, as data.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/files/plan_file.hpp>

#include "support/made_request.hpp"

namespace ringway::files {
namespace {

using wire::method_id;

constexpr auto get = method_id::get;
constexpr auto head = method_id::head;

constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view date_before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view date_after = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr std::int64_t date_s = 784'111'777;

struct conditional_case {
    std::string_view section;  // Of RFC 9110.
    method_id method;
    std::vector<wire::header_field> fields;
    int status;
};

std::string describe(const conditional_case& tried) {
    std::string text = std::string{tried.section} + (tried.method == get ? " GET" : " HEAD");
    for (const auto& field : tried.fields) {
        text.append(" | ").append(field.name).append(": ").append(field.value);
    }
    return text;
}

file_facts make_facts(std::string_view etag) {
    return {.size = 1000, .mtime_s = date_s, .etag = etag, .last_modified = date};
}

void expect_statuses(const std::vector<conditional_case>& cases, const file_facts& facts,
                     std::int64_t now_s = date_s + 1'000'000) {
    for (const auto& tried : cases) {
        const testing::made_request asked{tried.method, tried.fields};
        http::response_plan plan;
        plan_file(asked, facts, now_s, plan);
        EXPECT_EQ(plan.status, tried.status) << describe(tried);
    }
}

TEST(plan_conditional, strong_entity_tag) {
    expect_statuses(
        {
            {"13.1.1", get, {{"If-Match", "*"}}, 200},
            {"13.1.1", get, {{"If-Match", "\"v1\""}}, 200},
            {"13.1.1", get, {{"If-Match", "\"x\", \"v1\""}}, 200},
            {"13.1.1", get, {{"If-Match", "\"x\""}}, 412},
            {"13.1.1", get, {{"If-Match", "W/\"v1\""}}, 412},
            {"13.1.1", get, {{"If-Match", "v1"}}, 412},
            {"13.1.1", get, {{"If-Match", ""}}, 412},
            {"13.1.1", head, {{"If-Match", "\"x\""}}, 412},
            {"13.1.1", head, {{"If-Match", "\"v1\""}}, 200},

            {"13.1.2", get, {{"If-None-Match", "*"}}, 304},
            {"13.1.2", get, {{"If-None-Match", "\"v1\""}}, 304},
            {"13.1.2", get, {{"If-None-Match", "W/\"v1\""}}, 304},
            {"13.1.2", get, {{"If-None-Match", "\"x\", W/\"v1\""}}, 304},
            {"13.1.2", get, {{"If-None-Match", "\"x\",,\"v1\""}}, 304},
            {"13.1.2", get, {{"If-None-Match", "\"x\""}}, 200},
            {"13.1.2", get, {{"If-None-Match", "\"V1\""}}, 200},
            {"13.1.2", get, {{"If-None-Match", "v1"}}, 200},
            {"13.1.2", get, {{"If-None-Match", ""}}, 200},
            {"13.1.2", head, {{"If-None-Match", "\"v1\""}}, 304},

            {"13.1.3", get, {{"If-Modified-Since", date}}, 304},
            {"13.1.3", get, {{"If-Modified-Since", date_after}}, 304},
            {"13.1.3", get, {{"If-Modified-Since", date_before}}, 200},
            {"13.1.3", get, {{"If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"}}, 304},
            {"13.1.3", get, {{"If-Modified-Since", "Sun Nov  6 08:49:37 1994"}}, 304},
            {"13.1.3", get, {{"If-Modified-Since", "yesterday"}}, 200},
            {"13.1.3", get, {{"If-Modified-Since", ""}}, 200},
            {"13.1.3", head, {{"If-Modified-Since", date}}, 304},

            {"13.1.4", get, {{"If-Unmodified-Since", date}}, 200},
            {"13.1.4", get, {{"If-Unmodified-Since", date_after}}, 200},
            {"13.1.4", get, {{"If-Unmodified-Since", date_before}}, 412},
            {"13.1.4", get, {{"If-Unmodified-Since", "yesterday"}}, 200},
            {"13.1.4", head, {{"If-Unmodified-Since", date_before}}, 412},
        },
        make_facts("\"v1\""));
}

TEST(plan_conditional, precedence) {
    expect_statuses(
        {
            {"13.2.2", get, {{"If-Match", "\"v1\""}, {"If-Unmodified-Since", date_before}}, 200},
            {"13.2.2", get, {{"If-Match", "\"x\""}, {"If-Unmodified-Since", date}}, 412},
            {"13.2.2", get, {{"If-None-Match", "\"x\""}, {"If-Modified-Since", date}}, 200},
            {"13.2.2", get, {{"If-None-Match", "\"v1\""}, {"If-Modified-Since", date_before}}, 304},
            {"13.2.2", get, {{"If-Match", "\"x\""}, {"If-None-Match", "\"v1\""}}, 412},
            {"13.2.2", get, {{"If-Match", "\"v1\""}, {"If-None-Match", "\"v1\""}}, 304},
            {"13.2.2", get, {{"If-Unmodified-Since", date}, {"If-Modified-Since", date}}, 304},
            {"13.2.2", get, {{"If-Unmodified-Since", date_before}, {"If-None-Match", "*"}}, 412},
            {"13.2.2", get, {{"If-None-Match", "\"v1\""}, {"Range", "bytes=0-1"}}, 304},
            {"13.2.2", get, {{"If-Match", "\"x\""}, {"Range", "bytes=0-1"}}, 412},
            {"13.2.2", get, {{"If-Match", "\"x\""}, {"Range", "bytes=5000-"}}, 412},
            {"13.2.2", get, {{"If-Match", "\"v1\""}, {"Range", "bytes=0-1"}}, 206},
            {"13.2.2", get, {{"If-None-Match", "\"x\""}, {"Range", "bytes=5000-"}}, 416},
        },
        make_facts("\"v1\""));
}

TEST(plan_conditional, if_range) {
    const wire::header_field range{"Range", "bytes=0-1"};
    const wire::header_field no_such_range{"Range", "bytes=5000-"};
    expect_statuses(
        {
            {"14.2", get, {range}, 206},
            {"14.2", head, {range}, 200},
            {"14.2", head, {no_such_range}, 200},
            {"13.1.5", get, {range, {"If-Range", "\"v1\""}}, 206},
            {"13.1.5", get, {range, {"If-Range", "\"x\""}}, 200},
            {"13.1.5", get, {range, {"If-Range", "W/\"v1\""}}, 200},
            {"13.1.5", get, {range, {"If-Range", date}}, 206},
            {"13.1.5", get, {range, {"If-Range", date_after}}, 200},
            {"13.1.5", get, {range, {"If-Range", date_before}}, 200},
            {"13.1.5", get, {range, {"If-Range", "yesterday"}}, 200},
            {"13.1.5", get, {range, {"If-Range", ""}}, 200},
            {"13.1.5", get, {range, {"If-Range", "*"}}, 200},
            {"13.1.5", get, {{"If-Range", "\"v1\""}}, 200},
            {"13.1.5", get, {{"If-Range", "\"x\""}}, 200},
            {"13.1.5", get, {no_such_range, {"If-Range", "\"x\""}}, 200},
            {"13.1.5", get, {no_such_range, {"If-Range", "\"v1\""}}, 416},
        },
        make_facts("\"v1\""));
}

TEST(plan_conditional, a_date_of_this_second_is_no_strong_validator) {
    const std::vector<conditional_case> cases{
        {"8.8.2.2", get, {{"Range", "bytes=0-1"}, {"If-Range", date}}, 200},
        {"8.8.2.2", get, {{"Range", "bytes=0-1"}, {"If-Range", "\"v1\""}}, 206},
    };
    expect_statuses(cases, make_facts("\"v1\""), date_s);
}

TEST(plan_conditional, weak_entity_tag) {
    expect_statuses(
        {
            {"13.1.1", get, {{"If-Match", "W/\"v1\""}}, 412},
            {"13.1.1", get, {{"If-Match", "*"}}, 200},
            {"13.1.2", get, {{"If-None-Match", "W/\"v1\""}}, 304},
            {"13.1.2", get, {{"If-None-Match", "\"v1\""}}, 304},
            {"13.1.5", get, {{"Range", "bytes=0-1"}, {"If-Range", "W/\"v1\""}}, 200},
        },
        make_facts("W/\"v1\""));
}

TEST(plan_conditional, no_entity_tag) {
    expect_statuses(
        {
            {"13.1.1", get, {{"If-Match", "*"}}, 200},
            {"13.1.1", get, {{"If-Match", "\"\""}}, 412},
            {"13.1.2", get, {{"If-None-Match", "*"}}, 304},
            {"13.1.2", get, {{"If-None-Match", "\"\""}}, 200},
            {"13.1.5", get, {{"Range", "bytes=0-1"}, {"If-Range", "\"\""}}, 200},
            {"13.1.5", get, {{"Range", "bytes=0-1"}, {"If-Range", date}}, 206},
        },
        make_facts(""));
}

TEST(plan_conditional, several_lines_of_a_field) {
    expect_statuses(
        {
            // Lists continue over lines.
            {"5.3", get, {{"If-Match", "\"x\""}, {"If-Match", "\"v1\""}}, 200},
            {"5.3", get, {{"If-Match", "\"x\""}, {"If-Match", "\"y\""}}, 412},
            {"5.3", get, {{"If-None-Match", "\"x\""}, {"if-none-match", "W/\"v1\""}}, 304},
            {"5.3", get, {{"If-None-Match", "\"x\""}, {"If-None-Match", "\"y\""}}, 200},
            // Two values where there can be one are none.
            {"13.1.3", get, {{"If-Modified-Since", date}, {"If-Modified-Since", date}}, 200},
            {"13.1.4",
             get,
             {{"If-Unmodified-Since", date_before}, {"If-Unmodified-Since", date_before}},
             200},
            {"14.2", get, {{"Range", "bytes=0-1"}, {"Range", "bytes=5-6"}}, 200},
            {"13.1.5",
             get,
             {{"Range", "bytes=0-1"}, {"If-Range", "\"v1\""}, {"If-Range", "\"v1\""}},
             200},
        },
        make_facts("\"v1\""));
}

}  // namespace
}  // namespace ringway::files
