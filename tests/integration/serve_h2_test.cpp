// Goal: HTTP/2 serves what HTTP/1 serves, many requests at a time, to real clients and by hand.
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "support/file_systems.hpp"
#include "support/h2_client.hpp"
#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

string content_of(const string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

class serve_h2 : public ::testing::Test {
protected:
    static server_process::options with(const server_process::options& more = {}) {
        server_process::options all{"--h2c", "--admin", "127.0.0.1:0"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    static string curl(const server_process& server, const string& target,
                       std::vector<string> more = {}) {
        more.insert(more.end(), {"--http2-prior-knowledge", "--silent", "--max-time",
                                 patience_s(std::chrono::seconds{20}),
                                 "http://127.0.0.1:" + std::to_string(server.port()) + target});
        const ended_process ended = run_program({.program = "curl", .arguments = std::move(more)});
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        return ended.standard_output;
    }

    temporary_site site_;
};

TEST_F(serve_h2, files_of_every_size_arrive_as_they_are) {
    const server_process server{site_.path(), with()};
    for (const std::size_t size :
         {0U, 1U, 4096U, 16384U, 16385U, 65535U, 65536U, 65537U, 3000000U}) {
        const string name = "f" + std::to_string(size);
        const string content = site_.add_pattern(name, size);
        EXPECT_TRUE(curl(server, "/" + name) == content) << size;
        EXPECT_TRUE(curl(server, "/" + name) == content) << size << ", from the cache";
    }
    EXPECT_EQ(
        server.metric("ringway_http_requests_total{proto=\"h2\",method=\"GET\",code=\"200\"}"), 18);
    EXPECT_EQ(server.metric("ringway_http_requests_in_flight"), 0);
}

TEST_F(serve_h2, http_1_goes_on_beside_it) {
    site_.add("a", "content");
    const server_process server{site_.path(), with()};
    EXPECT_EQ(server.get("/a").body, "content");
    EXPECT_EQ(curl(server, "/a"), "content");
    http_client refused = server.connect();
    refused.send("PRI * HTTP/2.1\r\n\r\n");
    EXPECT_EQ(refused.receive().status, 505);
}

TEST_F(serve_h2, without_the_switch_the_preface_is_refused) {
    const server_process server{site_.path()};
    http_client client = server.connect();
    client.send(h2::preface);
    EXPECT_EQ(client.receive().status, 505);
}

TEST_F(serve_h2, heads_conditions_and_ranges) {
    const string content = site_.add_pattern("big", 200'000);
    site_.add("small.txt", "0123456789");
    const server_process server{site_.path(), with()};
    EXPECT_EQ(curl(server, "/small.txt", {"-r", "2-4"}), "234");
    EXPECT_TRUE(curl(server, "/big", {"-r", "70000-169999"}) == content.substr(70'000, 100'000));
    EXPECT_EQ(curl(server, "/big", {"-o", "/dev/null", "-w", "%{http_code}", "-r", "200000-"}),
              "416");
    const string head = curl(server, "/big", {"--head"});
    EXPECT_NE(head.find("content-length: 200000"), string::npos);
    EXPECT_NE(head.find("date: "), string::npos);
    EXPECT_EQ(head.find("connection"), string::npos);
    const auto tag_at = head.find("etag: ") + 6;
    const string tag = head.substr(tag_at, head.find('\r', tag_at) - tag_at);
    EXPECT_EQ(curl(server, "/big", {"-w", "%{http_code}", "-H", "If-None-Match: " + tag}), "304");
    const string parts = curl(server, "/big", {"-r", "0-1,150000-150001"});
    EXPECT_NE(parts.find("Content-Range: bytes 0-1/200000\r\n\r\n" + content.substr(0, 2)),
              string::npos);
    EXPECT_NE(parts.find("Content-Range: bytes 150000-150001/200000\r\n\r\n" +
                         content.substr(150'000, 2)),
              string::npos);
    EXPECT_EQ(curl(server, "/none", {"-o", "/dev/null", "-w", "%{http_code}"}), "404");
    EXPECT_EQ(curl(server, "/small.txt", {"-d", "x", "-o", "/dev/null", "-w", "%{http_code}"}),
              "405");
    EXPECT_NE(curl(server, "/").find("small.txt"), string::npos);
}

// An upload that nobody wants: the answer comes, and the client is told to save the rest.
TEST_F(serve_h2, large_request_bodies_are_not_read_to_the_end) {
    site_.add("a", "content");
    const server_process server{site_.path(), with()};
    h2_client client{server.port()};
    client.send(h2::request(
        1, {{":method", "POST"}, {":scheme", "http"}, {":path", "/a"}, {":authority", "h"}},
        h2::end_headers));
    for (int i = 0; i < 5; ++i) {  // The window is 64 KB, and opened as bytes are thrown away.
        client.send(h2::frame(h2::data, 0, 1, string(12'000, 'x')));
        EXPECT_TRUE(client.answers_ping());
    }
    client.send(h2::frame(h2::data, 0, 1, string(12'000, 'x')));
    const auto answer = client.next_of(h2::headers, 1);
    ASSERT_TRUE(answer.has_value());
    const auto reset = client.next_of(h2::rst_stream, 1);
    ASSERT_TRUE(reset.has_value());
    EXPECT_EQ(reset->code(), h2::no_error);
    EXPECT_TRUE(client.answers_ping());
}

TEST_F(serve_h2, file_that_shrinks_ends_its_stream_alone) {
    constexpr std::size_t size = 8'000'000;
    site_.add_pattern("big", size);
    site_.add("a", "content");
    const server_process server{site_.path(), with()};
    h2_client client{server.port(), h2::setting(4, 100'000)};
    client.send(h2::request(1, h2::get("/big")));
    ASSERT_TRUE(client.next_of(h2::data, 1).has_value());
    site_.truncate("big", 50'000);
    client.send(h2::frame(h2::window_update, 0, 0, h2::u32(100'000'000)) +
                h2::frame(h2::window_update, 0, 1, h2::u32(100'000'000)));
    const auto reset = client.next_of(h2::rst_stream, 1);
    ASSERT_TRUE(reset.has_value());
    EXPECT_EQ(reset->code(), h2::internal_error);
    client.send(h2::request(3, h2::get("/a")));
    EXPECT_EQ(client.body_of(3), "content");
}

// What is not in the page cache is read through the ring, while other streams go on.
TEST_F(serve_h2, cold_files_arrive_as_they_are) {
    const string content = site_.add_pattern("big", 5'000'000);
    const unique_fd file{::open(site_.at("big").c_str(), O_RDONLY | O_CLOEXEC)};
    ASSERT_EQ(::fsync(file.get()), 0);
    const server_process server{site_.path(), with()};
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED), 0);
        EXPECT_TRUE(curl(server, "/big") == content);
    }
}

TEST_F(serve_h2, nghttp_gets_files_beside_each_other) {
    if (run_program({.program = "nghttp", .arguments = {"--version"}}).exit_status != 0) {
        GTEST_SKIP() << "there is no nghttp here";
    }
    site_.add_pattern("a", 100'000, 1);
    site_.add_pattern("b", 100'000, 2);
    const server_process server{site_.path(), with()};
    const string url = "http://127.0.0.1:" + std::to_string(server.port());
    const ended_process ended = run_program(
        {.program = "nghttp", .arguments = {"--null-out", "--stat", url + "/a", url + "/b"}});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_NE(ended.standard_output.find(" 200 "), string::npos) << ended.standard_output;
}

// The order in which the streams of several large responses end.
std::vector<std::uint32_t> ends_of(h2_client& client, std::size_t count) {
    std::vector<std::uint32_t> order;
    while (order.size() < count) {
        const auto got = client.next();
        if (!got) {
            break;
        }
        if (got->type == h2::data && got->has(h2::end_stream)) {
            order.push_back(got->stream);
        }
    }
    return order;
}

constexpr std::uint32_t wide = 0x7fff0000;

// Asks for several files and only then opens the connection's window, so that all of them wait.
class serve_h2_priorities : public serve_h2 {
protected:
    serve_h2_priorities() { site_.add_pattern("f", 300'000); }
    static void open_window(h2_client& client) {
        EXPECT_TRUE(client.answers_ping());
        client.send(h2::frame(h2::window_update, 0, 0, h2::u32(wide)));
    }
    static string ask(std::uint32_t stream, const char* priority) {
        return h2::request(stream, h2::get("/f", {{"priority", priority}}));
    }
};

TEST_F(serve_h2_priorities, more_urgent_streams_end_first) {
    if (!reads_without_waiting()) {  // Who waits for its file lets others go first.
        GTEST_SKIP() << "skipped: this file system has no RWF_NOWAIT";
    }
    const server_process server{site_.path(), with()};
    h2_client client{server.port(), h2::setting(4, wide)};
    client.send(ask(1, "u=6") + ask(3, "u=3") + ask(5, "u=0"));
    open_window(client);
    EXPECT_EQ(ends_of(client, 3), (std::vector<std::uint32_t>{5, 3, 1}));
}

TEST_F(serve_h2_priorities, update_frame_changes_the_order) {
    if (!reads_without_waiting()) {  // Who waits for its file lets others go first.
        GTEST_SKIP() << "skipped: this file system has no RWF_NOWAIT";
    }
    const server_process server{site_.path(), with()};
    h2_client client{server.port(), h2::setting(4, wide)};
    client.send(ask(1, "u=3") + ask(3, "u=3"));
    client.send(h2::frame(h2::priority_update, 0, 0, h2::u32(3) + "u=1"));
    open_window(client);
    EXPECT_EQ(ends_of(client, 2), (std::vector<std::uint32_t>{3, 1}));
}

// Counts how often DATA of one stream is followed by DATA of another.
TEST_F(serve_h2_priorities, only_incremental_streams_take_turns) {
    if (!reads_without_waiting()) {  // Who waits for its file lets others go first.
        GTEST_SKIP() << "skipped: this file system has no RWF_NOWAIT";
    }
    const server_process server{site_.path(), with()};
    const auto turns = [&](const char* priority) {
        h2_client client{server.port(), h2::setting(4, wide)};
        client.send(ask(1, priority) + ask(3, priority));
        open_window(client);
        std::uint32_t last = 0;
        int changes = 0;
        int ended = 0;
        while (ended < 2) {
            const auto got = client.next_of(h2::data);
            if (!got) {
                ADD_FAILURE() << "nothing more came";
                break;
            }
            changes += got->stream != last ? 1 : 0;
            last = got->stream;
            ended += got->has(h2::end_stream) ? 1 : 0;
        }
        return changes;
    };
    EXPECT_LE(turns("u=3"), 5);  // 65535 bytes have gone before the window is open.
    EXPECT_GT(turns("u=3, i"), 10);
}

TEST_F(serve_h2, drain_lets_requests_in_flight_end) {
    const string content = site_.add_pattern("big", 5'000'000);
    server_process server{site_.path(), with()};
    h2_client client{server.port(), h2::setting(4, 100'000)};
    client.send(h2::request(1, h2::get("/big")));
    const auto first = client.next_of(h2::data, 1);
    ASSERT_TRUE(first.has_value());
    server.signal(SIGTERM);
    const auto notice = client.next_of(h2::goaway);
    ASSERT_TRUE(notice.has_value());
    EXPECT_EQ(notice->payload.substr(0, 4), h2::u32(0x7fffffff));
    EXPECT_EQ(notice->code(), h2::no_error);
    const auto final_one = client.next_of(h2::goaway);
    ASSERT_TRUE(final_one.has_value());
    EXPECT_EQ(final_one->payload.substr(0, 4), h2::u32(1));
    client.send(h2::frame(h2::window_update, 0, 0, h2::u32(wide)) +
                h2::frame(h2::window_update, 0, 1, h2::u32(100'000'000)));
    const string rest = client.body_of(1);
    EXPECT_GT(rest.size(), content.size() - 300'000);
    EXPECT_TRUE(content.ends_with(rest));
    EXPECT_TRUE(client.ends());
    EXPECT_EQ(server.wait().exit_status, 0);
}

TEST_F(serve_h2, requests_have_their_limit) {
    site_.add("a", "content");
    const server_process server{site_.path(), with({"--max-requests", "2"})};
    h2_client client{server.port()};
    client.send(h2::request(1, h2::get("/a")) + h2::request(3, h2::get("/a")));
    const auto last = client.next_of(h2::goaway);
    ASSERT_TRUE(last.has_value());
    EXPECT_EQ(last->payload.substr(0, 4), h2::u32(3));
    EXPECT_TRUE(client.ends());
}

TEST_F(serve_h2, idle_connections_are_told_and_closed) {
    site_.add("a", "content");
    const server_process server{site_.path(), with({"--idle-timeout", "200ms"})};
    h2_client client{server.port()};
    client.send(h2::request(1, h2::get("/a")));
    EXPECT_EQ(client.body_of(1), "content");
    const auto last = client.next_of(h2::goaway);
    ASSERT_TRUE(last.has_value());
    EXPECT_EQ(last->code(), h2::no_error);
    EXPECT_TRUE(client.ends());
    EXPECT_EQ(server.metric("ringway_timeouts_total{kind=\"idle\"}"), 1);
}

TEST_F(serve_h2, log_has_a_line_for_each_request) {
    site_.add("a", "content");
    const string log = site_.at("access.log");
    server_process server{site_.path(), with({"--log", log})};
    h2_client client{server.port()};
    client.send(h2::request(1, h2::get("/a?x=1", {{"user-agent", "by hand"}})));
    EXPECT_EQ(client.body_of(1), "content");
    server.stop();
    const string lines = content_of(log);
    EXPECT_NE(lines.find("\"GET /a?x=1 HTTP/2\" 200 7 "), string::npos) << lines;
    EXPECT_NE(lines.find("\"by hand\""), string::npos) << lines;
}

TEST_F(serve_h2, too_large_heads_are_refused) {
    site_.add("a", "content");
    const server_process server{site_.path(), with({"--max-headers", "10"})};
    h2_client client{server.port()};
    h2::fields many;
    for (int i = 0; i < 11; ++i) {
        many.emplace_back("x" + std::to_string(i), "y");
    }
    client.send(h2::request(1, h2::get("/a", many)));
    const auto refused = client.next_of(h2::headers, 1);
    ASSERT_TRUE(refused.has_value());
    EXPECT_NE(refused->payload.find("431"), string::npos);
    client.send(h2::request(3, h2::get("/" + string(9000, 'a'))));
    EXPECT_TRUE(client.next_of(h2::headers, 3).has_value());
    client.send(h2::request(5, h2::get("/a")));
    EXPECT_EQ(client.body_of(5), "content");
}

// The load generator of nghttp2: thousands of requests on few connections, none of which may fail.
TEST_F(serve_h2, load_of_many_streams) {
    if (run_program({.program = "h2load", .arguments = {"--version"}}).exit_status != 0) {
        GTEST_SKIP() << "there is no h2load here";
    }
    site_.add_pattern("small", 4096);
    site_.add_pattern("large", 200'000);
    const server_process server{site_.path(), with()};
    const string url = "http://127.0.0.1:" + std::to_string(server.port());
    for (const char* name : {"/small", "/large"}) {
        const ended_process ended = run_program(
            {.program = "h2load", .arguments = {"-n", "2000", "-c", "8", "-m", "32", url + name}});
        EXPECT_NE(ended.standard_output.find("2000 succeeded, 0 failed"), string::npos)
            << ended.standard_output;
    }
}

}  // namespace
}  // namespace ringway::test
