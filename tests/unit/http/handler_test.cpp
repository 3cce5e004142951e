#include <ringway/http/handler.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

namespace ringway::http {
namespace {

constexpr std::string_view head =
    "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 4\r\n\r\n";
constexpr std::string_view later = "Mon, 07 Nov 1994 08:49:37 GMT";

ready_ref made() {
    auto ready = ready_response::make(head, 4, head.find("Sun"), 784111777, wire::coding::brotli);
    std::ranges::copy(std::string_view{"body"}, ready->body_memory());
    return ready;
}

TEST(ready_response, is_head_and_body_in_one_piece) {
    const ready_ref ready = made();

    EXPECT_EQ(ready->text(), std::string{head} + "body");
    EXPECT_EQ(ready->body(), "body");
    EXPECT_EQ(ready->head_size(), head.size());
    EXPECT_EQ(ready->coding(), wire::coding::brotli);
    EXPECT_TRUE(ready->is_of(784111777));
    EXPECT_FALSE(ready->is_of(784111778));
}

TEST(ready_response, takes_another_date_in_place) {
    const ready_ref ready = made();

    ready->set_date(784198177, later);

    EXPECT_TRUE(ready->is_of(784198177));
    EXPECT_NE(ready->text().find(later), std::string_view::npos);
    EXPECT_EQ(ready->text().size(), head.size() + 4);
    EXPECT_EQ(ready->body(), "body");
}

// Goal: bytes that somebody is sending do not change under them.
TEST(ready_response, a_copy_with_another_date_leaves_the_first_alone) {
    const ready_ref first = made();

    const ready_ref second = first->with_date(784198177, later);

    EXPECT_EQ(first->text(), std::string{head} + "body");
    EXPECT_NE(second->text().find(later), std::string_view::npos);
    EXPECT_EQ(second->body(), "body");
    EXPECT_EQ(second->coding(), wire::coding::brotli);
    EXPECT_EQ(second->references(), 1U);
}

}  // namespace
}  // namespace ringway::http
