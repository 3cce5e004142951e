// Goal: where libxdp's dispatcher runs the programs of others, ours runs beside them and leaves
// them as they were.
#include <csignal>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/child_process.hpp"
#include "support/virtual_network.hpp"
#include "support/xdp_command.hpp"
#include "support/xdp_dispatcher.hpp"

namespace ringway::test {
namespace {

TEST(xdp_dispatcher, is_joined_and_left) {
    RW_MAKE_NETWORK(network);
    RW_MAKE_DISPATCHER(*network);
    running drop{*network, net_side::near, {"drop", "near", "udp and dst port 7000"}};
    EXPECT_EQ(drop.facts()["dispatched"], true);
    EXPECT_NE(programs_on(*network).find("xdpfilt_alw_all"), string::npos);
    EXPECT_NE(programs_on(*network).find("xdp_steer"), string::npos);
    EXPECT_EQ(gen(*network, {"--count", "100"}).exit_status, 0);
    EXPECT_EQ(drop.end()["dropped"], 100);
    EXPECT_NE(programs_on(*network).find("xdpfilt_alw_all"), string::npos);
    EXPECT_EQ(programs_on(*network).find("xdp_steer"), string::npos);
}

TEST(xdp_dispatcher, lets_sockets_have_their_packets) {
    RW_MAKE_NETWORK(network);
    RW_MAKE_DISPATCHER(*network);
    running respond{*network, net_side::near, {"respond", "near"}};
    EXPECT_EQ(respond.facts()["dispatched"], true);
    const auto ping = run_program(command(
        *network, net_side::far, {"ping", "far", "--to", "10.77.0.1", "--count", "20", "--json"}));
    EXPECT_EQ(last_line(ping.standard_output)["answered"], 20) << ping.standard_error;
    EXPECT_EQ(respond.end()["datagrams"], 20);
}

// Goal: killed, ours does not go on in the dispatcher, and leaves no trace for the next one.
TEST(xdp_dispatcher, is_left_by_who_is_killed) {
    RW_MAKE_NETWORK(network);
    RW_MAKE_DISPATCHER(*network);
    for (int i = 0; i < 2; ++i) {
        running drop{*network, net_side::near, {"drop", "near", "tcp"}};
        EXPECT_EQ(drop.facts()["dispatched"], true);
        EXPECT_FALSE(answers_far(*network));
        drop.process().signal(SIGKILL);
        static_cast<void>(drop.process().wait());
        EXPECT_TRUE(answers_far(*network));
        EXPECT_NE(programs_on(*network).find("xdpfilt_alw_all"), string::npos);
    }
    const string listed = programs_on(*network);
    EXPECT_EQ(listed.find("xdp_steer"), listed.rfind("xdp_steer")) << listed;
}

}  // namespace
}  // namespace ringway::test
