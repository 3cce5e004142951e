#include "http/client_h3.hpp"

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "support/client_ask.hpp"
#include "support/fake_quic_client.hpp"
#include "support/h3_wire.hpp"
#include "support/run_on_shard.hpp"

namespace ringway::http::detail {
namespace {

namespace h3 = test::h3;
using test::answer_of;
using test::request_to;
using test::run_on_shard;

constexpr quic::stream_id control_stream = 3;

// A connection, and its server by hand. Requests are on streams 0, 4, 8 and so on.
struct h3_pair {
    explicit h3_pair(std::optional<h3_settings> remembered = {}, int streams = 100) {
        auto opened = client_h3::open_over(
            [&](quic::make_application maker) -> result<std::unique_ptr<quic::client_connection>> {
                auto made = std::make_unique<test::fake_quic_client>(
                    test::fake_quic_manner{.is_client = true, .bidi_streams = streams},
                    std::move(maker), remembered.has_value());
                below = made.get();
                return made;
            },
            remembered);
        connection = *std::move(opened);
    }
    void greets(std::string_view settings = {}) const {
        below->shake_hands();
        below->wire.deliver(control_stream, h3::control(settings));
    }
    [[nodiscard]] std::unique_ptr<client_exchange> begin(const client_request& asked) const {
        auto made = connection->begin(asked);
        below->wire.pump();
        return made;
    }
    void answers(quic::stream_id on, std::string_view bytes, bool fin = true) const {
        below->wire.deliver(on, bytes, fin);
    }

    test::fake_quic_client* below = nullptr;
    std::shared_ptr<client_h3> connection;
};

std::string head(const h3::fields& more = {}) {
    h3::fields all{{":status", "200"}};
    all.insert(all.end(), more.begin(), more.end());
    return h3::head(all);
}

std::string hello() { return head() + h3::frame(h3::data, "hello"); }

task<void> answers_beside_each_other() {
    const h3_pair pair;
    pair.greets();
    const auto asked = request_to("https://a/");
    const auto one = pair.begin(asked);
    const auto two = pair.begin(asked);
    EXPECT_TRUE(pair.below->wire.stream(0).fin);
    pair.answers(4, h3::head({{":status", "103"}}) + hello());
    const auto second = co_await answer_of(*two);
    EXPECT_EQ(second.body, "hello");
    pair.answers(0, head(), false);
    pair.answers(0, h3::frame(h3::data, "on") + h3::frame(h3::data, "e"));
    const auto first = co_await answer_of(*one);
    EXPECT_EQ(first.body, "one");
    EXPECT_EQ(pair.connection->in_flight(), 0U);
    co_await pair.connection->close();
}

TEST(client_h3, answers_beside_each_other) { run_on_shard(answers_beside_each_other()); }

task<void> waits_for_streams() {
    const h3_pair pair{{}, 1};
    pair.greets();
    const auto asked = request_to("https://a/");
    const auto one = pair.begin(asked);
    const auto two = pair.begin(asked);
    EXPECT_TRUE(pair.below->wire.stream(4).sent.empty());
    pair.answers(0, hello());
    const auto first = co_await answer_of(*one);
    EXPECT_EQ(first.body, "hello");
    pair.below->wire.allow_streams(1);
    pair.below->wire.pump();
    EXPECT_TRUE(pair.below->wire.stream(4).fin);
    pair.answers(4, hello());
    const auto second = co_await answer_of(*two);
    EXPECT_EQ(second.body, "hello");
    co_await pair.connection->close();
}

TEST(client_h3, requests_wait_for_streams) { run_on_shard(waits_for_streams()); }

// Goal: only what was rejected unseen may be asked again (RFC 9114 section 4.1.1).
task<void> reset_by_the_server(h3::code code, bool unprocessed) {
    const h3_pair pair;
    pair.greets();
    const auto asked = request_to("https://a/");
    const auto exchange = pair.begin(asked);
    pair.below->wire.reset(0, code);
    const auto answer = co_await answer_of(*exchange);
    EXPECT_EQ(answer.failed, errc::closed);
    EXPECT_EQ(answer.unprocessed, unprocessed) << code;
    EXPECT_FALSE(answer.problem.empty());
    EXPECT_TRUE(pair.connection->takes_more());
    co_await pair.connection->close();
}

TEST(client_h3, streams_that_the_server_resets) {
    run_on_shard(reset_by_the_server(h3::request_rejected, true));
    run_on_shard(reset_by_the_server(h3::internal_error, false));
}

task<void> goes_away() {
    const h3_pair pair;
    pair.greets();
    const auto asked = request_to("https://a/");
    const auto one = pair.begin(asked);
    const auto two = pair.begin(asked);
    pair.below->wire.deliver(control_stream, h3::frame(h3::goaway, h3::number(4)));
    const auto second = co_await answer_of(*two);
    EXPECT_EQ(second.failed, errc::closed);
    EXPECT_TRUE(second.unprocessed);
    EXPECT_FALSE(pair.connection->takes_more());
    pair.answers(0, hello());
    const auto first = co_await answer_of(*one);
    EXPECT_EQ(first.body, "hello");
    co_await pair.connection->close();
}

TEST(client_h3, a_server_that_goes_away_ends_what_it_began) { run_on_shard(goes_away()); }

task<void> ends_in_the_middle() {
    const h3_pair pair;
    pair.greets();
    const auto asked = request_to("https://a/");
    const auto exchange = pair.begin(asked);
    pair.answers(0, head() + h3::frame(h3::data, "he"), false);
    pair.below->ends({.reason = {errc::timed_out}});
    const auto answer = co_await answer_of(*exchange);
    EXPECT_EQ(answer.body, "he");
    EXPECT_EQ(answer.failed, errc::timed_out);
    EXPECT_FALSE(answer.unprocessed);
    EXPECT_TRUE(pair.connection->is_over());
    EXPECT_EQ(pair.connection->connect_failure(), nullptr);
    co_await pair.connection->close();
}

TEST(client_h3, a_connection_that_ends_fails_all) { run_on_shard(ends_in_the_middle()); }

task<void> breaks_the_rules(std::string bytes) {
    const h3_pair pair;
    pair.greets();
    const auto asked = request_to("https://a/");
    const auto exchange = pair.begin(asked);
    pair.answers(0, bytes);
    if (pair.below->wire.closed()) {
        pair.below->ends({.by_application = true, .code = *pair.below->wire.closed()});
    }
    const auto answer = co_await answer_of(*exchange);
    EXPECT_NE(answer.failed, errc::none) << bytes;
    EXPECT_FALSE(answer.problem.empty()) << bytes;
    EXPECT_FALSE(answer.unprocessed) << bytes;
    co_await pair.connection->close();
}

TEST(client_h3, answers_that_break_the_rules) {
    const auto five = head({{"content-length", "5"}});
    run_on_shard(breaks_the_rules(five + h3::frame(h3::data, "hello, world")));
    run_on_shard(breaks_the_rules(five + h3::frame(h3::data, "hell")));
    run_on_shard(breaks_the_rules(five));
    run_on_shard(breaks_the_rules(h3::frame(h3::data, "no head")));
    run_on_shard(breaks_the_rules(h3::head({{"server", "x"}})));
    run_on_shard(breaks_the_rules(h3::head({{":status", "2x0"}})));
    run_on_shard(breaks_the_rules(head({{"Upper", "x"}})));
    run_on_shard(breaks_the_rules(h3::head({{":status", "101"}})));
    run_on_shard(breaks_the_rules(""));
    run_on_shard(breaks_the_rules(h3::frame(h3::settings)));
    run_on_shard(breaks_the_rules(h3::frame(h3::headers, "\xff\xff\xff")));
}

// Goal: an answer with a field that may not be is none at all (RFC 9114 section 4.1.2 and 10.3),
// however it comes; what nghttp3 passes over for other reasons does no harm.
task<void> has_fields(std::string bytes, bool is_fine) {
    const h3_pair pair;
    pair.greets();
    const auto asked = request_to("https://a/");
    const auto exchange = pair.begin(asked);
    for (std::size_t at = 0; at < bytes.size(); at += 7) {
        pair.answers(0, std::string_view{bytes}.substr(at, 7), at + 7 >= bytes.size());
    }
    const auto answer = co_await answer_of(*exchange);
    EXPECT_EQ(answer.failed, is_fine ? errc::none : errc::malformed) << bytes;
    EXPECT_EQ(pair.below->wire.stream(0).stopped.has_value(), !is_fine) << bytes;
    if (!is_fine) {
        EXPECT_EQ(pair.below->wire.stream(0).stopped, h3::message_error) << bytes;
        EXPECT_EQ(pair.below->wire.closed(), std::nullopt) << bytes;
    }
    co_await pair.connection->close();
}

TEST(client_h3, answers_with_forbidden_characters_are_malformed) {
    using namespace std::string_literals;
    const auto body = h3::frame(h3::data, "hello");
    for (const h3::fields& wrong : {h3::fields{{"x", "a\r\nb: c"}},
                                    {{"x", "a\nb"}},
                                    {{"x", "a\0b"s}},
                                    {{"x", "\x7f"}},
                                    {{"x y", "a"}},
                                    {{"", "a"}},
                                    {{"x(", "a"}},
                                    {{"x", "\x01"}, {"y", "b"}}}) {
        run_on_shard(has_fields(head(wrong) + body, false));
        run_on_shard(has_fields(h3::head({{":status", "103"}}) + head(wrong) + body, false));
    }
    run_on_shard(has_fields(head({{"x", "a\tb \xff"}, {"y", ""}}) + body, true));
    run_on_shard(has_fields(h3::head({{":status", "204"}, {"content-length", "0"}}), true));
    const auto two = h3::fields{{"x", "\n"}, {"y", "\n"}};
    run_on_shard(has_fields(head() + body + h3::head({{"content-length", "5"}}), true));
    run_on_shard(has_fields(head() + body + h3::head(two), false));
}

std::string told(const h3_settings& what) {  // RFC 9114 section 7.2.4.1, RFC 9204 section 5.
    return h3::setting(6, what.field_section_max) + h3::setting(1, what.qpack_table_max) +
           h3::setting(7, what.qpack_blocked_max);
}

constexpr h3_settings promised{10'000, 4096, 100};

// Goal: settings that early data relied on are kept (RFC 9114 section 7.2.4.2).
task<void> early_data(h3_settings now, std::optional<std::uint64_t> closes) {
    const h3_pair pair{promised};
    EXPECT_TRUE(pair.connection->sends_early());
    const auto asked = request_to("https://a/");
    const auto exchange = pair.begin(asked);
    EXPECT_TRUE(pair.below->wire.stream(0).fin);
    pair.greets(told(now));
    EXPECT_EQ(pair.below->wire.closed(), closes);
    if (closes) {
        pair.below->ends({.by_application = true, .code = *closes});
    } else {
        pair.answers(0, hello());
    }
    const auto answer = co_await answer_of(*exchange);
    EXPECT_EQ(answer.body, closes ? "" : "hello");
    EXPECT_EQ(answer.problem.contains("settings"), closes.has_value()) << answer.problem;
    EXPECT_EQ(read_h3_settings(pair.connection->resumption().application), now);
    co_await pair.connection->close();
}

TEST(client_h3, settings_of_the_ticket_are_kept) {
    run_on_shard(early_data(promised, std::nullopt));
    run_on_shard(early_data({20'000, 4096, 100}, std::nullopt));
    run_on_shard(early_data({9'999, 4096, 100}, h3::settings_error));
    run_on_shard(early_data({10'000, 0, 100}, h3::qpack_decoder_stream_error));
}

task<void> long_heads(std::optional<h3_settings> remembered) {
    const h3_pair pair{remembered};
    if (!remembered) {
        pair.greets(told(promised));
    }
    auto asked = request_to("https://a/");
    asked.fields.push_back({"x", std::string(10'000, 'x')});
    const auto exchange = pair.begin(asked);
    const auto answer = co_await answer_of(*exchange);
    EXPECT_EQ(answer.failed, errc::limit);
    EXPECT_TRUE(answer.problem.contains("10000")) << answer.problem;
    EXPECT_TRUE(pair.below->wire.stream(0).sent.empty());
    co_await pair.connection->close();
}

TEST(client_h3, heads_that_the_server_does_not_take_are_not_sent) {
    run_on_shard(long_heads({}));
    run_on_shard(long_heads(promised));
}

}  // namespace
}  // namespace ringway::http::detail
