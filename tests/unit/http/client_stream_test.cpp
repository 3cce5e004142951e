#include "http/client_stream.hpp"

#include <string>

#include <gtest/gtest.h>

#include "support/run_on_shard.hpp"

namespace ringway::http::detail {
namespace {

using test::run_on_shard;

struct fake_carrier final : client_carrier {
    void taken(client_stream&, std::size_t bytes) noexcept override { taken_bytes += bytes; }
    void leave(client_stream&) noexcept override { ++left; }
    std::size_t taken_bytes = 0;
    int left = 0;
};

client_request asked(std::string method = "GET") {
    return {.method = std::move(method), .target = *wire::parse_url("http://a/")};
}

bool add_head(client_stream& to, std::string_view status, std::string_view length = {}) {
    return to.add_field(":status", status) &&
           (length.empty() || to.add_field("content-length", length)) && to.head_ended();
}

task<void> reads_what_came() {
    fake_carrier carrier;
    client_stream stream{carrier, asked()};
    EXPECT_TRUE(stream.add_field(":status", "103") && stream.head_ended());  // Passed over.
    EXPECT_TRUE(add_head(stream, "200", "5"));
    EXPECT_TRUE(stream.add_body(as_bytes("hel")));
    EXPECT_TRUE(stream.add_body(as_bytes("lo")));
    EXPECT_TRUE(stream.body_ended());
    const auto head = co_await stream.head();
    RW_CO_ASSERT(head);
    EXPECT_EQ(head->status, 200);
    std::string body;
    for (;;) {
        const auto piece = co_await stream.read();
        RW_CO_ASSERT(piece);
        if (!*piece) {
            break;
        }
        body += as_text(piece->bytes());
    }
    EXPECT_EQ(body, "hello");
    EXPECT_EQ(carrier.taken_bytes, 5U);
    co_await stream.finish();
    EXPECT_EQ(carrier.left, 1);
}

TEST(client_stream, reads_what_came) { run_on_shard(reads_what_came()); }

task<void> gives_back_what_was_not_read() {
    fake_carrier carrier;
    client_stream stream{carrier, asked()};
    EXPECT_TRUE(add_head(stream, "200") && stream.add_body(as_bytes("unread")));
    co_await stream.finish();
    EXPECT_EQ(carrier.taken_bytes, 6U);
}

TEST(client_stream, gives_back_what_was_not_read) { run_on_shard(gives_back_what_was_not_read()); }

// Goal: neither more nor less than Content-Length says is ever taken for a whole answer.
task<void> judges_lengths() {
    fake_carrier carrier;
    client_stream more{carrier, asked()};
    EXPECT_TRUE(add_head(more, "200", "2"));
    EXPECT_FALSE(more.add_body(as_bytes("abc")));
    client_stream less{carrier, asked()};
    EXPECT_TRUE(add_head(less, "200", "4") && less.add_body(as_bytes("abc")));
    EXPECT_FALSE(less.body_ended());
    client_stream two{carrier, asked()};
    EXPECT_TRUE(two.add_field(":status", "200") && two.add_field("content-length", "4"));
    EXPECT_FALSE(two.add_field("content-length", "5"));
    client_stream to_head{carrier, asked("HEAD")};
    EXPECT_TRUE(add_head(to_head, "200", "4") && to_head.body_ended());
    for (client_stream* each : {&more, &less, &two, &to_head}) {
        co_await each->finish();
    }
}

TEST(client_stream, judges_lengths) { run_on_shard(judges_lengths()); }

task<void> refuses_odd_heads() {
    fake_carrier carrier;
    client_stream stream{carrier, asked()};
    EXPECT_FALSE(stream.add_field("Upper", "x"));
    EXPECT_FALSE(stream.add_field(":status", "2x0"));
    EXPECT_FALSE(stream.add_field(":status", "99"));
    client_stream none{carrier, asked()};
    EXPECT_FALSE(none.head_ended());
    EXPECT_FALSE(none.add_body(as_bytes("x")));
    EXPECT_FALSE(none.body_ended());
    client_stream large{carrier, asked()};
    EXPECT_FALSE(large.add_field("x", std::string(client_stream::head_bytes_max, 'x')));
    for (client_stream* each : {&stream, &none, &large}) {
        co_await each->finish();
    }
}

TEST(client_stream, refuses_odd_heads) { run_on_shard(refuses_odd_heads()); }

task<void> failures_reach_the_reader() {
    fake_carrier carrier;
    client_stream unheard{carrier, asked()};
    unheard.fail_with({errc::closed}, "why", true);
    const auto head = co_await unheard.head();
    EXPECT_EQ(head.error().code, errc::closed);
    EXPECT_EQ(unheard.problem(), "why");
    EXPECT_TRUE(unheard.is_unprocessed());
    client_stream begun{carrier, asked()};
    EXPECT_TRUE(add_head(begun, "200") && begun.add_body(as_bytes("x")));
    begun.fail_with({errc::truncated}, "cut", true);
    EXPECT_FALSE(begun.is_unprocessed());  // It has answered.
    EXPECT_TRUE((co_await begun.head()).has_value());
    EXPECT_TRUE((co_await begun.read()).has_value());  // What had come.
    EXPECT_EQ((co_await begun.read()).error().code, errc::truncated);
    co_await unheard.finish();
    co_await begun.finish();
}

TEST(client_stream, failures_reach_the_reader) { run_on_shard(failures_reach_the_reader()); }

}  // namespace
}  // namespace ringway::http::detail
