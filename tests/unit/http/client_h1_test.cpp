#include "http/client_h1.hpp"

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "support/client_ask.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway::http::detail {
namespace {

using test::ask;
using test::request_to;
using test::run_on_shard;

// A connection, and the server's end of it: what that says is put there beforehand.
struct h1_pair {
    h1_pair() : fds{test::tcp_pair()} {
        connection = std::make_unique<client_h1>(std::make_unique<client_link>(fds.near.release()));
    }
    void says(std::string_view text) const { test::put(fds.far.get(), text); }
    void hangs_up() { fds.far.reset(); }

    test::fd_pair fds;
    std::unique_ptr<client_h1> connection;
};

const std::string ok_hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

task<void> answers_follow_each_other() {
    h1_pair pair;
    const auto asked = request_to("http://a/x");
    for (int i = 0; i < 3; ++i) {
        RW_CO_ASSERT(pair.connection->takes_more());
        pair.says(ok_hello);
        const auto answer = co_await ask(*pair.connection, asked);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "hello");
        EXPECT_EQ(pair.connection->in_flight(), 0U);
    }
    EXPECT_TRUE(test::get_now(pair.fds.far.get()).starts_with("GET /x HTTP/1.1\r\nHost: a\r\n"));
    co_await pair.connection->close();
    EXPECT_TRUE(pair.connection->is_over());
}

TEST(client_h1, answers_follow_each_other) { run_on_shard(answers_follow_each_other()); }

task<void> interim_heads_and_empty_bodies() {
    h1_pair pair;
    pair.says("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" +
              ok_hello);
    const auto asked = request_to("http://a/");
    const auto hinted = co_await ask(*pair.connection, asked);
    EXPECT_EQ(hinted.body, "hello");
    pair.says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    const auto head = request_to("http://a/", "HEAD");
    const auto headed = co_await ask(*pair.connection, head);
    EXPECT_EQ(headed.status, 200);
    EXPECT_EQ(headed.failed, errc::none);
    pair.says("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
    const auto unchanged = co_await ask(*pair.connection, asked);
    EXPECT_EQ(unchanged.status, 304);
    EXPECT_TRUE(pair.connection->takes_more());
    co_await pair.connection->close();
}

TEST(client_h1, interim_heads_and_empty_bodies) { run_on_shard(interim_heads_and_empty_bodies()); }

// Goal: what a server says after an answer is never taken for another one.
task<void> ends_after(std::string text, errc failed, std::string_view body) {
    h1_pair pair;
    pair.says(text);
    pair.hangs_up();
    const auto asked = request_to("http://a/");
    const auto answer = co_await ask(*pair.connection, asked);
    EXPECT_EQ(answer.failed, failed) << text;
    EXPECT_EQ(answer.problem.empty(), failed == errc::none) << text;
    EXPECT_EQ(answer.body, body) << text;
    EXPECT_FALSE(answer.unprocessed) << text;
    EXPECT_TRUE(pair.connection->is_over()) << text;
    co_await pair.connection->close();
}

TEST(client_h1, connections_that_can_not_go_on) {
    run_on_shard(ends_after(ok_hello + "more", errc::none, "hello"));
    run_on_shard(ends_after("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
                            errc::none, "x"));
    run_on_shard(ends_after("HTTP/1.0 200 OK\r\n\r\nall", errc::none, "all"));
    run_on_shard(
        ends_after("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", errc::truncated, "hello"));
    run_on_shard(ends_after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
                            errc::truncated, "ab"));
    run_on_shard(ends_after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                            errc::malformed, ""));
    run_on_shard(ends_after("HTTP/1.1 200 OK\r\nContent-Le", errc::closed, ""));
    run_on_shard(ends_after("SSH-2.0-x\r\n", errc::malformed, ""));
    std::string hints;
    for (int i = 0; i < 40; ++i) {
        hints += "HTTP/1.1 103 Early Hints\r\n\r\n";
    }
    run_on_shard(ends_after(hints + ok_hello, errc::malformed, ""));
}

// Goal: only what the server surely has not looked at may be asked again (RFC 9110, 9.2.2).
task<void> what_may_be_asked_again(std::string method, bool is_first, bool may) {
    h1_pair pair;
    const auto before = request_to("http://a/");
    if (!is_first) {
        pair.says(ok_hello);
        const auto answer = co_await ask(*pair.connection, before);
        EXPECT_EQ(answer.status, 200);
    }
    pair.hangs_up();
    const auto asked = request_to("http://a/", method);
    const auto answer = co_await ask(*pair.connection, asked);
    EXPECT_EQ(answer.status, 0);
    EXPECT_EQ(answer.failed, errc::closed) << method;
    EXPECT_EQ(answer.unprocessed, may) << method << is_first;
    co_await pair.connection->close();
}

TEST(client_h1, what_may_be_asked_again) {
    run_on_shard(what_may_be_asked_again("GET", false, true));
    run_on_shard(what_may_be_asked_again("GET", true, false));
    run_on_shard(what_may_be_asked_again("POST", false, false));
}

task<void> giving_up_ends_the_connection() {
    h1_pair pair;
    pair.says("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhello");
    const auto asked = request_to("http://a/");
    const auto exchange = pair.connection->begin(asked);
    EXPECT_FALSE(pair.connection->takes_more());
    const auto head = co_await exchange->head();
    EXPECT_TRUE(head.has_value());
    co_await exchange->finish();
    EXPECT_TRUE(pair.connection->is_over());
    co_await pair.connection->close();
}

TEST(client_h1, giving_up_ends_the_connection) { run_on_shard(giving_up_ends_the_connection()); }

}  // namespace
}  // namespace ringway::http::detail
