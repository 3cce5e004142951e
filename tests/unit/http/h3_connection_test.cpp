// The life of an HTTP/3 connection: requests, early data, draining, deadlines, and what goes wrong.
#include "http/h3_connection.hpp"

#include <string>

#include <gtest/gtest.h>

#include "support/file_systems.hpp"
#include "support/h3_world.hpp"

namespace ringway::test {
namespace {

using namespace std::chrono_literals;
using h3::get;
using observe::abuse_kind;
using observe::timeout_kind;

const h3::fields post{
    {":method", "POST"}, {":scheme", "https"}, {":authority", "h"}, {":path", "/one.txt"}};

TEST(h3_connection, every_file_is_what_it_is) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const fake_quic_manner how{.seed = seed,
                                   .piece_max = seed % 2 == 0 ? 1200U : 0U,
                                   .send_target = seed < 3 ? 5000U : 300'000U};
        run_h3({}, how, [](h3_world& world) -> task<void> {
            world.greet();
            const auto& files = sim_site::shared().files();
            for (std::size_t i = 0; i < 2 * files.size(); ++i) {
                world.ask(static_cast<quic::stream_id>(4 * i), get(files[i % files.size()].path));
            }
            co_await world.settle();
            for (std::size_t i = 0; i < 2 * files.size(); ++i) {
                const h3_response got = world.response(static_cast<quic::stream_id>(4 * i));
                EXPECT_EQ(got.status, 200);
                EXPECT_TRUE(got.whole);
                EXPECT_TRUE(got.body == files[i % files.size()].content);
                EXPECT_EQ(got.fields.count("alt-svc"), 0U);
                EXPECT_TRUE(world.quic.stream(static_cast<quic::stream_id>(4 * i)).closed);
            }
            EXPECT_EQ(
                world.metrics.requests(observe::http_protocol::http_3, wire::method_id::get, 0),
                2 * files.size());
        });
    }
}

TEST(h3_connection, head_and_ranges) {
    run_h3({}, {}, [](h3_world& world) -> task<void> {
        world.greet();
        h3::fields head = get("/large.bin");
        head[0].second = "HEAD";
        world.ask(0, head);
        world.ask(4, get("/large.bin", {{"range", "bytes=65000-131100"}}));
        world.ask(8, get("/large.bin", {{"range", "bytes=0-9,100000-100009,-5"}}));
        co_await world.settle();
        const std::string& content = sim_site::shared().file("/large.bin").content;
        EXPECT_EQ(world.response(0).body, "");
        EXPECT_EQ(world.response(0).fields["content-length"], std::to_string(content.size()));
        EXPECT_TRUE(world.response(4).body == content.substr(65000, 66101));
        const h3_response parts = world.response(8);
        EXPECT_EQ(parts.status, 206);
        EXPECT_TRUE(parts.whole);
        EXPECT_EQ(std::to_string(parts.body.size()), world.response(8).fields["content-length"]);
        for (const std::string& each :
             {content.substr(0, 10), content.substr(100'000, 10), content.substr(300 * 1024 - 5)}) {
            EXPECT_NE(parts.body.find("\r\n\r\n" + each), std::string::npos);
        }
    });
}

// Bytes that are not acknowledged are read again when packets are lost.
TEST(h3_connection, pieces_stay_until_acknowledged) {
    run_h3({}, {.acknowledges = false}, [](h3_world& world) -> task<void> {
        world.greet();
        world.ask(0, get("/large.bin"));
        co_await world.settle();
        EXPECT_TRUE(world.response(0).body == sim_site::shared().file("/large.bin").content);
        EXPECT_FALSE(world.quic.stream(0).closed);
        world.quic.acknowledge();
        EXPECT_TRUE(world.quic.stream(0).closed);
    });
}

TEST(h3_connection, urgent_responses_go_first) {
    if (!test::reads_without_waiting()) {  // Who waits for its file lets others go first.
        GTEST_SKIP() << "skipped: this file system has no RWF_NOWAIT";
    }
    run_h3({}, {.piece_max = 1000}, [](h3_world& world) -> task<void> {
        world.greet();
        world.ask(0, get("/large.bin", {{"priority", "u=5"}}));
        world.ask(4, get("/large.bin", {{"priority", "u=1"}}));
        world.quic.deliver(2, h3::update_priority(8, "u=0"));
        world.ask(8, get("/large.bin", {{"priority", "u=7"}}));
        co_await world.settle();
        std::vector<quic::stream_id> order;
        for (const quic::stream_id each : world.quic.history()) {
            if ((each & 3) == 0 && (order.empty() || order.back() != each)) {
                order.push_back(each);
            }
        }
        EXPECT_EQ(order, (std::vector<quic::stream_id>{8, 4, 0}));
    });
}

TEST(h3_connection, incremental_responses_take_turns) {
    run_h3({}, {.piece_max = 1000}, [](h3_world& world) -> task<void> {
        world.greet();
        world.ask(0, get("/large.bin", {{"priority", "i"}}));
        world.ask(4, get("/large.bin", {{"priority", "i"}}));
        co_await world.settle();
        int turns = 0;
        for (std::size_t i = 1; i < world.quic.history().size(); ++i) {
            turns += world.quic.history()[i] != world.quic.history()[i - 1] ? 1 : 0;
        }
        EXPECT_GT(turns, 100);
    });
}

TEST(h3_connection, a_shut_window_holds_one_stream_only) {
    run_h3({}, {.window = 1000}, [](h3_world& world) -> task<void> {
        world.greet();
        world.ask(0, get("/large.bin"));
        co_await world.settle();
        world.ask(4, get("/one.txt"));
        co_await world.settle();
        EXPECT_EQ(world.quic.stream(0).sent.size(), 1000U);
        EXPECT_TRUE(world.response(4).whole);
        while (!world.quic.stream(0).fin) {
            world.quic.allow(0, 10'000);
            co_await world.settle();
        }
        EXPECT_TRUE(world.response(0).body == sim_site::shared().file("/large.bin").content);
    });
}

TEST(h3_connection, early_requests_are_answered_if_they_are_safe) {
    run_h3({}, {}, [](h3_world& world) -> task<void> {
        world.quic.deliver(0, h3::head(get("/one.txt")), true, true);
        world.quic.deliver(4, h3::head(post), true, true);
        co_await world.settle();
        EXPECT_EQ(world.response(0).status, 200);
        EXPECT_EQ(world.quic.stream(4).sent, "");
        EXPECT_EQ(world.metrics.early_requests.get(), 1U);
        EXPECT_EQ(world.metrics.early_waits.get(), 1U);
        world.quic.handshake_ends();
        co_await world.settle();
        EXPECT_EQ(world.response(4).status, 405);
    });
}

TEST(h3_connection, an_unwanted_body_is_not_read) {
    run_h3({}, {}, [](h3_world& world) -> task<void> {
        world.greet();
        world.quic.deliver(0, h3::head(post) + h3::frame(h3::data, std::string(70'000, 'x')));
        co_await world.settle();
        EXPECT_EQ(world.response(0).status, 405);
        EXPECT_EQ(world.quic.stream(0).stopped, h3::no_error);
        EXPECT_FALSE(world.quic.stream(0).reset);
    });
}

TEST(h3_connection, a_drain_says_goodbye_twice) {
    run_h3({}, {.window = 100}, [](h3_world& world) -> task<void> {
        world.greet();
        world.ask(0, get("/page.css"));
        co_await world.settle();
        static_cast<http::session*>(world.context.first)->drain();
        co_await world.settle();
        static_cast<void>(co_await sleep_for(200ms));
        co_await world.settle();
        const std::string& control = world.quic.stream(3).sent;
        EXPECT_NE(control.find(h3::frame(h3::goaway, h3::number((std::uint64_t{1} << 62U) - 4))),
                  std::string::npos);
        EXPECT_TRUE(control.ends_with(h3::frame(h3::goaway, h3::number(4))));
        world.ask(4, get("/one.txt"));
        EXPECT_EQ(world.quic.stream(4).reset, h3::request_rejected);
        EXPECT_FALSE(world.quic.closed());
        while (!world.quic.closed()) {
            world.quic.allow(0, 10'000);
            co_await world.settle();
        }
        EXPECT_TRUE(world.response(0).body == sim_site::shared().file("/page.css").content);
        EXPECT_EQ(world.quic.closed(), h3::no_error);
    });
}

TEST(h3_connection, a_drain_does_not_wait_for_who_is_gone) {
    run_h3({}, {.acknowledges = false}, [](h3_world& world) -> task<void> {
        world.greet();
        co_await world.settle();
        static_cast<http::session*>(world.context.first)->drain();
        for (int i = 0; i < 10 && !world.quic.closed(); ++i) {
            co_await world.settle();
            static_cast<void>(co_await sleep_for(100ms));
        }
        EXPECT_EQ(world.quic.closed(), h3::no_error);
    });
}

// Goal: a request that the client never ends, answered long ago, does not hold a drain up.
TEST(h3_connection, a_drain_does_not_wait_for_streams_without_work) {
    run_h3({}, {.acknowledges = false}, [](h3_world& world) -> task<void> {
        world.greet();
        h3::fields asked = get("/one.txt");
        asked[0].second = "HEAD";
        world.quic.deliver(0, h3::head(asked));  // Without an end.
        co_await world.settle();
        static_cast<void>(co_await sleep_for(20s));
        co_await world.settle();
        EXPECT_TRUE(world.quic.stream(0).fin);
        static_cast<http::session*>(world.context.first)->drain();
        for (int i = 0; i < 10 && !world.quic.closed(); ++i) {
            co_await world.settle();
            static_cast<void>(co_await sleep_for(100ms));
        }
        EXPECT_FALSE(world.quic.stream(0).closed);
        EXPECT_EQ(world.quic.closed(), h3::no_error);
    });
}

TEST(h3_connection, a_client_must_allow_three_streams) {
    run_h3({}, {.uni_streams = 2}, [](h3_world& world) -> task<void> {
        EXPECT_EQ(world.quic.closed(), h3::stream_creation_error);
        co_return;
    });
}

TEST(h3_connection, heads_have_a_deadline) {
    run_h3({}, {}, [](h3_world& world) -> task<void> {
        world.greet();
        const std::string head = h3::head(get("/one.txt"));
        world.quic.deliver(0, head.substr(0, head.size() - 1));
        static_cast<void>(co_await sleep_for(11s));
        EXPECT_EQ(world.quic.stream(0).reset, h3::request_incomplete);
        EXPECT_EQ(world.metrics.timeouts.get(timeout_kind::header), 1U);
        EXPECT_FALSE(world.quic.closed());
    });
}

TEST(h3_connection, idle_ones_end) {
    run_h3({}, {}, [](h3_world& world) -> task<void> {
        world.greet();
        world.ask(0, get("/one.txt"));
        co_await world.settle();
        static_cast<void>(co_await sleep_for(70s));
        EXPECT_FALSE(world.quic.closed());
        static_cast<void>(co_await sleep_for(10s));
        EXPECT_EQ(world.quic.closed(), h3::no_error);
    });
}

// RFC 9110 section 9.3.2: not even when the request is refused.
TEST(h3_connection, a_refused_head_has_no_body) {
    run_h3({}, {}, [](h3_world& world) -> task<void> {
        world.greet();
        h3::fields asked = get("/one.txt", {{"x", std::string(40'000, 'y')}});
        asked[0].second = "HEAD";
        world.ask(0, asked);
        asked[0].second = "GET";
        world.ask(4, asked);
        co_await world.settle();
        const h3_response bare = world.response(0);
        const h3_response full = world.response(4);
        EXPECT_EQ(bare.status, 431);
        EXPECT_TRUE(bare.whole);
        EXPECT_EQ(bare.body, "");
        EXPECT_EQ(full.status, 431);
        EXPECT_NE(full.body, "");
    });
}

// Goal: who never ends a request, though told to stop, holds no connection by that.
TEST(h3_connection, streams_that_the_peer_does_not_end_are_no_business) {
    run_h3({}, {.acknowledges = false}, [](h3_world& world) -> task<void> {
        world.greet();
        h3::fields asked = get("/one.txt");
        asked[0].second = "HEAD";
        world.quic.deliver(0, h3::head(asked));  // Without an end.
        co_await world.settle();
        static_cast<void>(co_await sleep_for(20s));
        co_await world.settle();
        EXPECT_TRUE(world.quic.stream(0).fin && world.quic.stream(0).stopped);
        EXPECT_FALSE(world.quic.stream(0).closed);
        static_cast<void>(co_await sleep_for(50s));
        EXPECT_FALSE(world.quic.closed());
        static_cast<void>(co_await sleep_for(60s));
        EXPECT_EQ(world.quic.closed(), h3::no_error);
    });
}

TEST(h3_connection, windows_that_stay_shut_end_the_stream) {
    run_h3({}, {.window = 1000}, [](h3_world& world) -> task<void> {
        world.greet();
        world.ask(0, get("/large.bin"));
        co_await world.settle();
        static_cast<void>(co_await sleep_for(25s));
        EXPECT_FALSE(world.quic.stream(0).reset);
        static_cast<void>(co_await sleep_for(30s));
        EXPECT_EQ(world.quic.stream(0).reset, h3::excessive_load);
        EXPECT_EQ(world.metrics.abuse.get(abuse_kind::h3_stalled), 1U);
        EXPECT_FALSE(world.quic.closed());
    });
}

// The windows are open, but nothing is acknowledged.
TEST(h3_connection, who_takes_nothing_is_left) {
    run_h3({}, {.acknowledges = false}, [](h3_world& world) -> task<void> {
        world.greet();
        world.ask(0, get("/large.bin"));
        co_await world.settle();
        static_cast<void>(co_await sleep_for(60s));
        EXPECT_EQ(world.quic.closed(), h3::excessive_load);
        EXPECT_EQ(world.metrics.timeouts.get(timeout_kind::min_rate), 1U);
    });
}

}  // namespace
}  // namespace ringway::test
