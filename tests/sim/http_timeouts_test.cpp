// Every deadline of an HTTP/1 connection, by the virtual clock. Limits are the defaults.
#include <string>

#include <gtest/gtest.h>

#include "support/sim_quiet.hpp"

namespace ringway::test {
namespace {

using observe::timeout_kind;

constexpr double exactness = 0.01;  // In seconds.

sim_exchange unfinished(std::string head) {
    sim_exchange made;
    made.request = std::move(head);
    return made;
}

TEST(http_timeouts, a_silent_connection_ends_without_a_word) {
    sim_scenario scenario = quiet();
    scenario.clients = {client_of({})};
    const sim_run run = run_quietly(scenario);
    EXPECT_TRUE(run.clients[0].reached_end);
    EXPECT_NEAR(lifetime(run.clients[0]), 10, exactness);
    EXPECT_EQ(run.timed_out(timeout_kind::header), 1U);
}

TEST(http_timeouts, a_head_that_does_not_end_is_answered_with_408) {
    sim_scenario scenario = quiet();
    scenario.clients = {client_of({unfinished("GET / HTTP/1.1\r\nHost: h\r\n")})};
    const sim_run run = run_quietly(scenario);
    EXPECT_TRUE(run.clients[0].timed_out);
    EXPECT_TRUE(run.clients[0].said_close);
    EXPECT_TRUE(run.clients[0].reached_end);
    EXPECT_NEAR(lifetime(run.clients[0]), 10, exactness);
    EXPECT_EQ(run.timed_out(timeout_kind::header), 1U);
}

// Goal: the deadline is for the whole head; bytes that trickle do not move it.
TEST(http_timeouts, a_trickle_is_not_progress) {
    sim_scenario scenario = quiet();
    sim_client_plan& slow =
        scenario.clients.emplace_back(client_of({get_whole(sim_site::shared().file("/one.txt"))}));
    slow.piece_max = 1;
    slow.pause_max = std::chrono::seconds{4};
    const sim_run run = run_quietly(scenario);
    EXPECT_TRUE(run.clients[0].timed_out);
    EXPECT_EQ(run.clients[0].answered, 0U);
    EXPECT_NEAR(lifetime(run.clients[0]), 10, 4.0);  // It notices between two of its bytes.
}

TEST(http_timeouts, a_second_head_has_its_own_deadline) {
    sim_scenario scenario = quiet();
    sim_client_plan& slow = scenario.clients.emplace_back(client_of(
        {get_whole(sim_site::shared().file("/one.txt")), unfinished("GET / HTTP/1.1\r\n")}));
    slow.pipelined = false;
    slow.between = std::chrono::seconds{20};
    const sim_run run = run_quietly(scenario);
    EXPECT_TRUE(run.clients[0].timed_out);
    EXPECT_EQ(run.clients[0].answered, 1U);
    EXPECT_NEAR(seconds(run.clients[0].last_byte - run.clients[0].began), 30, exactness);
}

TEST(http_timeouts, a_pipelined_head_counts_from_the_response_before_it) {
    sim_scenario scenario = quiet();
    scenario.clients = {client_of(
        {get_whole(sim_site::shared().file("/one.txt")), unfinished("GET / HTTP/1.1\r\n")})};
    const sim_run run = run_quietly(scenario);
    EXPECT_TRUE(run.clients[0].timed_out);
    EXPECT_NEAR(lifetime(run.clients[0]), 10, exactness);
}

TEST(http_timeouts, an_idle_connection_ends) {
    sim_scenario scenario = quiet();
    sim_client_plan& idle =
        scenario.clients.emplace_back(client_of({get_whole(sim_site::shared().file("/one.txt")),
                                                 get_whole(sim_site::shared().file("/medium.bin")),
                                                 get_whole(sim_site::shared().file("/one.txt"))}));
    idle.pipelined = false;
    idle.between = std::chrono::seconds{70};
    const sim_run run = run_quietly(scenario);
    EXPECT_EQ(run.clients[0].answered, 3U);
    EXPECT_TRUE(run.clients[0].reached_end);
    EXPECT_FALSE(run.clients[0].timed_out);
    EXPECT_NEAR(lifetime(run.clients[0]), 140 + 75, exactness);
    EXPECT_EQ(run.timed_out(timeout_kind::idle), 1U);
}

// Goal: closing at once would reset the connection; listening for ever would let peers hold it.
TEST(http_timeouts, lingering_ends) {
    sim_scenario scenario = quiet();
    sim_exchange bad = unfinished("GET / HTTP/1.1\nHost: h\r\n\r\n");
    bad.status = 400;
    bad.closes = closing::always;
    for (const bool busy : {false, true}) {
        scenario.clients = {client_of({bad})};
        scenario.clients[0].talks_on_every = std::chrono::milliseconds{busy ? 50 : 2500};
        const sim_run run = run_quietly(scenario);
        EXPECT_EQ(run.clients[0].answered, 1U);
        EXPECT_GE(lifetime(run.clients[0]), 2);
        EXPECT_LE(lifetime(run.clients[0]), busy ? 11 : 3);
    }
}

TEST(http_timeouts, lingering_after_408_ends) {
    sim_scenario scenario = quiet();
    scenario.clients = {client_of({unfinished("GET / HTTP/1.1\r\nHost: h\r\n")})};
    scenario.clients[0].talks_on_every = std::chrono::milliseconds{50};
    const sim_run run = run_quietly(scenario);
    EXPECT_TRUE(run.clients[0].timed_out);
    EXPECT_GE(lifetime(run.clients[0]), 12);
    EXPECT_LE(lifetime(run.clients[0]), 21);
}

TEST(http_timeouts, a_peer_that_reads_nothing_is_cut_off) {
    sim_scenario scenario = quiet();
    sim_client_plan& stuck = scenario.clients.emplace_back(
        client_of({get_whole(sim_site::shared().file("/large.bin"))}));
    stuck.read_max = 100;
    stuck.read_pause = std::chrono::seconds{1};
    const sim_run run = run_quietly(scenario);
    EXPECT_TRUE(run.clients[0].cut_off);
    EXPECT_EQ(run.timed_out(timeout_kind::min_rate), 1U);
}

TEST(http_timeouts, a_slow_peer_is_not_cut_off) {
    sim_scenario scenario = quiet();
    sim_client_plan& slow = scenario.clients.emplace_back(
        client_of({get_whole(sim_site::shared().file("/large.bin"))}, sim_ending::half_close_late));
    slow.read_max = 1000;
    slow.read_pause = std::chrono::seconds{1};
    const sim_run run = run_quietly(scenario);
    EXPECT_EQ(run.clients[0].answered, 1U);
    EXPECT_TRUE(run.clients[0].reached_end);
    EXPECT_GT(lifetime(run.clients[0]), 300);
    EXPECT_EQ(run.timed_out(timeout_kind::min_rate), 0U);
}

TEST(http_timeouts, zero_means_no_limit) {
    sim_scenario scenario = quiet();
    scenario.limits.header_timeout = {};
    scenario.limits.idle_timeout = {};
    scenario.limits.rate_min = 0;
    sim_client_plan& patient =
        scenario.clients.emplace_back(client_of({get_whole(sim_site::shared().file("/one.txt")),
                                                 get_whole(sim_site::shared().file("/medium.bin"))},
                                                sim_ending::half_close_late));
    patient.pipelined = false;
    patient.piece_max = 30;
    patient.pause_max = std::chrono::hours{1};
    patient.read_max = 1000;
    patient.read_pause = std::chrono::minutes{1};
    patient.between = std::chrono::hours{24};
    const sim_run run = run_quietly(scenario);
    EXPECT_EQ(run.clients[0].answered, 2U);
    EXPECT_TRUE(run.clients[0].reached_end);
}

TEST(http_timeouts, a_body_that_does_not_come_is_not_waited_for) {
    sim_scenario scenario = quiet();
    sim_exchange post =
        unfinished("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nbegin");
    post.status = 405;
    scenario.clients = {client_of({post})};
    const sim_run run = run_quietly(scenario);
    EXPECT_EQ(run.clients[0].answered, 1U);
    EXPECT_GE(lifetime(run.clients[0]), 10);
    EXPECT_LE(lifetime(run.clients[0]), 31);
}

}  // namespace
}  // namespace ringway::test
