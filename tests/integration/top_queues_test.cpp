// Goal: `ringway top` tells who can't connect, who waits to be accepted, and how long.
#include <cerrno>
#include <chrono>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "support/top_world.hpp"

namespace ringway::test {
namespace {

using top_queues = top_world;

TEST_F(top_queues, tells_connects_that_fail) {
    start();
    static_cast<void>(connect_near(9));
    static_cast<void>(connect_near(9));
    const json refused = find_row("connects", {{"remote", remote(9)}},
                                  [](const json& each) { return each["failed"] == 2; });
    EXPECT_EQ(refused["reason"], "refused");
    EXPECT_EQ(refused["pid"], ::getpid());

    lose_packets_to("10.77.0.99");
    unique_fd waiting = socket_at(net_side::near, SOCK_STREAM);
    const int tries = 1;  // The first after a second, the end two seconds later.
    ASSERT_EQ(::setsockopt(waiting.get(), IPPROTO_TCP, TCP_SYNCNT, &tries, sizeof tries), 0);
    const auto nowhere = v4("10.77.0.99", 80);
    EXPECT_EQ(::connect(waiting.get(), any(nowhere), sizeof nowhere), -1);
    EXPECT_EQ(errno, ETIMEDOUT);
    const json timed_out = find_row("connects", {{"remote", "10.77.0.99:80"}},
                                    [](const json& each) { return each["failed"] == 1; });
    EXPECT_EQ(timed_out["reason"], "timed out");
    EXPECT_GT(timed_out["took_us"], 2'000'000);

    unique_fd given_up = connect_near(81, "10.77.0.99", SOCK_NONBLOCK);
    given_up.reset();
    find_row("connects", {{"remote", "10.77.0.99:81"}},
             [](const json& each) { return each["reason"] == "given up"; });
}

TEST_F(top_queues, shows_a_full_accept_queue) {
    start();
    int port = 0;
    const unique_fd listener = listen_far(1, port);
    std::vector<unique_fd> clients;
    for (int i = 0; i < 6; ++i) {
        clients.push_back(connect_near(port, far_address, SOCK_NONBLOCK));
    }
    const json row = find_row("queues", {{"local", remote(port)}},
                              [](const json& each) { return each["drops"] > 0; });
    EXPECT_EQ(row["waiting"], 2);
    EXPECT_EQ(row["limit"], 1);
    EXPECT_EQ(row["filled"], 100);
    EXPECT_EQ(row["pid"], ::getpid());
}

// Goal: how long the next one to be accepted has waited, from the moment of its handshake on.
TEST_F(top_queues, tells_how_long_a_connection_waits) {
    using clock = std::chrono::steady_clock;
    using microseconds = std::chrono::microseconds;
    start();
    int port = 0;
    const unique_fd listener = listen_far(8, port);
    const auto waits = [&](const json& each) {
        return each["waited_us"].is_number() && each["waited_us"] > 400'000;
    };
    const auto before = clock::now();
    const unique_fd first = connect_near(port);
    const auto after = clock::now();
    const unique_fd second = connect_near(port);
    const json row = find_row("queues", {{"local", remote(port)}}, waits);
    EXPECT_EQ(row["waiting"], 2);
    EXPECT_LE(row["waited_us"], (clock::now() - before) / microseconds{1});
    // What the accepted one has waited is nobody's concern any more.
    const unique_fd accepted{::accept(listener.get(), nullptr, nullptr)};
    const json next = find_row("queues", {{"local", remote(port)}},
                               [](const json& each) { return each["waiting"] == 1; });
    EXPECT_LE(next["waited_us"], (clock::now() - after) / microseconds{1});
    const unique_fd last{::accept(listener.get(), nullptr, nullptr)};
    find_row("queues", {{"local", remote(port)}},
             [](const json& each) { return each["waiting"] == 0 && each["waited_us"].is_null(); });
}

// Goal: also of a connection that was there before top.
TEST_F(top_queues, tells_how_long_an_older_connection_waits) {
    using clock = std::chrono::steady_clock;
    int port = 0;
    const unique_fd listener = listen_far(8, port);
    const auto before = clock::now();
    const unique_fd client = connect_near(port);
    start();
    const auto started = clock::now();
    const json row = find_row("queues", {{"local", remote(port)}}, [&](const json& each) {
        return each["waited_us"].is_number() &&
               each["waited_us"] > (started - before) / std::chrono::microseconds{1};
    });
    // To a jiffy, which is 10 ms at most, and what the estimate of its length is off.
    EXPECT_LE(row["waited_us"], (clock::now() - before + std::chrono::milliseconds{100}) /
                                    std::chrono::microseconds{1});
}

}  // namespace
}  // namespace ringway::test
