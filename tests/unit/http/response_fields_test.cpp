#include "http/response_fields.hpp"

#include <string>

#include <gtest/gtest.h>

namespace ringway::http::detail {
namespace {

std::string text_of(const response_fields& fields) {
    std::string out;
    for (const response_field& each : fields.all()) {
        out += std::string{each.name} + "=" + std::string{each.value} + ";";
    }
    return out;
}

TEST(response_fields_test, of_a_ready_response_need_no_copies) {
    const ready_ref ready =
        ready_response::make("HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nETag: \"x\"\r\n\r\n", 3,
                             17, 0, wire::coding::identity);
    const response_fields fields{*ready};
    EXPECT_EQ(text_of(fields), ":status=200;content-type=text/css;etag=\"x\";");
    for (const response_field& each : fields.all()) {
        EXPECT_TRUE(each.lower_case && each.value_lives) << each.name;
    }
}

TEST(response_fields_test, of_a_plan_have_date_and_server_and_nothing_of_the_connection) {
    response_plan plan;
    plan.start(404);
    plan.headers.add("Content-Length", "7");
    plan.headers.add("Connection", "close");
    plan.headers.add("Keep-Alive", "1");
    plan.headers.add("X-Own", "y");
    date_cache date;
    date.update();
    const response_fields fields{plan, date};
    EXPECT_EQ(text_of(fields), ":status=404;date=" + std::string{date.text()} +
                                   ";server=ringway;Content-Length=7;X-Own=y;");
    EXPECT_FALSE(fields.all().front().value_lives);  // It lies in `fields`.
}

}  // namespace
}  // namespace ringway::http::detail
