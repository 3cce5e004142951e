// Goal: parts of files, as RFC 9110 section 14 has them, from memory and from disk.
#include <string>

#include <gtest/gtest.h>

#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

struct part {
    std::size_t first;
    std::size_t last;
};

class serve_ranges : public ::testing::TestWithParam<std::size_t> {
protected:
    serve_ranges() : content_{site_.add_pattern("file", GetParam())} {
        site_.set_mtime("file", 1'600'000'000);
    }

    http_response get(std::string_view range, std::string_view more = {}) {
        return client_.get("/file", "Range: " + std::string{range} + "\r\n" + std::string{more});
    }
    std::string slice(part which) const {
        return content_.substr(which.first, which.last - which.first + 1);
    }
    std::string content_range(part which) const {
        return "bytes " + std::to_string(which.first) + "-" + std::to_string(which.last) + "/" +
               std::to_string(content_.size());
    }
    void expect_part(std::string_view range, part wanted) {
        const http_response got = get(range);
        EXPECT_EQ(got.status, 206) << range;
        EXPECT_EQ(got.field("Content-Range"), content_range(wanted)) << range;
        EXPECT_TRUE(got.body == slice(wanted)) << range;
        EXPECT_TRUE(got.has("ETag"));
    }
    void expect_whole(std::string_view range, std::string_view more = {}) {
        const http_response got = get(range, more);
        EXPECT_EQ(got.status, 200) << range;
        EXPECT_TRUE(got.body == content_) << range;
        EXPECT_FALSE(got.has("Content-Range"));
    }

    temporary_site site_;
    std::string content_;
    server_process server_{site_.path()};
    http_client client_ = server_.connect();
};

TEST_P(serve_ranges, single) {
    const std::size_t size = GetParam();
    for (int i = 0; i < 2; ++i) {
        expect_part("bytes=0-0", {0, 0});
        expect_part("bytes=0-9", {0, 9});
        expect_part("bytes=100-4999", {100, 4999});
        expect_part("bytes=" + std::to_string(size - 1) + "-", {size - 1, size - 1});
        expect_part("bytes=500-", {500, size - 1});
        expect_part("bytes=-1", {size - 1, size - 1});
        expect_part("bytes=-500", {size - 500, size - 1});
        expect_part("bytes=-99999999", {0, size - 1});
        expect_part("bytes=0-99999999", {0, size - 1});
        expect_part("bytes=9-18446744073709551615", {9, size - 1});
        expect_part("bytes=1-2, 2-3", {1, 3});  // Overlapping parts are one.
    }
}

TEST_P(serve_ranges, several_as_multipart) {
    const std::size_t size = GetParam();
    const part parts[] = {{0, 9}, {1000, 1999}, {size - 100, size - 1}};
    const http_response got = get("bytes=0-9, 1000-1999, -100");
    EXPECT_EQ(got.status, 206);
    EXPECT_FALSE(got.has("Content-Range"));
    const std::string type = got.field("Content-Type");
    constexpr std::string_view prefix = "multipart/byteranges; boundary=";
    ASSERT_TRUE(type.starts_with(prefix)) << type;
    const std::string boundary = type.substr(prefix.size());
    std::string wanted;
    for (const part& each : parts) {
        wanted +=
            (wanted.empty() ? "--" : "\r\n--") + boundary +
            "\r\nContent-Type: application/octet-stream\r\nContent-Range: " + content_range(each) +
            "\r\n\r\n" + slice(each);
    }
    wanted += "\r\n--" + boundary + "--\r\n";
    EXPECT_TRUE(got.body == wanted) << got.body.size() << " and not " << wanted.size();

    // Another response has another boundary; in the order that was asked for.
    const http_response again = get("bytes=2000-2001,0-1");
    EXPECT_NE(again.field("Content-Type"), type);
    EXPECT_LT(again.body.find("bytes 2000-2001/"), again.body.find("bytes 0-1/"));
    EXPECT_EQ(client_.get("/file").status, 200);
}

TEST_P(serve_ranges, unsatisfiable) {
    const std::string size = std::to_string(GetParam());
    for (const std::string& range :
         {"bytes=" + size + "-", std::string{"bytes=-0"}, "bytes=" + size + "-" + size,
          std::string{"bytes=18446744073709551615-"}, std::string{"bytes=99999999999999999999-"}}) {
        const http_response got = get(range);
        EXPECT_EQ(got.status, 416) << range;
        EXPECT_EQ(got.field("Content-Range"), "bytes */" + size) << range;
        EXPECT_TRUE(got.complete);
    }
    EXPECT_EQ(client_.get("/file").status, 200);
}

TEST_P(serve_ranges, odd_or_greedy_ones_get_the_whole_file) {
    std::string many = "bytes=0-";
    for (int i = 0; i < 1300; ++i) {
        many += ",0-";
    }
    std::string far_apart = "bytes=0-0";
    for (int i = 1; i < 17; ++i) {
        far_apart += "," + std::to_string(i * 200) + "-" + std::to_string(i * 200);
    }
    for (const std::string& range :
         {std::string{"bytes=5-3"}, std::string{"bytes=a-b"}, std::string{"bytes=-"},
          std::string{"bytes="}, std::string{"lines=1-2"}, std::string{"bytes 0-1"},
          std::string{"bytes=1-2-3"}, std::string{"bytes=0-,0-"}, many, far_apart}) {
        expect_whole(range);
    }
}

TEST_P(serve_ranges, if_range_needs_the_same_file) {
    const http_response plain = client_.get("/file");
    const std::string tag = plain.field("ETag");
    const std::string date = plain.field("Last-Modified");
    const auto with = [](const std::string& value) { return "If-Range: " + value + "\r\n"; };
    EXPECT_EQ(get("bytes=0-4", with(tag)).status, 206);
    EXPECT_EQ(get("bytes=0-4", with(date)).status, 206);
    expect_whole("bytes=0-4", with("\"other\""));
    expect_whole("bytes=0-4", with("W/" + tag));
    expect_whole("bytes=0-4", with("Sat, 01 Jan 2000 00:00:00 GMT"));
    expect_whole("bytes=0-4", with("Fri, 01 Jan 2100 00:00:00 GMT"));
    expect_whole("bytes=0-4", with("nonsense"));
}

TEST_P(serve_ranges, only_for_get) {
    const http_response head = client_.ask("HEAD", "/file", "Range: bytes=0-4\r\n");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("Content-Length"), std::to_string(GetParam()));
}

TEST_P(serve_ranges, pipelined) {
    std::string all;
    for (std::size_t i = 0; i < 50; ++i) {
        all += request_text(
            "GET", "/file",
            "Range: bytes=" + std::to_string(i) + "-" + std::to_string(i * 7) + "\r\n");
    }
    client_.send(all);
    for (std::size_t i = 0; i < 50; ++i) {
        ASSERT_EQ(client_.receive().body, slice({i, i * 7})) << i;
    }
}

INSTANTIATE_TEST_SUITE_P(from, serve_ranges, ::testing::Values(20'000, 3'000'000),
                         [](const auto& tested) {
                             return std::string{tested.param < 65536 ? "memory" : "disk"};
                         });

TEST(serve_empty_file, has_no_parts) {
    const temporary_site site;
    site.add("empty", "");
    const server_process server{site.path()};
    http_client client = server.connect();
    for (const char* const range : {"bytes=0-", "bytes=0-0", "bytes=-5"}) {
        const http_response got = client.get("/empty", "Range: " + std::string{range} + "\r\n");
        EXPECT_EQ(got.status, 200) << range;
        EXPECT_EQ(got.field("Content-Length"), "0");
    }
}

}  // namespace
}  // namespace ringway::test
