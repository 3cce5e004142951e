// The end of a server while its connections are in all kinds of states.
#include <chrono>

#include <gtest/gtest.h>

#include "support/sim_quiet.hpp"

namespace ringway::test {
namespace {

using namespace std::chrono_literals;
using observe::timeout_kind;

const sim_file& file(std::string_view path) { return sim_site::shared().file(path); }

sim_scenario drained_at(nanoseconds when) {
    sim_scenario scenario = quiet();
    scenario.drain_at = when;
    return scenario;
}

// A moment is left for requests that are on their way.
TEST(http_drain, idle_connections_end_soon) {
    sim_scenario scenario = drained_at(5s);
    scenario.clients = {client_of({get_whole(file("/one.txt"))}), client_of({})};
    const sim_run run = run_quietly(scenario);
    EXPECT_LE(seconds(run.drain_took), 0.11);
    EXPECT_EQ(run.clients[0].answered, 1U);
    for (const sim_client_result& each : run.clients) {
        EXPECT_TRUE(each.reached_end);
        EXPECT_NEAR(lifetime(each), 5, 0.11);
    }
    EXPECT_EQ(run.timed_out(timeout_kind::idle), 0U);
    EXPECT_EQ(run.timed_out(timeout_kind::drain), 0U);
}

TEST(http_drain, a_request_on_its_way_is_answered) {
    sim_scenario scenario = drained_at(5s);
    sim_client_plan& plan = scenario.clients.emplace_back(
        client_of({get_whole(file("/one.txt")), get_whole(file("/page.css"))}));
    plan.pipelined = false;
    plan.between = 5s + 20ms;
    plan.allows_close = true;
    const sim_run run = run_quietly(scenario);
    EXPECT_EQ(run.clients[0].answered, 2U);
    EXPECT_TRUE(run.clients[0].said_close);
    EXPECT_TRUE(run.clients[0].reached_end);
}

TEST(http_drain, a_response_is_finished_and_then_the_connection_ends) {
    for (const transfer_method method :
         {transfer_method::automatic, transfer_method::copy, transfer_method::sendfile}) {
        for (const std::string_view path : {"/large.bin", "/page.css"}) {
            sim_scenario scenario = drained_at(2s);
            scenario.method = method;
            scenario.kernel.socket_buffer_bytes = 1024;
            scenario.patience = 1h;
            // Most of it is still to come when the drain begins. It was not told of the end.
            sim_client_plan& slow =
                scenario.clients.emplace_back(client_of({get_whole(file(path))}));
            slow.read_max = file(path).content.size() / 60 + 100;
            slow.read_pause = 100ms;
            const sim_run run = run_quietly(scenario);
            EXPECT_EQ(run.clients[0].answered, 1U);
            EXPECT_FALSE(run.clients[0].said_close);
            EXPECT_TRUE(run.clients[0].reached_end);
            EXPECT_GT(lifetime(run.clients[0]), 2.3);
            EXPECT_LE(seconds(run.drain_took), lifetime(run.clients[0]) - 1.9);
            EXPECT_EQ(run.timed_out(timeout_kind::drain), 0U);
        }
    }
}

TEST(http_drain, patience_has_an_end) {
    sim_scenario scenario = drained_at(2s);
    scenario.patience = 3s;
    scenario.kernel.socket_buffer_bytes = 1024;
    sim_client_plan& slow =
        scenario.clients.emplace_back(client_of({get_whole(file("/large.bin"))}));
    slow.read_max = 1000;
    slow.read_pause = 100ms;
    const sim_run run = run_quietly(scenario);
    EXPECT_TRUE(run.clients[0].cut_off);
    EXPECT_NEAR(seconds(run.drain_took), 3, 0.01);
    EXPECT_EQ(run.timed_out(timeout_kind::drain), 1U);
}

// Goal: what was asked for before the drain is answered, with a word about the end.
TEST(http_drain, the_rest_of_a_head_is_waited_for) {
    sim_scenario scenario = drained_at(2s);
    sim_client_plan& slow = scenario.clients.emplace_back(client_of({get_whole(file("/one.txt"))}));
    slow.piece_max = 10;
    slow.pause_max = 2s;
    slow.allows_close = true;
    const sim_run run = run_quietly(scenario);
    EXPECT_EQ(run.clients[0].answered, 1U);
    EXPECT_TRUE(run.clients[0].said_close);
    EXPECT_GT(lifetime(run.clients[0]), 2);
}

TEST(http_drain, pipelined_requests_behind_the_last_response_are_dropped) {
    sim_scenario scenario = drained_at(2s);
    scenario.kernel.socket_buffer_bytes = 1024;
    scenario.patience = 1h;
    sim_client_plan& slow = scenario.clients.emplace_back(client_of(
        {get_whole(file("/page.css")), get_whole(file("/one.txt")), get_whole(file("/one.txt"))}));
    slow.read_max = 100;
    slow.read_pause = 100ms;
    slow.allows_close = true;
    const sim_run run = run_quietly(scenario);
    EXPECT_EQ(run.clients[0].answered, 2U);
    EXPECT_TRUE(run.clients[0].said_close);
    EXPECT_TRUE(run.clients[0].reached_end);
}

TEST(http_drain, nobody_connects_afterwards) {
    sim_scenario scenario = drained_at(1s);
    scenario.clients = {client_of({get_whole(file("/one.txt"))})};
    scenario.clients[0].start = 2s;
    const sim_run run = run_quietly(scenario);
    EXPECT_FALSE(run.clients[0].connected);
}

}  // namespace
}  // namespace ringway::test
