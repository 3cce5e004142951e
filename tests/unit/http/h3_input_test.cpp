// Streams that come and go: resets, and what a hostile client of HTTP/3 does with them.
#include <string>

#include <gtest/gtest.h>

#include "support/h3_world.hpp"

namespace ringway::test {
namespace {

using h3::get;
using observe::abuse_kind;

http::session_limits poor() {
    http::session_limits out;
    out.budget = {.points_max = 1000, .points_per_second = 1};
    return out;
}

// Does `act(world, i)` until the connection ends; returns how often, at most 5000 times.
template <class Act>
task<int> until_closed(h3_world& world, Act act) {
    int count = 0;
    while (!world.quic.closed() && count < 5000) {
        act(world, count++);
        world.quic.pump();
    }
    co_return count;
}

void expect_overdone(h3_world& world, abuse_kind why) {
    EXPECT_EQ(world.quic.closed(), h3::excessive_load);
    EXPECT_EQ(world.metrics.abuse.get(why), 1U);
}

TEST(h3_input, a_reset_ends_the_work) {
    run_h3({}, {.window = 100}, [](h3_world& world) -> task<void> {
        world.greet();
        world.quic.deliver(0, h3::head(get("/large.bin")));  // Without an end.
        world.ask(4, get("/large.bin"));
        co_await world.settle();
        world.quic.reset(0, h3::request_cancelled);
        world.quic.stop(4, h3::request_cancelled);
        co_await world.settle();
        EXPECT_TRUE(world.quic.stream(0).closed);
        EXPECT_TRUE(world.quic.stream(4).closed);
        EXPECT_EQ(world.metrics.stream_resets.get(observe::reset_side::client), 2U);
        EXPECT_EQ(world.metrics.in_flight.get(), 0);
        EXPECT_FALSE(world.quic.closed());
    });
}

TEST(h3_input, critical_streams_stay) {
    for (const quic::stream_id ours : {3, 7, 11}) {
        run_h3({}, {}, [ours](h3_world& world) -> task<void> {
            world.greet();
            world.quic.stop(ours, h3::no_error);
            EXPECT_EQ(world.quic.closed(), h3::closed_critical_stream);
            co_return;
        });
    }
    run_h3({}, {}, [](h3_world& world) -> task<void> {
        world.greet();
        world.quic.reset(2, h3::no_error);
        EXPECT_EQ(world.quic.closed(), h3::closed_critical_stream);
        co_return;
    });
}

TEST(h3_input, rapid_resets_have_an_end) {
    run_h3(poor(), {}, [](h3_world& world) -> task<void> {
        world.greet();
        const int count = co_await until_closed(world, [](h3_world& in, int i) {
            in.quic.deliver(4 * i, h3::head(get("/large.bin")));
            in.quic.reset(4 * i, h3::request_cancelled);
        });
        EXPECT_LT(count, 100);
        expect_overdone(world, abuse_kind::h3_rapid_reset);
    });
}

// ngtcp2 does not tell of STOP_SENDING but by the next output, which has nowhere to go.
TEST(h3_input, so_have_requests_that_are_stopped) {
    run_h3(poor(), {.window = 100}, [](h3_world& world) -> task<void> {
        world.greet();
        const int count = co_await until_closed(world, [](h3_world& in, int i) {
            in.ask(4 * i, get("/large.bin"));
            in.server->on_shut(4 * i);
            in.server->on_shut(4 * i);  // Of the same stream: it costs once.
        });
        EXPECT_GE(count, 1000 / 50);
        EXPECT_LT(count, 100);
        expect_overdone(world, abuse_kind::h3_rapid_reset);
    });
    run_h3(poor(), {.window = 100}, [](h3_world& world) -> task<void> {
        world.greet();
        const int count = co_await until_closed(world, [](h3_world& in, int i) {
            in.ask(4 * i, get("/large.bin"));
            in.server->on_stream_closed(4 * i, h3::request_cancelled);
        });
        EXPECT_LT(count, 100);
        expect_overdone(world, abuse_kind::h3_rapid_reset);
    });
}

TEST(h3_input, so_have_resets_that_we_are_made_to_send) {
    run_h3(poor(), {}, [](h3_world& world) -> task<void> {
        world.greet();
        const int count = co_await until_closed(
            world, [](h3_world& in, int i) { in.ask(4 * i, {{":method", "GET"}}); });
        EXPECT_LT(count, 100);
        expect_overdone(world, abuse_kind::h3_made_reset);
    });
}

TEST(h3_input, so_have_priorities) {
    run_h3(poor(), {}, [](h3_world& world) -> task<void> {
        world.greet();
        static_cast<void>(co_await until_closed(world, [](h3_world& in, int i) {
            in.quic.deliver(2,
                            h3::update_priority(static_cast<std::uint64_t>(4 * (i % 50)), "u=1"));
        }));
        expect_overdone(world, abuse_kind::h3_control_flood);
    });
}

TEST(h3_input, so_have_empty_and_unknown_frames) {
    for (const std::string& bytes : {h3::frame(h3::data), h3::frame(h3::grease, "x")}) {
        run_h3(poor(), {}, [&](h3_world& world) -> task<void> {
            world.greet();
            world.quic.deliver(0, h3::head(get("/one.txt")));
            static_cast<void>(co_await until_closed(
                world, [&](h3_world& in, int) { in.quic.deliver(0, bytes + bytes); }));
            expect_overdone(world, abuse_kind::h3_control_flood);
        });
    }
}

TEST(h3_input, so_have_streams_of_no_use) {
    run_h3(poor(), {}, [](h3_world& world) -> task<void> {
        world.greet();
        static_cast<void>(co_await until_closed(world, [](h3_world& in, int i) {
            in.quic.deliver(6 + 4 * i, h3::number(0x21) + "x", true);
        }));
        expect_overdone(world, abuse_kind::h3_stream_flood);
    });
}

TEST(h3_input, so_have_insertions_of_no_use) {
    run_h3(poor(), {}, [](h3_world& world) -> task<void> {
        world.greet();
        // Capacity 220, then the static entry of :authority with a value, again and again.
        world.quic.deliver(6, h3::number(2) + "\x3f\xbd\x01");
        static_cast<void>(co_await until_closed(world, [](h3_world& in, int) {
            in.quic.deliver(6,
                            "\xc0\x03"
                            "abc");
        }));
        expect_overdone(world, abuse_kind::h3_qpack_flood);
    });
}

TEST(h3_input, a_header_bomb_ends_the_connection) {
    run_h3({}, {}, [](h3_world& world) -> task<void> {
        world.greet();
        h3::fields many = get("/one.txt");
        for (int i = 0; i < 500; ++i) {
            many.emplace_back("x", "y");
        }
        world.ask(0, many);
        EXPECT_EQ(world.quic.closed(), h3::excessive_load);
        EXPECT_EQ(world.metrics.abuse.get(abuse_kind::h3_header_bomb), 1U);
        co_return;
    });
}

// A little of each of many heads: what is kept of them has an end, and the rest goes on.
TEST(h3_input, heads_that_are_begun_share_a_limit) {
    run_h3({}, {}, [](h3_world& world) -> task<void> {
        world.greet();
        const std::string head = h3::head(get("/one.txt", {{"x", std::string(30'000, 'y')}}));
        int refused = 0;
        for (int i = 0; i < 100; ++i) {
            world.quic.deliver(4 * i, head.substr(0, head.size() - 1));
            world.quic.deliver(4 * i, head.substr(head.size() - 1), true);
            co_await world.settle();
            refused += world.quic.stream(4 * i).reset ? 1 : 0;
        }
        co_await world.settle();
        EXPECT_EQ(refused, 0);  // Each is complete before the next one begins.
        for (int i = 100; i < 200; ++i) {
            h3::fields two = get("/one.txt", {{"x", std::string(30'000, 'y')}, {"z", "z"}});
            const std::string each = h3::head(two);
            world.quic.deliver(4 * i, each.substr(0, each.size() - 2));
            refused += world.quic.stream(4 * i).reset ? 1 : 0;
        }
        EXPECT_GT(refused, 50);
        EXPECT_FALSE(world.quic.closed());
        world.quic.reset(4 * 100, h3::request_cancelled);  // That makes room.
        world.ask(4 * 300, get("/one.txt"));
        co_await world.settle();
        EXPECT_EQ(world.response(4 * 300).status, 200);
    });
}

}  // namespace
}  // namespace ringway::test
