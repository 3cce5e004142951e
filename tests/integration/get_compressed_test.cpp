// Goal: what --compressed leaves is the file that the server has, whole, or no file.
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <ringway/wire/content_decoder.hpp>

#include "support/get_command.hpp"
#include "support/made_certificate.hpp"
#include "support/scripted_server.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

// "hello, hello, hello\n", by gzip(1).
const string hello{
    "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb\x48\xcd\xc9\xc9\xd7\x51\xc8\x40\xa2\xb8\0\xe7\x42\x6e\x52"
    "\x14\0\0\0",
    30};

struct get_compressed : ::testing::Test {
    void SetUp() override {
        if (!wire::known_codings().contains("gzip")) {
            GTEST_SKIP() << "built without zlib";
        }
    }
    get_command get;
};

string chunked(const string& body) {
    static const char* const digits = "0123456789abcdef";
    string out = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const char c : body) {
        out += string{digits[1]} + "\r\n" + c + "\r\n";
    }
    return out + "0\r\n\r\n";
}

TEST_F(get_compressed, it_is_asked_for_and_decoded) {
    const scripted_server server{[](const string& head) {
        return field_of(head, "Accept-Encoding").contains("gzip")
                   ? answer("200 OK", "ETag: \"z\"\r\nContent-Encoding: gzip\r\n", hello)
                   : answer("200 OK", "", "as it is");
    }};
    const auto ended = get.run({"--compressed", server.url("/f")});
    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(get.file("f"), "hello, hello, hello\n");
    EXPECT_TRUE(ended.standard_error.contains("f: 20 B in ")) << ended.standard_error;
    EXPECT_TRUE(ended.standard_error.contains("30 B as gzip")) << ended.standard_error;
    EXPECT_EQ(get.run({"--compressed", "-o", "-", server.url("/f")}).standard_output,
              "hello, hello, hello\n");
    EXPECT_EQ(get.run({"-o", "-", server.url("/f")}).standard_output, "as it is");
}

TEST_F(get_compressed, pieces_members_and_bodies_until_the_end) {
    for (const string& text :
         {chunked(hello + hello),
          "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + hello + hello}) {
        const scripted_server server{[text](const string&) { return text; }};
        const auto ended = get.run({"--compressed", "-o", "-", server.url("/f")});
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        EXPECT_EQ(ended.standard_output, "hello, hello, hello\nhello, hello, hello\n");
    }
}

TEST_F(get_compressed, what_is_not_whole_leaves_no_file) {
    struct wrong {
        string field;
        string body;
        int status;
        string words;
    };
    for (const auto& [field, body, status, words] :
         {wrong{"gzip", hello.substr(0, 25), 9, "the compressed body ends in the middle"},
          {"gzip", hello + "garbage", 1, "the compressed body is damaged"},
          {"gzip", "hello", 1, "the compressed body is damaged"},
          {"gzip, gzip", hello, 1, "the compressed body is damaged"},
          {"compress", hello, 1, "encoded as \"compress\""}}) {
        const scripted_server server{[&](const string&) {
            return answer("200 OK", "ETag: \"z\"\r\nContent-Encoding: " + field + "\r\n", body);
        }};
        const auto ended = get.run({"--compressed", server.url("/f")});
        EXPECT_EQ(ended.exit_status, status) << field << ended.standard_error;
        EXPECT_TRUE(ended.standard_error.contains(words)) << ended.standard_error;
        EXPECT_EQ(get.file("f"), "(none)");
        EXPECT_EQ(get.file("f.part"), "(none)");
        EXPECT_EQ(get.file("f.part.state"), "(none)");
    }
}

TEST_F(get_compressed, answers_without_a_body) {
    const scripted_server server{[](const string& head) {
        const string fields = "Content-Encoding: gzip\r\n";
        return head.starts_with("HEAD")
                   ? "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 30\r\n\r\n"
                   : answer("200 OK", fields, "");
    }};
    const auto head = get.run({"--compressed", "-I", server.url("/f")});
    EXPECT_EQ(head.exit_status, 0) << head.standard_error;
    EXPECT_EQ(get.run({"--compressed", server.url("/f")}).exit_status, 0);
    EXPECT_EQ(get.file("f"), "");
}

TEST_F(get_compressed, from_our_server_by_every_version) {
    temporary_site site;
    temporary_site files;
    const string text = site.add_pattern("text.js", 3'000'000);
    const auto packed = run_program({.program = "gzip", .arguments = {"-k", site.at("text.js")}});
    ASSERT_EQ(packed.exit_status, 0);
    files.replace("1.pem", make_certificate({.names = {"127.0.0.1"}}).both());
    const server_process server{site.path(), {"--tls-dir", files.path()}};
    const auto where = "https://127.0.0.1:" + std::to_string(server.port()) + "/text.js";
    for (const string version : {"--http1.1", "--http2", "--http3"}) {
        const auto ended = get.run({"--compressed", "--json", "--overwrite", version, "--cacert",
                                    files.at("1.pem"), where});
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        EXPECT_TRUE(get.file("text.js") == text) << version;
        EXPECT_TRUE(ended.standard_output.contains("\"encoding\":\"gzip\"")) << version;
    }
}

}  // namespace
}  // namespace ringway::test
