#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"
#include "support/stream_pair.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;
using body = task<void>;
using test::close;
using test::receive_all;
using test::receive_once;
using test::run_on_shard;
using test::send_all;
using connection = test::stream_pair;

TEST(stream, carries_bytes_both_ways_and_ends) {
    const auto run = []() -> body {
        for (const bool local : {false, true}) {
            connection both{local ? test::unix_pair() : test::tcp_pair()};
            const std::string text = test::pattern(1'000'000);
            scope sending;
            sending.spawn(send_all(both.near, text, true));
            EXPECT_EQ(co_await receive_all(both.far), text);
            co_await sending.join();
            EXPECT_EQ(both.far.bytes_received(), text.size());
            EXPECT_FALSE(*co_await both.far.receive());  // The end stays the end.
            co_await close(both);
        }
    };
    run_on_shard(run());
}

// Goal: a peer that has sent everything can still be answered.
TEST(stream, half_closed_connection_carries_the_answer) {
    const auto run = []() -> body {
        connection both;
        co_await send_all(both.near, "question", true);
        EXPECT_EQ(co_await receive_all(both.far), "question");
        co_await send_all(both.far, "answer", true);
        EXPECT_EQ(co_await receive_all(both.near), "answer");
        co_await close(both);
    };
    run_on_shard(run());
}

TEST(stream, sends_parts_in_order) {
    const auto run = []() -> body {
        connection both;
        std::string one = "one ";
        std::string two = test::pattern(100'000);
        std::vector<iovec> parts{{one.data(), one.size()}, {nullptr, 0}, {two.data(), two.size()}};
        scope receiving;
        const auto expect = [](stream& from, std::string text) -> task<void> {
            EXPECT_EQ(co_await receive_all(from, text.size()), text);
        };
        receiving.spawn(expect(both.far, one + two));
        EXPECT_EQ(*co_await both.near.send_parts(parts), one.size() + two.size());
        co_await receiving.join();
        co_await close(both);
    };
    run_on_shard(run());
}

// Goal: without MSG_WAITALL, which some sockets refuse, a send is whole all the same; and a stop
// ends one that can't go on, with what has gone.
TEST(stream, sends_piecewise) {
    const auto run = []() -> body {
        auto pair = test::unix_pair();
        test::shrink_buffers(pair);
        connection both{std::move(pair)};
        both.near.send_piecewise();
        std::string one = test::pattern(1'000'000);
        std::string two = "two";
        std::vector<iovec> parts{{one.data(), one.size()}, {two.data(), two.size()}};
        scope receiving;
        const auto expect = [](stream& from, std::string text) -> task<void> {
            EXPECT_EQ(co_await receive_all(from, text.size()), text);
        };
        receiving.spawn(expect(both.far, one + one + two));
        EXPECT_EQ((co_await both.near.send(as_bytes(one))).value_or(0), one.size());
        EXPECT_EQ((co_await both.near.send_parts(parts)).value_or(0), one.size() + two.size());
        co_await receiving.join();

        scope stuck;
        const auto send = [](stream& to, const std::string& text) -> task<void> {
            std::size_t accepted = 0;
            const auto sent = co_await to.send(as_bytes(text), &accepted);
            EXPECT_EQ(sent.error().code, errc::canceled);
            EXPECT_GT(accepted, 0U);
            EXPECT_LT(accepted, text.size());
        };
        stuck.spawn(send(both.near, one));
        co_await sleep_for(5ms);  // Some of it has gone.
        stuck.request_stop();
        co_await stuck.join();
        co_await close(both);
    };
    run_on_shard(run());
}

// Goal: more parts than a system call takes are sent all the same.
TEST(stream, sends_more_parts_than_a_call_takes) {
    const auto run = []() -> body {
        connection both;
        std::string text = test::pattern(3 * 1025);
        std::vector<iovec> parts;
        for (std::size_t i = 0; i < text.size(); i += 3) {
            parts.push_back({&text[i], 3});
        }
        scope receiving;
        const auto expect = [](stream& from, const std::string& all) -> task<void> {
            EXPECT_EQ(co_await receive_all(from, all.size()), all);
        };
        receiving.spawn(expect(both.far, text));
        std::size_t accepted = 0;
        EXPECT_EQ((co_await both.near.send_parts(parts, &accepted)).value_or(0), text.size());
        EXPECT_EQ(accepted, text.size());
        co_await receiving.join();
        co_await close(both);
    };
    run_on_shard(run());
}

// Goal: closing ends what others are about with the stream, and waits for the kernel.
TEST(stream, close_ends_receives_and_sends) {
    const auto run = []() -> body {
        for (const bool local : {false, true}) {
            connection both{local ? test::unix_pair() : test::tcp_pair()};
            const std::string text = test::pattern(64U << 20U);
            scope others;
            const auto receive = [](stream& from) -> task<void> {
                EXPECT_EQ((co_await receive_once(from)).error().code, errc::canceled);
            };
            const auto send = [](stream& to, const std::string& all) -> task<void> {
                const auto sent = co_await to.send(as_bytes(all));
                EXPECT_EQ(sent.error().code, errc::canceled);
            };
            others.spawn(receive(both.near));
            others.spawn(send(both.near, text));
            co_await sleep_for(5ms);
            EXPECT_EQ(others.size(), 2U);
            co_await both.near.close();
            co_await others.join();
            co_await both.far.close();
        }
    };
    run_on_shard(run());
}

TEST(stream, sends_a_file) {
    const auto run = []() -> body {
        connection both;
        const std::string text = test::pattern(500'000);
        const unique_fd file = test::file_with(text);
        scope receiving;
        const auto expect = [](stream& from, std::string wanted) -> task<void> {
            EXPECT_EQ(co_await receive_all(from), wanted);
        };
        receiving.spawn(expect(both.far, text.substr(100)));
        std::uint64_t at = 100;
        for (;;) {
            const auto moved = co_await both.near.send_file(file.get(), at, 1U << 20U);
            if (!moved || *moved == 0) {
                EXPECT_TRUE(moved.has_value());
                break;
            }
            at += *moved;
        }
        EXPECT_EQ(at, text.size());
        both.near.shutdown_send();
        co_await receiving.join();
        co_await close(both);
    };
    run_on_shard(run());
}

// Goal: a consumer that does not read holds few buffers, the sender is held up, and everything
// arrives once the consumer reads again.
TEST(stream, back_pressure_reaches_the_sender_and_ends) {
    const auto run = []() -> body {
        auto pair = test::unix_pair();
        test::shrink_buffers(pair);
        connection both{std::move(pair)};
        const std::string text = test::pattern(4'000'000);
        scope sending;
        sending.spawn(send_all(both.near, text, true));
        const auto first = co_await both.far.receive();  // Arms the receive.
        co_await sleep_for(20ms);
        EXPECT_EQ(sending.size(), 1U) << "the sender was not held up";
        EXPECT_LT(both.far.bytes_received(), text.size());
        const std::size_t got = first->bytes().size();
        EXPECT_EQ(co_await receive_all(both.far), text.substr(got));
        co_await sending.join();
        co_await close(both);
    };
    run_on_shard(run(), {.buffer_count = 16, .buffer_bytes = 4096});
}

TEST(stream, a_reset_is_told_as_closed) {
    const auto run = []() -> body {
        auto pair = test::tcp_pair();
        stream near{pair.near.release()};
        test::reset_connection(pair.far);
        const auto failed = co_await near.receive();
        EXPECT_EQ(failed.error().code, errc::closed);
        const auto again = co_await near.receive();
        EXPECT_EQ(again.error().code, errc::closed);
        const auto sent = co_await near.send(as_bytes("x"));
        EXPECT_EQ(sent.error().code, errc::closed);
        co_await near.close();
    };
    run_on_shard(run());
}

// Goal: what arrived before the reset is not yielded after the failure, and nothing leaks.
TEST(stream, a_reset_while_waiting_wakes) {
    const auto run = []() -> body {
        auto pair = test::tcp_pair();
        stream near{pair.near.release()};
        scope waiting;
        const auto expect = [](stream& from) -> task<void> {
            const auto failed = co_await from.receive();
            EXPECT_FALSE(failed.has_value());
        };
        waiting.spawn(expect(near));
        co_await sleep_for(2ms);
        test::reset_connection(pair.far);
        co_await waiting.join();
        co_await near.close();
    };
    run_on_shard(run());
}

// Goal: a stop ends the wait and loses nothing, whenever it comes.
TEST(stream, stopped_receives_lose_nothing) {
    const auto run = []() -> body {
        connection both;
        std::string all;
        const std::string text = test::pattern(200'000);
        scope sending;
        sending.spawn(send_all(both.near, text, true));
        unsigned stops = 0;
        for (int round = 0;; ++round) {
            stop_source stop;
            stop_timer limit{stop};
            if (round % 3 == 0) {
                stop.request_stop();
            } else {
                limit.arm(shard::current().io().now() + 100us * (round % 7));
            }
            const auto piece = co_await receive_once(both.far).under(stop);
            if (!piece) {
                EXPECT_EQ(piece.error().code, errc::canceled);
                ++stops;
                co_await yield{};
                continue;
            }
            if (!*piece) {
                break;
            }
            all += as_text(piece->bytes());
        }
        EXPECT_GT(stops, 0U);
        EXPECT_EQ(all, text);
        co_await sending.join();
        co_await close(both);
    };
    run_on_shard(run());
}

TEST(stream, a_stopped_send_is_told) {
    const auto run = []() -> body {
        auto pair = test::unix_pair();
        test::shrink_buffers(pair);
        connection both{std::move(pair)};
        const std::string text = test::pattern(10'000'000);
        const auto send = [](stream& to, const std::string& all) -> task<result<std::size_t>> {
            co_return co_await to.send(as_bytes(all));
        };
        const auto sent = co_await with_timeout(5ms, send(both.near, text));
        EXPECT_EQ(sent.error().code, errc::timed_out);
        co_await close(both);
    };
    run_on_shard(run());
}

}  // namespace
}  // namespace ringway
