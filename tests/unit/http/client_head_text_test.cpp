#include "http/client_head_text.hpp"

#include <gtest/gtest.h>

namespace ringway::http::detail {
namespace {

client_request made(std::string_view url = "http://example.org:8080/a?b") {
    return {.target = *wire::parse_url(url)};
}

TEST(client_head_text, head_of_http_1) {
    auto asked = made();
    asked.fields = {{"Accept", "*/*"}};
    EXPECT_EQ(head_text(asked),
              "GET /a?b HTTP/1.1\r\nHost: example.org:8080\r\nAccept: */*\r\n\r\n");
    asked.method = "POST";
    asked.body = "xyz";
    EXPECT_TRUE(head_text(asked).contains("\r\nContent-Length: 3\r\n"));
    asked.body = "";
    EXPECT_TRUE(head_text(asked).contains("\r\nContent-Length: 0\r\n"));
}

TEST(client_head_text, pseudo_header_fields_come_first_and_names_are_lower) {
    auto asked = made("https://example.org/");
    asked.fields = {{"X-Y", "Z"}};
    const auto fields = head_fields(asked);
    ASSERT_EQ(fields.size(), 5U);
    EXPECT_EQ(fields[0].name, ":method");
    EXPECT_EQ(fields[1].value, "https");
    EXPECT_EQ(fields[2].value, "example.org");
    EXPECT_EQ(fields[3].value, "/");
    EXPECT_EQ(fields[4].name, "x-y");
    EXPECT_EQ(fields[4].value, "Z");
}

TEST(client_head_text, a_host_field_takes_the_place_of_the_authority) {
    auto asked = made();
    asked.fields = {{"host", "other"}};
    EXPECT_EQ(head_text(asked), "GET /a?b HTTP/1.1\r\nHost: other\r\n\r\n");
    EXPECT_EQ(head_fields(asked)[2].value, "other");
    EXPECT_EQ(head_fields(asked).size(), 4U);
}

// Goal: nothing that is asked can become two requests.
TEST(client_head_text, what_could_split_a_request_is_refused) {
    EXPECT_EQ(fault_of(made()), "");
    for (const client_field& bad : std::vector<client_field>{{"A", "x\r\nB: y"},
                                                             {"A", "x\ny"},
                                                             {"A", std::string(1, '\0')},
                                                             {"A:", "x"},
                                                             {"", "x"},
                                                             {"A B", "x"},
                                                             {"Content-Length", "5"},
                                                             {"transfer-ENCODING", "chunked"},
                                                             {"Connection", "close"}}) {
        auto asked = made();
        asked.fields = {bad};
        EXPECT_NE(fault_of(asked), "") << bad.name << ": " << bad.value;
    }
    auto asked = made();
    asked.method = "GET /x HTTP/1.1\r\n";
    EXPECT_NE(fault_of(asked), "");
}

}  // namespace
}  // namespace ringway::http::detail
