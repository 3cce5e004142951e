// Goal: what people use in fact works with it: curl.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

std::string content_of(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

class serve_curl : public ::testing::Test {
protected:
    void SetUp() override {
        if (run_program({.program = "curl", .arguments = {"--version"}}).exit_status != 0) {
            GTEST_SKIP() << "there is no curl here";
        }
    }

    static ended_process curl(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--silent", "--show-error", "--fail", "--noproxy", "*",
                                             "--max-time", patience_s(std::chrono::seconds{60})});
        ended_process ended = run_program({.program = "curl", .arguments = std::move(arguments)});
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        return ended;
    }
    static std::string url(const server_process& server, const std::string& target) {
        return "http://127.0.0.1:" + std::to_string(server.port()) + target;
    }

    temporary_site site_;
    scratch_directory got_;
};

TEST_F(serve_curl, downloads_many_files_at_once) {
    std::vector<std::string> contents;
    std::vector<std::string> arguments{"--parallel", "--parallel-max", "50"};
    const server_process server{site_.path()};
    for (unsigned i = 0; i < 50; ++i) {
        const std::string name = "f" + std::to_string(i);
        contents.push_back(site_.add_pattern(name, std::size_t{i} * i * 500, i));
        arguments.insert(arguments.end(), {url(server, "/" + name), "--output", got_.at(name)});
    }
    curl(arguments);
    for (unsigned i = 0; i < 50; ++i) {
        EXPECT_TRUE(content_of(got_.at("f" + std::to_string(i))) == contents[i]) << i;
    }
}

TEST_F(serve_curl, resumes_a_download) {
    const std::string content = site_.add_pattern("large", 5'000'000);
    const server_process server{site_.path()};
    got_.write("large", content.substr(0, 1'234'567));
    curl({"--continue-at", "-", "--output", got_.at("large"), url(server, "/large")});
    EXPECT_TRUE(content_of(got_.at("large")) == content);
}

TEST_F(serve_curl, takes_what_is_compressed_already) {
    const std::string content = "hello hello hello hello hello\n";
    site_.add("a.txt", content);
    const ended_process gzip =
        run_program({.program = "gzip", .arguments = {"--keep", site_.at("a.txt")}});
    if (gzip.exit_status != 0) {
        GTEST_SKIP() << "there is no gzip here";
    }
    const server_process server{site_.path()};
    const ended_process ended = curl({"--compressed", "--dump-header", got_.at("head"), "--output",
                                      got_.at("a.txt"), url(server, "/a.txt")});
    EXPECT_EQ(content_of(got_.at("a.txt")), content);
    EXPECT_NE(content_of(got_.at("head")).find("Content-Encoding: gzip"), std::string::npos);
}

TEST_F(serve_curl, asks_only_for_what_is_newer) {
    site_.add("a", "content");
    site_.set_mtime("a", 1'600'000'000);
    const server_process server{site_.path()};
    curl({"--etag-save", got_.at("tag"), "--output", got_.at("a"), url(server, "/a")});
    EXPECT_EQ(content_of(got_.at("a")), "content");
    const auto status = [&](std::vector<std::string> more) {
        more.insert(more.end(),
                    {"--write-out", "%{http_code}", "--output", got_.at("b"), url(server, "/a")});
        return curl(more).standard_output;
    };
    EXPECT_EQ(status({"--etag-compare", got_.at("tag")}), "304");
    EXPECT_EQ(status({"--time-cond", "Mon, 14 Sep 2020 00:00:00 GMT"}), "304");
    EXPECT_EQ(status({"--time-cond", "Sat, 12 Sep 2020 00:00:00 GMT"}), "200");
}

TEST_F(serve_curl, follows_the_redirect_of_a_directory) {
    site_.add("docs/index.html", "<h1>docs");
    const server_process server{site_.path()};
    EXPECT_EQ(curl({"--location", url(server, "/docs")}).standard_output, "<h1>docs");
}

TEST_F(serve_curl, talks_to_a_unix_socket) {
    site_.add("a", "content");
    const server_process server{site_.path(), {"--listen", "unix:" + got_.at("socket")}};
    EXPECT_EQ(curl({"--unix-socket", got_.at("socket"), "http://any/a"}).standard_output,
              "content");
}

}  // namespace
}  // namespace ringway::test
