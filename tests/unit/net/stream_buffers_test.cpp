// Streams that have fewer buffers than they would like.
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <ringway/coro/scope.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/run_on_shard.hpp"
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

// The pool of the tests that exhaust it.
constexpr driver_options tiny{
    .submission_entries = 64, .completion_entries = 256, .buffer_count = 2, .buffer_bytes = 256};

// Goal: with a pool of two buffers many connections still get everything, in turns.
TEST(stream, exhausted_buffers_delay_and_lose_nothing) {
    const auto run = []() -> body {
        constexpr std::size_t many = 12;
        std::vector<std::unique_ptr<connection>> connections;
        for (std::size_t i = 0; i < many; ++i) {
            connections.push_back(std::make_unique<connection>());
        }
        const std::string text = test::pattern(20'000);
        scope all;
        const auto expect = [](stream& from, const std::string& wanted) -> task<void> {
            EXPECT_EQ(co_await receive_all(from), wanted);
        };
        for (auto& each : connections) {
            all.spawn(expect(each->far, text));
            all.spawn(send_all(each->near, text, true));
        }
        co_await all.join();
        for (auto& each : connections) {
            co_await close(*each);
        }
    };
    run_on_shard(run(), tiny);
}

task<void> send_soon(stream& to) {
    co_await sleep_for(1ms);  // The receiver waits by then, so it gets the buffer itself.
    co_await send_all(to, std::string(256, 'h'), false);
}

// Takes the buffers of a tiny pool.
task<void> hold_both_buffers(connection& holder, buffer_lease& one, buffer_lease& two) {
    for (buffer_lease* const lease : {&one, &two}) {
        scope sending;
        sending.spawn(send_soon(holder.near));
        auto received = co_await holder.far.receive();
        RW_CO_ASSERT(received.has_value());
        *lease = *std::move(received);
        co_await sending.join();
    }
    EXPECT_EQ(driver::current().buffers().leased(), 2U);
}

// Goal: a connection that found no buffer and then lost interest does not keep the news of a free
// one from the others.
TEST(stream, a_free_buffer_reaches_whoever_wants_it) {
    const auto run = []() -> body {
        connection holder;
        connection idle;
        connection wanting;
        buffer_lease one;
        buffer_lease two;
        co_await hold_both_buffers(holder, one, two);
        scope waiting;
        stop_source stop;
        const auto wait = [](stream& from, stop_source& until) -> task<void> {
            const auto stopped = co_await receive_once(from).under(until);
            EXPECT_FALSE(stopped.has_value());
        };
        waiting.spawn(wait(idle.far, stop));
        co_await send_all(idle.near, "i", false);
        co_await sleep_for(2ms);  // It has found no buffer ...
        stop.request_stop();      // ... and nobody waits for it any more.
        co_await waiting.join();

        const auto expect = [](stream& from) -> task<void> {
            EXPECT_EQ(co_await receive_all(from, 1), "w");
        };
        waiting.spawn(expect(wanting.far));
        co_await send_all(wanting.near, "w", false);
        co_await sleep_for(2ms);
        one.reset();
        co_await waiting.join();
        two.reset();
        EXPECT_EQ(co_await receive_all(idle.far, 1), "i");
        co_await close(holder);
        co_await close(idle);
        co_await close(wanting);
    };
    run_on_shard(run(), tiny);
}

// Goal: closing is right in every state: never armed, armed, with unread bytes, without a buffer.
TEST(stream, closes_in_every_state) {
    const auto run = []() -> body {
        {
            connection both;
            co_await close(both);
        }
        connection unread;
        co_await send_all(unread.near, test::pattern(300), false);
        auto first = co_await unread.far.receive();
        first->reset();
        co_await sleep_for(2ms);
        EXPECT_EQ(unread.far.bytes_received(), 300U);
        co_await close(unread);

        connection holder;
        connection starved;
        buffer_lease one;
        buffer_lease two;
        co_await hold_both_buffers(holder, one, two);
        co_await send_all(starved.near, "x", false);
        const auto none = co_await with_timeout(3ms, receive_once(starved.far));
        EXPECT_FALSE(none.has_value());
        co_await close(starved);
        one.reset();
        two.reset();
        co_await close(holder);
    };
    run_on_shard(run(), tiny);
}

}  // namespace
}  // namespace ringway
