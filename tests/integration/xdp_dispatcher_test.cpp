// Goal: where libxdp's dispatcher runs the programs of others, ours runs beside them and leaves
// them as they were.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/child_process.hpp"
#include "support/virtual_network.hpp"
#include "support/xdp_command.hpp"

// Ends a test as skipped, with the reason, where there is no dispatcher to be had on "near".
#define RW_MAKE_DISPATCHER(network)                                                     \
    if (std::system("command -v xdp-filter >/dev/null") != 0) {                         \
        GTEST_SKIP() << "no xdp-filter (apt-get install xdp-tools)";                    \
    }                                                                                   \
    if (!load_another(network)) {                                                       \
        GTEST_SKIP() << "libxdp can't run its dispatcher here: the kernel refuses BPF " \
                        "trampolines, or /sys/fs/bpf is no BPF file system";            \
    }                                                                                   \
    static_assert(true)

namespace ringway::test {
namespace {

// Has xdp-filter(8) let everything pass. Whether that is by a dispatcher.
bool load_another(const virtual_network& network) {
    return network.run(net_side::near,
                       "mkdir -p /run/xdp-filter; { mountpoint -q /sys/fs/bpf || "
                       "mount -t bpf bpf /sys/fs/bpf; } && "
                       "xdp-filter load near -m native -p allow") == 0 &&
           program_on(network, net_side::near, "near") == "xdp_dispatcher";
}

string programs_on(const virtual_network& network) {
    return run_program({.program = "nsenter",
                        .arguments = {"--net=" + network.path(net_side::near), "xdp-loader",
                                      "status", "near"}})
        .standard_output;
}

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

}  // namespace
}  // namespace ringway::test
