// Goal: validators are true, and conditions on them are decided as RFC 9110 section 13 says.
#include <cstdint>
#include <string>
#include <sys/stat.h>
#include <utility>

#include <gtest/gtest.h>

#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

constexpr std::int64_t modified_s = 1'600'000'000;
constexpr const char* modified = "Sun, 13 Sep 2020 12:26:40 GMT";
constexpr const char* before = "Sun, 13 Sep 2020 12:26:39 GMT";
constexpr const char* after = "Sun, 13 Sep 2020 12:26:41 GMT";

std::pair<std::int64_t, std::int64_t> change_time(const std::string& path) {
    struct stat facts{};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0);
    return {facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec};
}

class serve_conditions : public ::testing::Test {
protected:
    serve_conditions() {
        site_.add("small", "content");
        site_.add_pattern("large", 200'000);
        site_.set_mtime("small", modified_s);
        site_.set_mtime("large", modified_s);
    }

    temporary_site site_;
    server_process server_{site_.path(), {"--cache-control", "max-age=60"}};
    http_client client_ = server_.connect();
};

TEST_F(serve_conditions, validators_are_strong_and_stay) {
    for (const char* const file : {"/small", "/large"}) {
        const http_response first = client_.get(file);
        const std::string tag = first.field("ETag");
        EXPECT_TRUE(tag.starts_with('"') && tag.ends_with('"') && tag.size() > 2) << tag;
        EXPECT_EQ(first.field("Last-Modified"), modified);
        EXPECT_EQ(server_.get(file).field("ETag"), tag);
        EXPECT_EQ(client_.get(file, "Range: bytes=0-1\r\n").field("ETag"), tag);
    }
    EXPECT_NE(client_.get("/small").field("ETag"), client_.get("/large").field("ETag"));
}

TEST_F(serve_conditions, table) {
    const std::string tag = client_.get("/small").field("ETag");
    const auto line = [](const char* name, const std::string& value) {
        return std::string{name} + ": " + value + "\r\n";
    };
    struct condition_case {
        std::string fields;
        int status;
    };
    const condition_case cases[] = {
        {line("If-None-Match", tag), 304},
        {line("If-None-Match", "W/" + tag), 304},
        {line("If-None-Match", "\"a\", " + tag + ", \"b\""), 304},
        {line("If-None-Match", "\"a\"") + line("If-None-Match", tag), 304},
        {line("If-None-Match", "*"), 304},
        {line("If-None-Match", "\"other\""), 200},
        {line("If-None-Match", tag.substr(1, tag.size() - 2)), 200},
        {line("If-Match", tag), 200},
        {line("If-Match", "*"), 200},
        {line("If-Match", "\"other\""), 412},
        {line("If-Match", "W/" + tag), 412},
        {line("If-Modified-Since", modified), 304},
        {line("If-Modified-Since", after), 304},
        {line("If-Modified-Since", before), 200},
        {line("If-Modified-Since", "nonsense"), 200},
        {line("If-Modified-Since", "Sunday, 13-Sep-20 12:26:40 GMT"), 304},
        {line("If-Modified-Since", "Sun Sep 13 12:26:40 2020"), 304},
        {line("If-Unmodified-Since", modified), 200},
        {line("If-Unmodified-Since", before), 412},
        {line("If-None-Match", "\"other\"") + line("If-Modified-Since", modified), 200},
        {line("If-None-Match", tag) + line("If-Modified-Since", before), 304},
        {line("If-Match", tag) + line("If-Unmodified-Since", before), 200},
        {line("If-Match", "\"other\"") + line("If-None-Match", tag), 412},
        {line("If-None-Match", tag) + line("Range", "bytes=0-1"), 304},
        {line("If-Match", tag) + line("Range", "bytes=0-1"), 206},
        {line("If-Modified-Since", modified) + line("If-Modified-Since", modified), 200},
    };
    for (const condition_case& each : cases) {
        const http_response got = client_.get("/small", each.fields);
        EXPECT_EQ(got.status, each.status) << each.fields;
        EXPECT_EQ(got.body.empty(), each.status == 304) << each.fields;
        EXPECT_EQ(client_.ask("HEAD", "/small", each.fields).status,
                  each.status == 206 ? 200 : each.status)
            << each.fields;
    }
}

TEST_F(serve_conditions, not_modified_says_what_caches_need) {
    const http_response plain = client_.get("/small");
    const http_response got =
        client_.get("/small", "If-None-Match: " + plain.field("ETag") + "\r\n");
    EXPECT_EQ(got.status, 304);
    for (const char* const name : {"ETag", "Cache-Control", "Vary"}) {
        EXPECT_EQ(got.field(name), plain.field(name)) << name;
    }
    EXPECT_FALSE(got.has("Content-Length") && got.field("Content-Length") == "0");
    EXPECT_EQ(client_.get("/small").body, "content");
}

// Goal: reproducible builds give every file the time 0 or 1; their tags must still change.
TEST_F(serve_conditions, files_of_epoch_zero_have_tags_that_change) {
    for (const std::int64_t epoch : {0, 1}) {
        site_.add("built", "one");
        site_.set_mtime("built", epoch);
        std::string tag;
        ASSERT_TRUE(eventually([&] {
            const http_response got = client_.get("/built");
            tag = got.field("ETag");
            return got.body == "one" && got.field("Last-Modified").starts_with("Thu, 01 Jan 1970");
        }));
        EXPECT_EQ(client_.get("/built", "If-None-Match: " + tag + "\r\n").status, 304);

        // The same size and mtime. Change times advance with the kernel's tick only.
        const auto first = change_time(site_.at("built"));
        ASSERT_TRUE(eventually([&] {
            site_.add("built", "two");
            site_.set_mtime("built", epoch);
            return change_time(site_.at("built")) != first;
        }));
        ASSERT_TRUE(eventually([&] { return client_.get("/built").body == "two"; }));
        ASSERT_TRUE(eventually([&] { return client_.get("/built").field("ETag") != tag; }));
        EXPECT_EQ(client_.get("/built", "If-None-Match: " + tag + "\r\n").status, 200);
    }
}

// Goal: a Last-Modified is never later than the Date (RFC 9110 section 8.8.2.1).
TEST_F(serve_conditions, time_in_the_future_is_not_told) {
    site_.add("future", "x");
    site_.set_mtime("future", 4'000'000'000);
    const http_response got = client_.get("/future");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("Last-Modified").find("2096"), std::string::npos);
    EXPECT_EQ(client_.get("/future", "If-None-Match: " + got.field("ETag") + "\r\n").status, 304);
    // What was told holds: the file did not change since.
    const std::string told = got.field("Last-Modified") + "\r\n";
    EXPECT_EQ(client_.get("/future", "If-Unmodified-Since: " + told).status, 200);
    EXPECT_EQ(client_.get("/future", "If-Modified-Since: " + told).status, 304);
}

}  // namespace
}  // namespace ringway::test
