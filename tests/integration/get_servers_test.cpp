// Goal: servers that lie, break off or send astray never make `ringway get` leave a wrong file.
#include <atomic>
#include <string>

#include <gtest/gtest.h>

#include "support/get_command.hpp"
#include "support/scripted_server.hpp"
#include "support/sockets.hpp"

namespace ringway::test {
namespace {

using std::string;

const string tag = "ETag: \"v1\"\r\nAccept-Ranges: bytes\r\n";

struct get_servers : ::testing::Test {
    get_command get;
};

TEST_F(get_servers, bodies_that_end_early) {
    for (const string text : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhello"}) {
        const scripted_server server{[text](const string&) { return text; }};
        const auto ended = get.run({"--overwrite", server.url("/f")});
        EXPECT_EQ(ended.exit_status, 9) << text << ended.standard_error;
        EXPECT_EQ(get.file("f"), "(none)");
    }
    const scripted_server whole{[](const string&) { return "HTTP/1.1 200 OK\r\n\r\nall"; }};
    EXPECT_EQ(get.run({"--overwrite", whole.url("/f")}).exit_status, 0);
    EXPECT_EQ(get.file("f"), "all");
}

TEST_F(get_servers, answers_that_make_no_sense) {
    for (const string text :
         {"", "hello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
          "HTTP/1.1 101 Switching Protocols\r\n\r\n"}) {
        const scripted_server server{[text](const string&) { return text; }};
        const auto ended = get.run({server.url("/f")});
        EXPECT_EQ(ended.exit_status, 1) << text << ended.standard_error;
        EXPECT_EQ(get.file("f"), "(none)");
        EXPECT_EQ(get.file("f.part"), "(none)");
    }
}

TEST_F(get_servers, redirects) {
    const scripted_server server{[](const string& head) {
        if (head.starts_with("GET /loop")) {
            return answer("302 Found", "Location: /loop\r\n", "away");
        }
        if (head.starts_with("GET /ftp")) {
            return answer("302 Found", "Location: ftp://x/\r\n", "");
        }
        return head.starts_with("GET /a") ? answer("301 Moved", "Location: b?c\r\n", "moved")
                                          : answer("200 OK", "", "there");
    }};
    EXPECT_EQ(get.run({server.url("/a")}).exit_status, 0);
    EXPECT_EQ(get.file("a"), "there");  // Named after what was asked for.
    EXPECT_EQ(server.requests().size(), 2U);
    EXPECT_TRUE(server.requests().back().starts_with("GET /b?c "));
    const auto loop = get.run({server.url("/loop")});
    EXPECT_EQ(loop.exit_status, 1);
    EXPECT_TRUE(loop.standard_error.contains("20 redirects"));
    EXPECT_EQ(get.run({server.url("/ftp")}).exit_status, 1);
}

// Goal: with -C a part is gone on with only when the server proves that it is the same version.
TEST_F(get_servers, lies_about_ranges) {
    const string v1(100, '1');
    const string v2(100, '2');
    const std::vector<std::pair<string, string>> lies{
        {"another start", "206 Partial Content\r\nContent-Range: bytes 40-99/100\r\n" + tag},
        {"no word", "206 Partial Content\r\n" + tag},
        {"another total", "206 Partial Content\r\nContent-Range: bytes 50-99/200\r\n" + tag},
        {"another version",
         "206 Partial Content\r\nContent-Range: bytes 50-99/100\r\nETag: \"v2\"\r\n"},
        {"too short", "206 Partial Content\r\nContent-Range: bytes 50-79/100\r\n" + tag},
        {"not satisfiable", "416 Range Not Satisfiable\r\nContent-Range: bytes */40\r\n"}};
    for (const auto& [name, lie] : lies) {
        const scripted_server server{[&, text = lie](const string& head) {
            if (field_of(head, "Range").empty()) {
                return answer("200 OK", tag, v2);
            }
            const auto line = text.find("\r\n");
            return answer(text.substr(0, line), text.substr(line + 2), v2.substr(50));
        }};
        get.out.add("f.part", v1.substr(0, 50));
        get.out.add("f.part.state",
                    "{\"format\":1,\"url\":\"" + server.url("/f") +
                        "\",\"validator\":\"\\\"v1\\\"\",\"total\":100,\"ranges\":[[0,100,50]]}");
        const auto ended = get.run({"-C", server.url("/f")});
        EXPECT_EQ(ended.exit_status, 0) << name << ended.standard_error;
        EXPECT_EQ(get.file("f"), v2) << name;
        EXPECT_EQ(field_of(server.requests().front(), "Range"), "bytes=50-") << name;
        EXPECT_EQ(field_of(server.requests().front(), "If-Range"), "\"v1\"") << name;
        get.out.remove("f");
    }
}

TEST_F(get_servers, a_true_range_is_gone_on_with) {
    const string all = pattern(100);
    const scripted_server server{[&](const string&) {
        return answer("206 Partial Content", "Content-Range: bytes 50-99/100\r\n" + tag,
                      all.substr(50));
    }};
    get.out.add("f.part", all.substr(0, 50));
    get.out.add("f.part.state",
                "{\"format\":1,\"url\":\"" + server.url("/f") +
                    "\",\"validator\":\"\\\"v1\\\"\",\"total\":100,\"ranges\":[[0,100,50]]}");
    EXPECT_EQ(get.run({"-C", server.url("/f")}).exit_status, 0);
    EXPECT_TRUE(get.file("f") == all);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(get_servers, pieces_of_servers_that_can_not) {
    const string all = pattern(4'000'000);
    for (const string& fields : {string{"ETag: \"v1\"\r\n"}, string{"Accept-Ranges: bytes\r\n"}}) {
        const scripted_server server{[&](const string&) { return answer("200 OK", fields, all); }};
        const auto ended = get.run({"--overwrite", "-j", "4", server.url("/f")});
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        EXPECT_TRUE(ended.standard_error.contains("in one piece")) << ended.standard_error;
        EXPECT_TRUE(get.file("f") == all);
    }
    // It says that it can, and sends everything each time.
    const scripted_server lies{[&](const string&) { return answer("200 OK", tag, all); }};
    const auto ended = get.run({"--overwrite", "-j", "4", lies.url("/f")});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_TRUE(ended.standard_error.contains("beginning anew")) << ended.standard_error;
    EXPECT_TRUE(get.file("f") == all);
    // The file changes between the pieces.
    std::atomic<int> version = 1;
    const scripted_server changes{[&](const string& head) {
        const auto now =
            "ETag: \"v" + std::to_string(version.load()) + "\"\r\nAccept-Ranges: bytes\r\n";
        if (field_of(head, "Range").empty()) {
            return answer("200 OK", now, all);
        }
        version = 2;
        return answer("200 OK", "ETag: \"v2\"\r\nAccept-Ranges: bytes\r\n", string(4'000'000, 'x'));
    }};
    EXPECT_EQ(get.run({"--overwrite", "-j", "4", changes.url("/f")}).exit_status, 0);
    EXPECT_TRUE(get.file("f") == all);  // What the last whole answer said.
}

TEST_F(get_servers, ranges_that_are_ignored_are_no_success) {
    const scripted_server server{[](const string&) { return answer("200 OK", "", "whole"); }};
    EXPECT_EQ(get.run({"-r", "1-2", server.url("/f")}).exit_status, 9);
    EXPECT_EQ(get.file("f"), "(none)");
    EXPECT_EQ(get.run({"-r", "1-2", "-o", "-", server.url("/f")}).standard_output, "");
}

TEST_F(get_servers, overload_is_tried_again) {
    std::atomic<int> asked = 0;
    const scripted_server server{[&](const string&) {
        return ++asked < 2 ? answer("503 Busy", "Retry-After: 1\r\n", "no")
                           : answer("200 OK", "", "yes");
    }};
    EXPECT_EQ(get.run({"-o", "f", server.url("/f")}).exit_status, 6);
    asked = 0;
    const auto ended = get.run({"--retry", "2", server.url("/f")});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(get.file("f"), "yes");
    EXPECT_EQ(asked, 2);
}

// Goal: what was cut off is gone on with, not fetched again.
TEST_F(get_servers, a_cut_is_tried_again_from_where_it_was) {
    const string all = pattern(100'000);
    const scripted_server server{[&](const string& head) {
        if (field_of(head, "Range").empty()) {
            return answer("200 OK", tag, all).substr(0, 60'000);
        }
        const auto from = std::stoul(field_of(head, "Range").substr(6));
        return answer("206 Partial Content",
                      "Content-Range: bytes " + std::to_string(from) + "-99999/100000\r\n" + tag,
                      all.substr(from));
    }};
    const auto ended = get.run({"--retry", "1", server.url("/f")});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_TRUE(get.file("f") == all);
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(get_servers, silence_ends_at_the_limit) {
    const scripted_server server{[](const string&) { return string{}; }, true};
    const auto ended = get.run({"--idle-timeout", "300ms", server.url("/f")});
    EXPECT_EQ(ended.exit_status, 8) << ended.standard_error;
}

TEST_F(get_servers, a_limit_that_is_off_is_none) {
    const scripted_server server{[](const string&) { return answer("200 OK", "", "x"); }};
    for (const string option : {"--idle-timeout", "--connect-timeout", "--max-time"}) {
        const auto ended = get.run({option, "off", "--overwrite", server.url("/f")});
        EXPECT_EQ(ended.exit_status, 0) << option << ended.standard_error;
    }
}

// Goal: a pipe does not get a part of the file as if it were all of it.
TEST_F(get_servers, parts_that_were_not_asked_for_are_no_success) {
    const scripted_server server{[](const string&) {
        return answer("206 Partial Content", "Content-Range: bytes 0-1/5\r\n", "he");
    }};
    const std::vector<std::vector<string>> wrong{
        {}, {"-r", "1-2"}, {"-r", "0-0"}, {"-r", "-1"}, {"-r", "2-"}};
    for (auto options : wrong) {
        options.insert(options.end(), {"-o", "-", server.url("/f")});
        const auto ended = get.run(options);
        EXPECT_EQ(ended.exit_status, 9) << options[1] << ended.standard_error;
        EXPECT_EQ(ended.standard_output, "");
    }
    EXPECT_EQ(get.run({"-r", "0-1", "-o", "-", server.url("/f")}).standard_output, "he");
}

TEST_F(get_servers, each_failure_names_its_url) {
    const scripted_server server{
        [](const string&) { return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"; }};
    const auto ended = get.run({"-o", "-", server.url("/f")});
    EXPECT_EQ(ended.exit_status, 9);
    EXPECT_EQ(ended.standard_error,
              "ringway: " + server.url("/f") + ": the connection ended before the body did\n");
}

TEST_F(get_servers, certificates_to_trust_must_be_there) {
    const auto ended = get.run({"--cacert", "/nothing", "https://127.0.0.1:1/f"});
    EXPECT_EQ(ended.exit_status, 2);
    EXPECT_TRUE(ended.standard_error.contains("/nothing: No such file")) << ended.standard_error;
}

TEST_F(get_servers, names_stay_in_the_directory) {
    const scripted_server server{[](const string&) { return answer("200 OK", "", "x"); }};
    EXPECT_EQ(get.run({server.url("/a/..%2f..%2fescaped")}).exit_status, 0);
    EXPECT_EQ(get.file("index.html"), "x");
}

TEST_F(get_servers, fields_of_ours_arrive) {
    const scripted_server server{[](const string&) { return answer("200 OK", "", "x"); }};
    EXPECT_EQ(get.run({"-H", "X-A: b", "-H", "Accept: text/plain", server.url("/f")}).exit_status,
              0);
    const auto head = server.requests().front();
    EXPECT_EQ(field_of(head, "X-A"), "b");
    EXPECT_EQ(field_of(head, "Accept"), "text/plain");
    EXPECT_TRUE(field_of(head, "User-Agent").starts_with("ringway/"));
    EXPECT_EQ(get.run({"-H", "Content-Length: 5", server.url("/g")}).exit_status, 2);
}

}  // namespace
}  // namespace ringway::test
