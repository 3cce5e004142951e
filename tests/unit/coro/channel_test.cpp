#include <ringway/coro/channel.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/base/result.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/suspension.hpp>
#include <ringway/coro/task.hpp>

#include "support/hand_driven.hpp"

namespace ringway {
namespace {

using numbers = channel<int>;

struct channel_test : test::hand_driven {
    std::vector<std::string> log;
};

std::string text_of(const result<void>& outcome) {
    return outcome ? "sent" : std::string{name_of(outcome.error().code)};
}

task<void> send(numbers& out, int value, std::vector<std::string>& log) {
    const auto sent = co_await out.send(value);
    log.push_back(std::to_string(value) + " " + text_of(sent));
}

task<void> receive(numbers& in, std::string name, std::vector<std::string>& log) {
    const auto value = co_await in.receive();
    log.push_back(name + " " +
                  (value ? std::to_string(*value) : std::string{name_of(value.error().code)}));
}

task<void> send_under(numbers& out, int value, std::vector<std::string>& log, stop_source& stop) {
    co_await send(out, value, log).under(stop);
}

task<void> receive_under(numbers& in, std::string name, std::vector<std::string>& log,
                         stop_source& stop) {
    co_await receive(in, std::move(name), log).under(stop);
}

using lines = std::vector<std::string>;

TEST_F(channel_test, values_come_out_in_order) {
    numbers values{3};
    EXPECT_EQ(values.capacity(), 3U);
    for (int round = 0; round < 3; ++round) {  // The slots are a circle.
        log.clear();
        finish(send(values, 1, log));
        finish(send(values, 2, log));
        EXPECT_EQ(values.size(), 2U);
        finish(receive(values, "a", log));
        finish(receive(values, "b", log));
        EXPECT_EQ(values.size(), 0U);
        EXPECT_EQ(log, (lines{"1 sent", "2 sent", "a 1", "b 2"}));
    }
}

TEST_F(channel_test, a_full_channel_makes_senders_wait_in_order) {
    numbers values{1};
    for (int i = 1; i <= 3; ++i) {
        spawn(send(values, i, log));
    }
    run();
    EXPECT_EQ(log, (lines{"1 sent"}));
    EXPECT_EQ(values.size(), 1U);
    spawn(receive(values, "a", log));
    run();
    EXPECT_EQ(log, (lines{"1 sent", "a 1", "2 sent"}));
    spawn(receive(values, "b", log));
    spawn(receive(values, "c", log));
    run();
    EXPECT_EQ(values.size(), 0U);
    EXPECT_EQ(log, (lines{"1 sent", "a 1", "2 sent", "b 2", "c 3", "3 sent"}));
}

TEST_F(channel_test, an_empty_channel_makes_receivers_wait_in_order) {
    numbers values{2};
    spawn(receive(values, "a", log));
    spawn(receive(values, "b", log));
    run();
    EXPECT_TRUE(log.empty());
    ASSERT_TRUE(values.try_send(1));
    EXPECT_EQ(values.size(), 0U);  // Handed over: nobody else can take it.
    EXPECT_EQ(values.try_receive().error().code, errc::would_block);
    ASSERT_TRUE(values.try_send(2));
    EXPECT_TRUE(log.empty());  // Nobody resumes inside.
    run();
    EXPECT_EQ(log, (lines{"a 1", "b 2"}));
}

TEST_F(channel_test, try_send_leaves_the_value_when_it_declines) {
    channel<std::unique_ptr<int>> values{1};
    auto first = std::make_unique<int>(1);
    auto second = std::make_unique<int>(2);
    EXPECT_TRUE(values.try_send(std::move(first)));
    EXPECT_EQ(values.try_send(std::move(second)).error().code, errc::would_block);
    ASSERT_NE(second, nullptr);
    values.close();
    EXPECT_EQ(values.try_send(std::move(second)).error().code, errc::closed);
    EXPECT_NE(second, nullptr);
}

// Goal: room that came free belongs to the sender who waits, not to who tries at that moment.
TEST_F(channel_test, nobody_overtakes_a_sender_who_waits) {
    numbers values{1};
    ASSERT_TRUE(values.try_send(1));
    spawn(send(values, 2, log));
    run();
    EXPECT_EQ(values.try_receive().value(), 1);
    EXPECT_EQ(values.try_send(3).error().code, errc::would_block);
    EXPECT_EQ(values.try_receive().value(), 2);
    EXPECT_EQ(values.try_receive().error().code, errc::would_block);
    run();
    EXPECT_EQ(log, (lines{"2 sent"}));
}

TEST_F(channel_test, what_is_under_way_is_received_after_the_close) {
    numbers values{2};
    ASSERT_TRUE(values.try_send(1));
    EXPECT_FALSE(values.closed());
    values.close();
    values.close();
    EXPECT_TRUE(values.closed());
    finish(send(values, 2, log));
    finish(receive(values, "a", log));
    finish(receive(values, "b", log));
    EXPECT_EQ(log, (lines{"2 closed", "a 1", "b closed"}));
    EXPECT_EQ(values.try_receive().error().code, errc::closed);
}

TEST_F(channel_test, a_close_ends_the_wait_of_senders_and_sends_nothing_of_theirs) {
    numbers values{1};
    for (int i = 1; i <= 3; ++i) {
        spawn(send(values, i, log));
    }
    run();
    values.close();
    run();
    EXPECT_EQ(log, (lines{"1 sent", "2 closed", "3 closed"}));
    EXPECT_EQ(values.try_receive().value(), 1);
    EXPECT_EQ(values.try_receive().error().code, errc::closed);
}

TEST_F(channel_test, a_close_ends_the_wait_of_receivers) {
    numbers values{1};
    spawn(receive(values, "a", log));
    spawn(receive(values, "b", log));
    run();
    values.close();
    run();
    EXPECT_EQ(log, (lines{"a closed", "b closed"}));
}

TEST_F(channel_test, a_cancelled_send_has_not_sent) {
    numbers values{1};
    stop_source stop;
    ASSERT_TRUE(values.try_send(1));
    spawn(send_under(values, 2, log, stop));
    spawn(send(values, 3, log));
    run();
    stop.request_stop();
    run();
    EXPECT_EQ(log, (lines{"2 canceled"}));
    EXPECT_EQ(values.try_receive().value(), 1);
    EXPECT_EQ(values.try_receive().value(), 3);
    run();
}

TEST_F(channel_test, a_cancelled_receive_has_received_nothing) {
    numbers values{1};
    stop_source stop;
    spawn(receive_under(values, "a", log, stop));
    spawn(receive(values, "b", log));
    run();
    stop.request_stop();
    ASSERT_TRUE(values.try_send(1));
    run();
    EXPECT_EQ(log, (lines{"a canceled", "b 1"}));
}

// Goal: a stop that comes after the value, in the same turn, loses nothing.
TEST_F(channel_test, a_stop_after_the_value_comes_too_late) {
    numbers values{1};
    stop_source stop;
    spawn(receive_under(values, "a", log, stop));
    run();
    ASSERT_TRUE(values.try_send(1));
    stop.request_stop();
    run();
    EXPECT_EQ(log, (lines{"a 1"}));

    stop_source other_stop;
    ASSERT_TRUE(values.try_send(2));
    spawn(send_under(values, 3, log, other_stop));
    run();
    EXPECT_EQ(values.try_receive().value(), 2);
    other_stop.request_stop();
    run();
    EXPECT_EQ(log.back(), "3 sent");
    EXPECT_EQ(values.try_receive().value(), 3);
}

TEST_F(channel_test, a_stop_only_keeps_from_waiting) {
    numbers values{1};
    stop_source stop;
    stop.request_stop();
    finish(send_under(values, 1, log, stop));
    finish(send_under(values, 2, log, stop));
    finish(receive_under(values, "a", log, stop));
    finish(receive_under(values, "b", log, stop));
    EXPECT_EQ(log, (lines{"1 sent", "2 canceled", "a 1", "b canceled"}));
}

// Counts how many there are, those that were moved from included.
struct only_moves {
    explicit only_moves(int what, int& alive) : value{what}, alive_{alive} { ++alive_; }
    only_moves(only_moves&& other) noexcept : value{other.value}, alive_{other.alive_} { ++alive_; }
    only_moves& operator=(only_moves&&) = delete;
    ~only_moves() { --alive_; }
    int value;

private:
    int& alive_;
};

task<void> send_one(channel<only_moves>& out, int& alive) {
    static_cast<void>(co_await out.send(only_moves{1, alive}));
}

task<int> receive_one(channel<only_moves>& in) {
    const auto got = co_await in.receive();
    co_return got.value().value;
}

TEST_F(channel_test, values_need_only_move_and_are_destroyed) {
    int alive = 0;
    {
        channel<only_moves> values{2};
        for (int i = 0; i < 3; ++i) {
            spawn(send_one(values, alive));
        }
        run();
        EXPECT_EQ(finish(receive_one(values)), 1);
        EXPECT_EQ(alive, 2);  // Those in the channel.
        EXPECT_EQ(finish(receive_one(values)), 1);
        EXPECT_EQ(alive, 1);
        spawn(send_one(values, alive));
        spawn(send_one(values, alive));
        run();
        values.close();
        run();
        EXPECT_EQ(alive, 2);  // The value of the send that got `closed` is gone.
    }
    EXPECT_EQ(alive, 0);
}

task<void> produce(numbers& out, int first, int count) {
    for (int i = 0; i < count; ++i) {
        const auto sent = co_await out.send(first + i);
        EXPECT_TRUE(sent);
        if (i % 7 == 0) {
            co_await yield();
        }
    }
}

task<void> consume(numbers& in, std::vector<int>& received) {
    for (;;) {
        const auto value = co_await in.receive();
        if (!value) {
            EXPECT_EQ(value.error().code, errc::closed);
            break;
        }
        received.push_back(*value);
        if (*value % 5 == 0) {
            co_await yield();
        }
    }
}

// Goal: several senders and receivers lose and invent nothing, and share the work.
TEST_F(channel_test, many_senders_and_receivers) {
    constexpr int each = 1000;
    for (std::size_t capacity = 1; capacity <= 5; ++capacity) {
        numbers values{capacity};
        std::vector<std::vector<int>> received(4);
        for (std::vector<int>& mine : received) {
            spawn(consume(values, mine));
        }
        for (int i = 0; i < 5; ++i) {
            spawn(produce(values, i * each, each));
        }
        run();
        values.close();
        run();
        std::vector<bool> seen(std::size_t{5} * each);
        for (const std::vector<int>& mine : received) {
            EXPECT_GT(mine.size(), std::size_t{each} * 5 / 8);
            for (const int value : mine) {
                EXPECT_FALSE(seen[static_cast<std::size_t>(value)]);
                seen[static_cast<std::size_t>(value)] = true;
            }
        }
        EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 5 * each);
        EXPECT_EQ(scope_.size(), 0U);
    }
}

// Goal: random sends, receives and stops: what was sent comes out once, in order; nothing else
// does.
TEST_F(channel_test, random_stops_lose_nothing) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random{seed};
        numbers values{1 + seed % 4};
        std::deque<stop_source> stops;
        log.clear();
        for (int i = 0; i < 500; ++i) {
            const auto what = random() % 8;
            if (what < 3) {
                spawn(send_under(values, i, log, stops.emplace_back()));
            } else if (what < 6) {
                spawn(receive_under(values, "got", log, stops.emplace_back()));
            } else if (!stops.empty()) {
                stops[random() % stops.size()].request_stop();
            }
            if (random() % 3 != 0) {
                run();
            }
        }
        run();
        values.close();
        run();
        std::vector<std::string> sent;
        std::vector<std::string> got;
        for (const std::string& line : log) {
            if (line.ends_with(" sent")) {
                sent.push_back(line.substr(0, line.find(' ')));
            } else if (line.starts_with("got ") && !line.ends_with("d")) {
                got.push_back(line.substr(4));
            }
        }
        for (auto rest = values.try_receive(); rest; rest = values.try_receive()) {
            got.push_back(std::to_string(*rest));
        }
        // A value may be noted as received before its sender, woken later, notes that it was sent.
        std::sort(sent.begin(), sent.end());
        std::sort(got.begin(), got.end());
        EXPECT_EQ(sent, got);
        EXPECT_GT(got.size(), 50U);
        EXPECT_EQ(scope_.size(), 0U);
    }
}

using channel_death_test = channel_test;

TEST_F(channel_death_test, without_room) { EXPECT_DEATH(numbers{0}, "assertion failed.*capacity"); }

TEST_F(channel_death_test, destroyed_while_somebody_waits) {
    EXPECT_DEATH(
        {
            auto values = std::make_unique<numbers>(1U);
            spawn(receive(*values, "a", log));
            run();
            values.reset();
        },
        "assertion failed");
}

}  // namespace
}  // namespace ringway
