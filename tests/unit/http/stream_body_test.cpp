#include "http/stream_body.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <ringway/http/response_plan.hpp>

#include "support/sockets.hpp"

namespace ringway::http::detail {
namespace {

using test::pattern;

class stream_body_test : public ::testing::Test {
protected:
    // All of the body, taken by at most `step` bytes.
    std::string all(std::size_t step) {
        std::string text;
        while (body_.left() > 0) {
            const std::string_view memory = body_.memory();
            if (!memory.empty()) {
                const std::size_t size = std::min(step, memory.size());
                text += memory.substr(0, size);
                body_.take(size);
                continue;
            }
            const file_slice slice = body_.slice();
            const std::size_t size =
                std::min<std::size_t>({step, slice.length, stream_body::chunk_bytes});
            std::ranges::copy(as_bytes(std::string_view{content_}.substr(slice.offset, size)),
                              body_.chunk());
            body_.chunk_read(size);
        }
        return text;
    }

    std::string content_ = pattern(100'000);
    response what_;
    stream_body body_;
};

TEST_F(stream_body_test, nothing) {
    what_.plan.start(204);
    body_.start(what_);
    EXPECT_EQ(body_.left(), 0U);
}

TEST_F(stream_body_test, text) {
    what_.plan.start(200);
    what_.plan.body = text_body{"some text"};
    body_.start(what_);
    EXPECT_EQ(all(4), "some text");
}

TEST_F(stream_body_test, part_of_a_file) {
    what_.plan.start(200);
    what_.plan.body = slice_body{{.offset = 10, .length = 90'000}};
    body_.start(what_);
    EXPECT_EQ(all(30'000), content_.substr(10, 90'000));
}

TEST_F(stream_body_test, part_of_a_file_in_memory) {
    what_.plan.start(200);
    what_.memory = ready_response::make("HTTP/1.1 200 OK\r\n\r\n", content_.size(), 0, 0,
                                        wire::coding::identity);
    std::ranges::copy(content_, what_.memory->body_memory());
    what_.plan.body = slice_body{{.offset = 7, .length = 1000}};
    body_.start(what_);
    EXPECT_EQ(all(300), content_.substr(7, 1000));
}

TEST_F(stream_body_test, several_parts_have_the_length_that_was_promised) {
    wire::range_set ranges;
    ranges.verdict = wire::range_verdict::satisfiable;
    ranges.count = 2;
    ranges.items[0] = {.first = 5, .length = 10};
    ranges.items[1] = {.first = 50'000, .length = 40'000};
    const auto boundary = make_boundary("\"tag\"", 1);
    what_.plan.start(206);
    what_.plan.body =
        multipart_body{ranges, content_.size(), "text/plain", {boundary.data(), boundary.size()}};
    const std::uint64_t length = length_of(what_.plan.body);
    body_.start(what_);
    const std::string text = all(7000);
    EXPECT_EQ(text.size(), length);
    EXPECT_NE(text.find("bytes 5-14/100000\r\n\r\n" + content_.substr(5, 10) + "\r\n--"),
              std::string::npos);
    EXPECT_NE(text.find(content_.substr(50'000, 40'000)), std::string::npos);
    EXPECT_TRUE(text.ends_with("--\r\n"));
}

}  // namespace
}  // namespace ringway::http::detail
