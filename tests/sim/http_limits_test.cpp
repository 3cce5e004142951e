// What one connection, or one client, may cost the others.
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "support/sim_quiet.hpp"

namespace ringway::test {
namespace {

using namespace std::chrono_literals;

sim_exchange one() { return get_whole(sim_site::shared().file("/one.txt")); }

TEST(http_limits, requests_of_a_connection) {
    sim_scenario scenario = quiet();
    scenario.limits.requests_max = 3;
    scenario.clients = {client_of({one(), one(), one(), one(), one()})};
    scenario.clients[0].allows_close = true;
    const sim_run run = run_quietly(scenario);
    EXPECT_EQ(run.clients[0].answered, 3U);
    EXPECT_TRUE(run.clients[0].said_close);
    EXPECT_TRUE(run.clients[0].reached_end);
}

TEST(http_limits, connections) {
    sim_scenario scenario = quiet();
    scenario.gate.total_max = 2;
    for (int i = 0; i < 5; ++i) {
        sim_client_plan& plan = scenario.clients.emplace_back(client_of({one()}));
        plan.ending = sim_ending::half_close_late;
        plan.start = i < 4 ? 0s : 10s;
        plan.between = 1s;
        plan.pipelined = false;
    }
    const sim_run run = run_quietly(scenario);
    std::size_t served = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        served += run.clients[i].answered;
    }
    EXPECT_EQ(served, 2U);
    EXPECT_EQ(run.clients[4].answered, 1U) << "the places of the others are free again";
}

// Goal: peers that send half a head, or more than is wanted of them, hold no receive buffers.
TEST(http_limits, idlers_do_not_starve_others) {
    sim_scenario scenario = quiet();
    scenario.kernel.base.buffer_count = 2;
    for (int i = 0; i < 10; ++i) {
        sim_client_plan& idler = scenario.clients.emplace_back(client_of({one()}));
        idler.exchanges[0].request.resize(20);
    }
    for (int i = 0; i < 10; ++i) {
        sim_client_plan& greedy = scenario.clients.emplace_back();
        greedy.exchanges.push_back(get_whole(sim_site::shared().file("/large.bin")));
        greedy.exchanges.insert(greedy.exchanges.end(), 500, one());
        greedy.ending = sim_ending::wait;
        greedy.read_max = 1;
        greedy.read_pause = 1s;
    }
    sim_client_plan& busy = scenario.clients.emplace_back();
    busy.exchanges.assign(20, one());
    busy.start = 1s;
    busy.pipelined = false;
    busy.ending = sim_ending::half_close_late;
    const sim_run run = run_quietly(scenario);
    EXPECT_EQ(run.clients.back().answered, 20U);
    EXPECT_LT(lifetime(run.clients.back()), 0.1);
}

// Goal: a body that nobody wants is not read for ever.
TEST(http_limits, a_large_body_is_refused) {
    for (const std::string_view framing :
         {"Content-Length: 1000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nfffff\r\n"}) {
        sim_scenario scenario = quiet();
        sim_exchange post;
        post.request =
            "POST / HTTP/1.1\r\nHost: h\r\n" + std::string{framing} + std::string(900'000, 'b');
        post.status = 405;
        post.closes = closing::always;
        scenario.clients = {client_of({post})};
        scenario.clients[0].piece_max = 2000;
        scenario.clients[0].pause_max = 1s;
        scenario.clients[0].talks_on_every = 50ms;
        const sim_run run = run_quietly(scenario);
        EXPECT_FALSE(run.clients[0].sent_all);
        EXPECT_EQ(run.clients[0].answered, 1U);
        EXPECT_LT(lifetime(run.clients[0]), 12);
    }
}

TEST(http_limits, a_short_body_is_skipped) {
    sim_scenario scenario = quiet();
    sim_exchange post;
    post.request =
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n" + std::string(60'000, 'b');
    post.status = 405;
    scenario.clients = {client_of({post, one(), post, one()}, sim_ending::half_close_late)};
    const sim_run run = run_quietly(scenario);
    EXPECT_EQ(run.clients[0].answered, 4U);
    EXPECT_TRUE(run.clients[0].reached_end);
}

}  // namespace
}  // namespace ringway::test
