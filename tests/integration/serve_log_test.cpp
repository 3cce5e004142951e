// Goal: the access log holds a line for every request, whole, and nothing of a request is lost.
#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/child_process.hpp"
#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

std::string content_of(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

class serve_log : public ::testing::Test {
protected:
    serve_log() {
        site_.add("a", "content");
        site_.add("a.gz", "gzip");
        site_.add_pattern("large", 200'000);
    }

    // Asks for one thing of each kind. Lines of one shard are in order, so there is but one.
    static void ask(const server_process& server) {
        http_client client = server.connect();
        client.get("/a?q=1", "Referer: http://from/\r\nUser-Agent: tests \"1\"\r\n");
        client.get("/a", "Accept-Encoding: gzip\r\n");
        client.ask("HEAD", "/large");
        client.get("/large");
        client.get("/missing");
        client.get("/large", "Range: bytes=0-9\r\n");
        client.ask("POST", "/a");
        client.send("GET /a HTTP/1.0\r\n\r\n");
        client.receive_to_the_end();
        http_client bad = server.connect();
        bad.send("GET  nonsense\r\n");
        bad.receive_to_the_end();
    }

    temporary_site site_;
    temporary_site logs_;
};

TEST_F(serve_log, combined_lines) {
    server_process server{site_.path(), {"--log", logs_.at("access.log"), "--shards", "1"}};
    ask(server);
    EXPECT_EQ(server.stop().exit_status, 0);
    const std::string all = content_of(logs_.at("access.log"));
    const std::vector<std::string> lines = lines_of(all);
    ASSERT_EQ(lines.size(), 9U) << all;
    EXPECT_TRUE(all.ends_with('\n'));
    EXPECT_TRUE(lines[0].starts_with("127.0.0.1 - - [")) << lines[0];
    EXPECT_TRUE(contains(lines[0],
                         "\"GET /a?q=1 HTTP/1.1\" 200 7 \"http://from/\" "
                         "\"tests \\\"1\\\"\""))
        << lines[0];
    EXPECT_TRUE(contains(lines[1], "\"GET /a HTTP/1.1\" 200 4 \"-\" \"-\"")) << lines[1];
    EXPECT_TRUE(contains(lines[1], "enc=gzip")) << lines[1];
    EXPECT_TRUE(contains(lines[2], "\"HEAD /large HTTP/1.1\" 200 0 ")) << lines[2];
    EXPECT_TRUE(contains(lines[3], "\"GET /large HTTP/1.1\" 200 200000 ")) << lines[3];
    EXPECT_TRUE(contains(lines[4], "\"GET /missing HTTP/1.1\" 404 ")) << lines[4];
    EXPECT_TRUE(contains(lines[5], "\" 206 10 ")) << lines[5];
    EXPECT_TRUE(contains(lines[6], "\"POST /a HTTP/1.1\" 405 ")) << lines[6];
    EXPECT_TRUE(contains(lines[7], "\"GET /a HTTP/1.0\" 200 7 ")) << lines[7];
    EXPECT_TRUE(contains(lines[8], "\"GET - HTTP/1.1\" 400 ")) << lines[8];
}

TEST_F(serve_log, json_lines) {
    server_process server{
        site_.path(), {"--log", logs_.at("access.log"), "--log-format", "json", "--shards", "1"}};
    ask(server);
    EXPECT_EQ(server.stop().exit_status, 0);
    const std::vector<std::string> lines = lines_of(content_of(logs_.at("access.log")));
    ASSERT_EQ(lines.size(), 9U);
    constexpr int statuses[] = {200, 200, 200, 200, 404, 206, 405, 200, 400};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto line = nlohmann::json::parse(lines[i], nullptr, false);
        ASSERT_FALSE(line.is_discarded()) << lines[i];
        EXPECT_EQ(line["http.response.status_code"], statuses[i]) << lines[i];
        EXPECT_EQ(line["client.address"], "127.0.0.1");
    }
    const auto first = nlohmann::json::parse(lines[0]);
    EXPECT_EQ(first["http.request.method"], "GET");
    EXPECT_EQ(first["url.path"], "/a");
    EXPECT_EQ(first["url.query"], "q=1");
    EXPECT_EQ(first["http.response.body.size"], 7);
    EXPECT_EQ(first["user_agent.original"], "tests \"1\"");
}

// Goal: the operator sees what was refused, and nobody writes lines of his own.
TEST_F(serve_log, refused_requests_have_their_target) {
    server_process server{site_.path(), {"--log", logs_.at("access.log"), "--shards", "1"}};
    for (const std::string_view text :
         {"GET /two\" HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /bell\a HTTP/1.1\r\n\r\n",
          "nonsense\r\n\r\n", "GET /bare\nGET /forged HTTP/1.1\r\n\r\n"}) {
        http_client client = server.connect();
        client.send(text);
        client.receive_to_the_end();
    }
    EXPECT_EQ(server.stop().exit_status, 0);
    const std::vector<std::string> lines = lines_of(content_of(logs_.at("access.log")));
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_TRUE(contains(lines[0], R"("GET /two\" HTTP/1.1" 400 )")) << lines[0];
    EXPECT_TRUE(contains(lines[1], R"("GET /bell\x07 HTTP/1.1" 400 )")) << lines[1];
    EXPECT_TRUE(contains(lines[2], R"("nonsense - HTTP/1.1" 400 )")) << lines[2];
    EXPECT_TRUE(contains(lines[3], R"("GET /bare HTTP/1.1" 400 )")) << lines[3];
}

TEST_F(serve_log, a_fifo_without_a_reader_is_refused) {
    ASSERT_EQ(::mkfifo(logs_.at("fifo").c_str(), 0600), 0);
    const auto ended = run_program({.program = RINGWAY_BINARY,
                                    .arguments = {"serve", site_.path(), "--listen", "127.0.0.1:0",
                                                  "--log", logs_.at("fifo")}});
    EXPECT_EQ(ended.exit_status, 2);
    EXPECT_TRUE(contains(ended.standard_error, "fifo: nobody reads this FIFO"))
        << ended.standard_error;
}

// Goal: what was served up to the end is in the log after the end.
TEST_F(serve_log, every_request_is_there_after_exit) {
    constexpr int connections = 8;
    constexpr int requests = 400;
    server_process server{site_.path(),
                          {"--log", logs_.at("access.log"), "--admin", "127.0.0.1:0"}};
    std::vector<http_client> clients;
    for (int c = 0; c < connections; ++c) {
        std::string all;
        for (int i = 0; i < requests; ++i) {
            all += request_text("GET", "/a?" + std::to_string(c) + "." + std::to_string(i));
        }
        clients.push_back(server.connect());
        clients.back().send(all);
    }
    for (http_client& client : clients) {
        for (int i = 0; i < requests; ++i) {
            ASSERT_EQ(client.receive().body, "content");
        }
    }
    ASSERT_EQ(server.metric("ringway_log_dropped_total"), 0);
    EXPECT_EQ(server.stop().exit_status, 0);
    std::vector<std::string> lines = lines_of(content_of(logs_.at("access.log")));
    EXPECT_EQ(lines.size(), std::size_t{connections} * requests);
    for (int c = 0; c < connections; ++c) {
        for (int i = 0; i < requests; i += 57) {
            const std::string target = "/a?" + std::to_string(c) + "." + std::to_string(i) + " ";
            EXPECT_EQ(std::ranges::count_if(
                          lines, [&](const std::string& line) { return contains(line, target); }),
                      1)
                << target;
        }
    }
}

// Goal: rotation: after SIGUSR1 lines go to a new file, and none is lost. Lines are written a
// moment after their responses, so one from before the signal may be in either file.
TEST_F(serve_log, is_reopened_on_sigusr1) {
    const auto has = [&](const char* file, const char* part) {
        return contains(content_of(logs_.at(file)), part);
    };
    server_process server{site_.path(), {"--log", logs_.at("access.log")}};
    EXPECT_EQ(server.get("/a?before").status, 200);
    EXPECT_TRUE(eventually([&] { return has("access.log", "/a?before"); }));
    logs_.rename("access.log", "access.log.1");
    EXPECT_EQ(server.get("/a?between").status, 200);
    server.signal(SIGUSR1);
    EXPECT_TRUE(eventually([&] {
        EXPECT_EQ(server.get("/a?after").status, 200);
        return has("access.log", "/a?after");
    }));
    EXPECT_EQ(server.stop().exit_status, 0);
    EXPECT_TRUE(has("access.log.1", "/a?before"));
    EXPECT_FALSE(has("access.log", "/a?before"));
    EXPECT_NE(has("access.log.1", "/a?between"), has("access.log", "/a?between"));
}

TEST_F(serve_log, sigusr1_without_a_log_is_harmless) {
    const server_process server{site_.path()};
    server.signal(SIGUSR1);
    EXPECT_EQ(server.get("/a").status, 200);
}

TEST_F(serve_log, goes_to_standard_output) {
    server_process server{site_.path(), {"--log", "-"}};
    EXPECT_EQ(server.get("/a").status, 200);
    EXPECT_TRUE(contains(server.stop().standard_output, "\"GET /a HTTP/1.1\" 200 7 "));
}

TEST_F(serve_log, appends_to_what_is_there) {
    logs_.add("access.log", "an old line\n");
    server_process server{site_.path(), {"--log", logs_.at("access.log")}};
    EXPECT_EQ(server.get("/a").status, 200);
    EXPECT_EQ(server.stop().exit_status, 0);
    const std::vector<std::string> lines = lines_of(content_of(logs_.at("access.log")));
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0], "an old line");
}

// Goal: a request can't forge a line.
TEST_F(serve_log, what_peers_send_is_escaped) {
    server_process server{site_.path(), {"--log", logs_.at("access.log")}};
    EXPECT_EQ(server.get("/\"%0a", "User-Agent: \"\xff\x80\\\r\nReferer: a\tb\r\n").status, 400);
    EXPECT_EQ(server.stop().exit_status, 0);
    const std::vector<std::string> lines = lines_of(content_of(logs_.at("access.log")));
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(contains(lines[0], "\"GET /\\\"%0a HTTP/1.1\" 400 ")) << lines[0];
    EXPECT_TRUE(std::ranges::all_of(lines[0], [](char c) { return c >= ' ' && c <= '~'; }));
}

}  // namespace
}  // namespace ringway::test
