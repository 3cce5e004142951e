#include "http/client_h2.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>

#include "support/client_ask.hpp"
#include "support/h2_client.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway::http::detail {
namespace {

namespace h2 = test::h2;
using test::answer_of;
using test::ask;
using test::comes_true;
using test::request_to;
using test::run_on_shard;

// A connection, and the server's end of it. Streams are 1, 3, 5 and so on.
struct h2_pair {
    h2_pair() : fds{test::tcp_pair()} {
        connection = std::make_unique<client_h2>(std::make_unique<client_link>(fds.near.release()));
    }
    void says(std::string_view frames) const { test::put(fds.far.get(), frames); }
    void hangs_up() { fds.far.reset(); }
    /// All that the client has sent so far.
    const std::string& heard() { return heard_ += test::get_now(fds.far.get()); }

    test::fd_pair fds;
    std::unique_ptr<client_h2> connection;

private:
    std::string heard_;
};

std::string settings(std::string_view entries = {}) {
    return h2::frame(h2::settings, 0, 0, entries);
}

std::string head(std::uint32_t stream, const h2::fields& fields = {{":status", "200"}},
                 int flags = h2::end_headers) {
    return h2::frame(h2::headers, flags, stream, h2::block(fields));
}

std::string data(std::uint32_t stream, std::string_view text, int flags = h2::end_stream) {
    return h2::frame(h2::data, flags, stream, text);
}

std::string hello(std::uint32_t stream) { return head(stream) + data(stream, "hello"); }

task<void> answers_beside_each_other() {
    h2_pair pair;
    const auto asked = request_to("https://a/");
    const auto one = pair.connection->begin(asked);
    const auto two = pair.connection->begin(asked);
    EXPECT_EQ(pair.connection->in_flight(), 2U);
    pair.says(settings() + head(3, {{":status", "103"}}) + head(3) + data(3, "tw", 0) + hello(1) +
              data(3, "o"));
    const auto second = co_await answer_of(*two);
    EXPECT_EQ(second.body, "two");
    const auto first = co_await answer_of(*one);
    EXPECT_EQ(first.body, "hello");
    EXPECT_EQ(pair.connection->in_flight(), 0U);
    EXPECT_TRUE(pair.connection->takes_more());
    co_await pair.connection->close();
}

TEST(client_h2, answers_beside_each_other) { run_on_shard(answers_beside_each_other()); }

// Goal: only what was refused unseen may be asked again (RFC 9113 section 8.7).
task<void> reset_by_the_server(h2::code code, bool unprocessed) {
    h2_pair pair;
    const auto asked = request_to("https://a/");
    pair.says(settings());
    const auto exchange = pair.connection->begin(asked);
    pair.says(h2::frame(h2::rst_stream, 0, 1, h2::u32(code)));
    const auto answer = co_await answer_of(*exchange);
    EXPECT_EQ(answer.failed, errc::closed);
    EXPECT_EQ(answer.unprocessed, unprocessed) << code;
    EXPECT_FALSE(answer.problem.empty());
    const auto next = pair.connection->begin(asked);  // The others do not suffer.
    pair.says(hello(3));
    const auto after = co_await answer_of(*next);
    EXPECT_EQ(after.body, "hello");
    co_await pair.connection->close();
}

TEST(client_h2, streams_that_the_server_resets) {
    run_on_shard(reset_by_the_server(h2::refused_stream, true));
    run_on_shard(reset_by_the_server(h2::internal_error, false));
    run_on_shard(reset_by_the_server(h2::no_error, false));
}

task<void> goes_away() {
    h2_pair pair;
    const auto asked = request_to("https://a/");
    const auto one = pair.connection->begin(asked);
    const auto two = pair.connection->begin(asked);
    pair.says(settings() + head(1) + data(1, "he", 0) +
              h2::frame(h2::goaway, 0, 0, h2::u32(1) + h2::u32(0) + "maintenance"));
    const auto second = co_await answer_of(*two);
    EXPECT_EQ(second.failed, errc::closed);
    EXPECT_TRUE(second.unprocessed);
    EXPECT_FALSE(pair.connection->takes_more());
    pair.says(data(1, "llo"));  // What it had begun it ends.
    const auto first = co_await answer_of(*one);
    EXPECT_EQ(first.body, "hello");
    EXPECT_EQ(first.failed, errc::none);
    co_await pair.connection->close();
}

TEST(client_h2, a_server_that_goes_away_ends_what_it_began) { run_on_shard(goes_away()); }

task<void> hangs_up_in_the_middle() {
    h2_pair pair;
    const auto asked = request_to("https://a/");
    const auto one = pair.connection->begin(asked);
    const auto two = pair.connection->begin(asked);
    pair.says(settings() + head(1) + data(1, "he", 0));
    pair.hangs_up();
    const auto first = co_await answer_of(*one);
    EXPECT_EQ(first.failed, errc::closed);
    EXPECT_EQ(first.body, "he");
    EXPECT_FALSE(first.unprocessed);
    const auto second = co_await answer_of(*two);
    EXPECT_EQ(second.status, 0);
    EXPECT_EQ(second.failed, errc::closed);
    EXPECT_FALSE(second.unprocessed);  // It may have been looked at.
    EXPECT_TRUE(pair.connection->is_over());
    co_await pair.connection->close();
}

TEST(client_h2, a_server_that_hangs_up_fails_all) { run_on_shard(hangs_up_in_the_middle()); }

task<void> as_many_as_the_server_allows() {
    h2_pair pair;
    const auto asked = request_to("https://a/");
    pair.says(settings(h2::setting(3, 1)));  // MAX_CONCURRENT_STREAMS.
    const auto one = pair.connection->begin(asked);
    EXPECT_TRUE(co_await comes_true([&] { return !pair.connection->takes_more(); }));
    pair.says(settings(h2::setting(3, 2)));
    EXPECT_TRUE(co_await comes_true([&] { return pair.connection->takes_more(); }));
    const auto two = pair.connection->begin(asked);
    EXPECT_FALSE(pair.connection->takes_more());
    pair.says(hello(1) + hello(3));
    const auto first = co_await answer_of(*one);
    EXPECT_TRUE(pair.connection->takes_more());
    const auto second = co_await answer_of(*two);
    EXPECT_EQ(first.body + second.body, "hellohello");
    co_await pair.connection->close();
}

TEST(client_h2, as_many_as_the_server_allows) { run_on_shard(as_many_as_the_server_allows()); }

// The bytes of DATA frames in what a client has sent behind its preface.
std::size_t body_bytes(std::string_view sent) {
    sent.remove_prefix(std::min(sent.size(), h2::preface.size()));
    std::size_t sum = 0;
    while (sent.size() >= 9) {
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(sent[at]); };
        const std::size_t length =
            std::size_t{byte(0)} << 16U | std::size_t{byte(1)} << 8U | byte(2);
        sum += byte(3) == h2::data ? length : 0;
        sent.remove_prefix(std::min(sent.size(), 9 + length));
    }
    return sum;
}

// Goal: a window of the server's that is shut holds the request up, and nothing else.
task<void> waits_for_the_window() {
    h2_pair pair;
    auto asked = request_to("https://a/", "POST");
    asked.body = test::pattern(100'000);
    pair.says(settings());
    const auto exchange = pair.connection->begin(asked);
    EXPECT_TRUE(co_await comes_true([&] { return body_bytes(pair.heard()) == 65'535; }));
    const auto other = request_to("https://a/");
    const auto beside = pair.connection->begin(other);
    pair.says(hello(3));
    const auto quick = co_await answer_of(*beside);
    EXPECT_EQ(quick.body, "hello");
    EXPECT_EQ(body_bytes(pair.heard()), 65'535U);
    pair.says(h2::frame(h2::window_update, 0, 0, h2::u32(100'000)) +
              h2::frame(h2::window_update, 0, 1, h2::u32(100'000)));
    EXPECT_TRUE(co_await comes_true([&] { return body_bytes(pair.heard()) == 100'000; }));
    pair.says(hello(1));
    const auto slow = co_await answer_of(*exchange);
    EXPECT_EQ(slow.body, "hello");
    co_await pair.connection->close();
}

TEST(client_h2, waits_for_the_window) { run_on_shard(waits_for_the_window()); }

// Goal: a server that sends more than it may does not fill our memory.
task<void> sends_too_much() {
    h2_pair pair;
    const auto asked = request_to("https://a/");
    const auto exchange = pair.connection->begin(asked);
    std::thread server{[&pair] {
        std::string frames = settings() + head(1);
        const std::string piece(16'384, 'x');
        for (std::int32_t sent = 0; sent <= client_h2::stream_window; sent += 16'384) {
            frames += data(1, piece, 0);
        }
        for (std::string_view rest = frames; !rest.empty();) {  // The client may hang up.
            const auto sent = ::send(pair.fds.far.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                break;
            }
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
    }};
    const auto first = co_await exchange->head();
    EXPECT_TRUE(first.has_value());
    EXPECT_TRUE(co_await comes_true([&] { return !exchange->problem().empty(); }));
    co_await exchange->finish();
    co_await pair.connection->close();
    server.join();
}

TEST(client_h2, a_server_that_sends_too_much_is_stopped) { run_on_shard(sends_too_much()); }

task<void> breaks_the_rules(std::string frames, bool ends_connection) {
    h2_pair pair;
    const auto asked = request_to("https://a/");
    const auto exchange = pair.connection->begin(asked);
    pair.says(settings() + frames);
    const auto answer = co_await answer_of(*exchange);
    EXPECT_NE(answer.failed, errc::none) << frames;
    EXPECT_FALSE(answer.problem.empty()) << frames;
    EXPECT_FALSE(answer.unprocessed) << frames;
    if (ends_connection) {
        EXPECT_TRUE(co_await comes_true([&] { return !pair.connection->takes_more(); })) << frames;
    } else {
        const auto next = pair.connection->begin(asked);
        pair.says(hello(3));
        const auto after = co_await answer_of(*next);
        EXPECT_EQ(after.body, "hello") << frames;
    }
    co_await pair.connection->close();
}

TEST(client_h2, answers_that_break_the_rules) {
    const h2::fields five{{":status", "200"}, {"content-length", "5"}};
    const int alone = h2::end_headers | h2::end_stream;
    run_on_shard(breaks_the_rules(head(1, five) + data(1, "hello, world"), false));
    run_on_shard(breaks_the_rules(head(1, five) + data(1, "hell"), false));
    run_on_shard(breaks_the_rules(head(1, five, alone), false));
    run_on_shard(breaks_the_rules(head(1, {{"server", "x"}}, alone), false));
    run_on_shard(breaks_the_rules(head(1, {{":status", "2x0"}}, alone), false));
    run_on_shard(breaks_the_rules(head(1, {{":status", "200"}, {"Upper", "x"}}, alone), false));
    run_on_shard(breaks_the_rules(head(1, {{":status", "101"}}), false));
}

TEST(client_h2, connections_that_break_the_rules) {
    run_on_shard(breaks_the_rules(data(0, "x"), true));
    run_on_shard(breaks_the_rules(data(1, "no head"), true));
    run_on_shard(breaks_the_rules(h2::frame(h2::settings, 0, 1), true));
    run_on_shard(
        breaks_the_rules(h2::frame(h2::headers, h2::end_headers, 1, "\xff\xff\xff"), true));
    const auto acknowledged = h2::frame(h2::settings, h2::ack, 0);  // That we take no pushes.
    const auto pushed =
        h2::frame(h2::push_promise, h2::end_headers, 1, h2::u32(2) + h2::block(h2::get("/")));
    run_on_shard(breaks_the_rules(acknowledged + pushed, true));
    run_on_shard(breaks_the_rules("HTTP/1.1 400 Bad Request\r\n\r\n", true));
}

}  // namespace
}  // namespace ringway::http::detail
