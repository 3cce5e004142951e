// Goal: `ringway xdp` does with packets what it says, says what it obtained, and leaves nothing.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/child_process.hpp"
#include "support/need_bpf.hpp"
#include "support/need_kernel.hpp"
#include "support/patience.hpp"
#include "support/run_on_shard.hpp"
#include "support/virtual_network.hpp"
#include "support/xdp_command.hpp"

namespace ringway::test {
namespace {

TEST(xdp_command, drops_what_the_expression_means) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    running drop{*network, net_side::near, {"drop", "near", "udp and dst port 7000"}};
    EXPECT_EQ(drop.facts()["driver"], "veth");
    EXPECT_EQ(drop.facts()["mode"], "driver");
    // No faster than the other end of the pair takes them: a veth has room for 256.
    const auto rate = 20'000'000 / patience(std::chrono::seconds{1}).count();
    const auto sent =
        gen(*network, {"--count", "5000", "--sources", "100", "--rate", std::to_string(rate)});
    EXPECT_EQ(sent.exit_status, 0) << sent.standard_error;
    EXPECT_EQ(last_line(sent.standard_output)["sent"], 5000);
    const json total = drop.end();
    EXPECT_EQ(total["dropped"], 5000);
    EXPECT_EQ(program_on(*network, net_side::near, "near"), "none");
}

TEST(xdp_command, generates_at_the_rate_that_was_asked_for) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    running drop{*network, net_side::near, {"drop", "near", "udp"}};
    const auto sent = gen(*network, {"--rate", "2000", "--duration", "1s", "--from", "10.128.0.0/9",
                                     "--sources", "60000", "--size", "200"});
    EXPECT_EQ(sent.exit_status, 0) << sent.standard_error;
    EXPECT_NEAR(last_line(sent.standard_output)["sent"].get<double>(), 2000, 200);
    const json total = drop.end();
    EXPECT_EQ(total["dropped"], last_line(sent.standard_output)["sent"]);
    EXPECT_EQ(total["dropped_bytes"], total["dropped"].get<int>() * 200);
}

// Goal: nothing is counted as sent that the kernel drops unseen.
TEST(xdp_command, generates_nothing_that_can_not_leave) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    const auto refused = [&](words options) {
        const auto ended = gen(*network, std::move(options));
        EXPECT_EQ(ended.standard_output, "");
        return std::to_string(ended.exit_status) + " " + ended.standard_error;
    };
    EXPECT_EQ(refused({"--count", "1", "--size", "1515"}),
              "2 ringway: --size 1515: a frame on far has 1514 bytes at most (MTU 1500)\n");
    EXPECT_EQ(refused({"--count", "1", "--from", "10.77.1.0/30", "--sources", "5"}),
              "2 ringway: --sources 5: 10.77.1.0/30 has 4 addresses\n");
    EXPECT_EQ(network->run(net_side::far, "ip link set far down"), 0);
    EXPECT_EQ(refused({"--count", "1", "--mac", "02:00:00:00:00:01"}),
              "1 ringway: far is down; ip link set far up\n");
}

// Frames of a size that only jumbo frames have.
TEST(xdp_command, generates_large_frames) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network, .mtu = 9000);
    running drop{*network, net_side::near, {"drop", "near", "udp"}};
    const auto sent = gen(*network, {"--count", "50", "--size", "4096", "--rate", "5000"});
    EXPECT_EQ(sent.exit_status, 0) << sent.standard_error;
    const json total = drop.end();
    EXPECT_EQ(total["dropped"], 50);
    EXPECT_EQ(total["dropped_bytes"], 50 * 4096);
}

class xdp_pinged : public ::testing::TestWithParam<words> {};

TEST_P(xdp_pinged, is_answered_and_measured) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    running other{*network, net_side::near, GetParam()};
    for (const char* const to : {"10.77.0.1:7", "[fd77::1]:7"}) {
        const auto ping = run_program(command(
            *network, net_side::far, {"ping", "far", "--to", to, "--count", "300", "--json"}));
        ASSERT_EQ(ping.exit_status, 0) << ping.standard_error;
        const json total = last_line(ping.standard_output);
        EXPECT_EQ(total["sent"], 300);
        EXPECT_EQ(total["answered"], 300) << to;
        EXPECT_GT(total["ns"]["p50"], 500);
        EXPECT_LE(total["ns"]["p50"], total["ns"]["p99"]);
    }
    other.end();
}

INSTANTIATE_TEST_SUITE_P(, xdp_pinged,
                         ::testing::Values(words{"reflect", "near", "udp and dst port 7"},
                                           words{"respond", "near"},
                                           words{"respond", "near", "--mode", "generic"},
                                           words{"respond", "near", "--busy-poll", "20"}),
                         [](const auto& info) { return "way_" + std::to_string(info.index); });

TEST(xdp_command, shows_how_the_times_are_distributed) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    running other{*network, net_side::near, {"respond", "near"}};
    const auto ping = run_program(
        command(*network, net_side::far, {"ping", "far", "--to", "10.77.0.1", "--count", "100"}));
    EXPECT_EQ(ping.exit_status, 0) << ping.standard_error;
    for (const char* const part : {"<= ", "###", "100 sent, 100 answered, p50 "}) {
        EXPECT_NE(ping.standard_output.find(part), string::npos) << ping.standard_output;
    }
    for (const char* const part :
         {"ping on far (veth), driver mode", "copy", "1 of 1 queues", "frames of 4096 bytes"}) {
        EXPECT_NE(ping.standard_error.find(part), string::npos) << ping.standard_error;
    }
}

TEST(xdp_command, responds_for_addresses_that_the_system_does_not_have) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    running other{*network,
                  net_side::near,
                  {"respond", "near", "--address", "10.77.0.77", "--address", "fd77::77"}};
    // The system at "far" asks for the hardware address by itself.
    for (const char* const host : {"10.77.0.77", "fd77::77"}) {
        EXPECT_EQ(network->run(net_side::far, string{"bash -c 'exec 3<>/dev/udp/"} + host +
                                                  "/7; echo hello >&3; "
                                                  "[ \"$(timeout 15 head -n 1 <&3)\" = hello ]'"),
                  0)
            << host;
    }
    const json total = other.end();
    EXPECT_GE(total["arp"], 1);
    EXPECT_GE(total["neighbours"], 1);
    EXPECT_EQ(total["datagrams"], 2);
}

TEST(xdp_command, ping_says_that_nobody_answers) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    const auto ping = run_program(
        command(*network, net_side::far, {"ping", "far", "--to", "10.77.0.1:9", "--count", "1"}));
    EXPECT_EQ(ping.exit_status, 1);
    EXPECT_NE(ping.standard_error.find("1 of 1 were not answered"), string::npos)
        << ping.standard_error;
}

TEST(xdp_command, captures_what_passes_by_and_tshark_reads_it) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    const scratch_directory scratch;
    const string file = scratch.at("seen.pcapng");
    running capture{*network,
                    net_side::near,
                    {"capture", "near", "-w", file, "udp and dst port 7000 and not port 9"}};
    EXPECT_EQ(gen(*network, {"--count", "50", "--size", "300", "--sources", "50"}).exit_status, 0);
    EXPECT_TRUE(eventually([&] {
        std::ifstream in{file, std::ios::binary | std::ios::ate};
        return in.tellg() > 50 * 300;
    }));
    const json total = capture.end();
    EXPECT_EQ(total["captured"], 50);
    EXPECT_EQ(total["lost"], 0);
    if (std::system("command -v tshark >/dev/null") != 0) {
        GTEST_SKIP() << "no tshark (apt-get install tshark); blocks are checked by pcapng_test";
    }
    const auto read = run_program(
        {.program = "tshark",
         .arguments = {"-r", file, "-T", "fields", "-e", "udp.srcport", "-e", "frame.len", "-o",
                       "udp.check_checksum:TRUE", "-Y", "udp.checksum.status == 1"}});
    EXPECT_EQ(read.exit_status, 0) << read.standard_error;
    EXPECT_EQ(std::ranges::count(read.standard_output, '\n'), 50) << read.standard_output;
    EXPECT_NE(read.standard_output.find("\t300\n"), string::npos);
}

TEST(xdp_command, tells_each_packet_in_a_line) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    child_process capture{
        command(*network, net_side::near, {"capture", "near", "--count", "2", "udp port 7000"})};
    const auto wrong = capture.wait();
    EXPECT_EQ(wrong.exit_status, 2);
    EXPECT_NE(wrong.standard_error.find("column 5"), string::npos) << wrong.standard_error;
    child_process lines{
        command(*network, net_side::near, {"capture", "near", "--count", "2", "port", "7000"})};
    EXPECT_TRUE(
        eventually([&] { return lines.standard_error().find("capture on near") != string::npos; }));
    EXPECT_EQ(gen(*network, {"--count", "2"}).exit_status, 0);
    const auto ended = lines.wait();
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_NE(ended.standard_output.find(" > 10.77.0.1:7000 udp, 60 bytes\n"), string::npos)
        << ended.standard_output;
}

TEST(xdp_command, forwards_between_two_interfaces) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(left);
    RW_MAKE_NETWORK(right);
    // "near" of the right network moves to the left one's namespace: a box with two interfaces.
    ASSERT_EQ(right->run(net_side::near,
                         "ip link set near down && ip link set near name middle && "
                         "ip link set middle netns " +
                             left->path(net_side::near)),
              0);
    ASSERT_EQ(left->run(net_side::near, "ip link set middle up"), 0);
    ASSERT_EQ(right->run(net_side::far,
                         "ip address add 10.77.0.3/24 dev far; ip neigh replace "
                         "10.77.0.2 lladdr 02:00:00:00:00:22 dev far; ip link set "
                         "far address 02:00:00:00:00:33; ip neigh flush all"),
              0);
    running forward{*left, net_side::near, {"forward", "near", "middle", "udp or arp"}};
    // An echo service of the other's system, through the box.
    running echo{*right, net_side::far, {"respond", "far", "--address", "10.77.0.77"}};
    const auto ping = run_program(command(*left, net_side::far,
                                          {"ping", "far", "--to", "10.77.0.77", "--mac",
                                           "02:00:00:00:00:33", "--count", "50", "--json"}));
    EXPECT_EQ(ping.exit_status, 0) << ping.standard_error;
    EXPECT_EQ(last_line(ping.standard_output)["answered"], 50);
    echo.end();
    const json total = forward.end();
    EXPECT_GE(total["there"], 50);
    EXPECT_GE(total["back"], 50);
}

// Goal: what a kernel does not tell of a driver is not taken for something that it lacks.
TEST(xdp_command, status_tells_what_the_driver_can) {
    RW_MAKE_NETWORK(network);
    const auto told = run_program(command(*network, net_side::near, {"status", "near", "--json"}));
    EXPECT_EQ(told.exit_status, 0) << told.standard_error;
    const auto features = last_line(told.standard_output)["features"].get<string>();
    if (kernel_is_at_least(6, 3)) {
        EXPECT_NE(features.find("native"), string::npos) << features;
    } else {
        EXPECT_EQ(features, "not told before Linux 6.3");
    }
}

TEST(xdp_command, leaves_nothing_attached_when_it_is_killed) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    for (const words& what : {words{"drop", "near", "udp"}, words{"respond", "near"}}) {
        running killed{*network, net_side::near, what};
        EXPECT_EQ(program_on(*network, net_side::near, "near"), "xdp_steer");
        killed.process().signal(SIGKILL);
        EXPECT_EQ(killed.process().wait().exit_status, 128 + SIGKILL);
        EXPECT_TRUE(
            eventually([&] { return program_on(*network, net_side::near, "near") == "none"; }));
    }
}

TEST(xdp_command, leaves_the_program_of_another_alone) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    running first{*network, net_side::near, {"drop", "near", "udp"}};
    const auto second = run_program(command(*network, net_side::near, {"reflect", "near", "udp"}));
    EXPECT_EQ(second.exit_status, 1);
    EXPECT_NE(second.standard_error.find("\"xdp_steer\", which is left alone"), string::npos)
        << second.standard_error;
    first.end();
}

TEST(xdp_command, takes_no_default_route_by_accident) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    ASSERT_EQ(network->run(net_side::near, "ip route add default via 10.77.0.2"), 0);
    for (const char* const what : {"drop", "reflect"}) {
        const auto refused = run_program(command(*network, net_side::near, {what, "near"}));
        EXPECT_EQ(refused.exit_status, 1);
        EXPECT_NE(refused.standard_error.find("near carries the default route"), string::npos);
        EXPECT_NE(refused.standard_error.find("--force"), string::npos);
    }
    running forced{*network, net_side::near, {"drop", "near", "--force"}};
    forced.end();
    running filtered{*network, net_side::near, {"drop", "near", "udp"}};
    filtered.end();
}

// Goal: root is not needed, nor is CAP_IPC_LOCK for memory beyond RLIMIT_MEMLOCK.
TEST(xdp_command, works_with_four_capabilities) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    const string all = "+bpf,+net_admin,+net_raw,+perfmon";
    child_process respond{
        {.program = "nsenter",
         .arguments = {"--net=" + network->path(net_side::near), "prlimit", "--memlock=8388608",
                       "setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=" + all,
                       "--ambient-caps=" + all, "--bounding-set=-all," + all, RINGWAY_BINARY, "xdp",
                       "respond", "near", "--json"}}};
    EXPECT_TRUE(eventually([&] {
        return respond.standard_output().find("attached") != string::npos || respond.has_ended();
    }));
    const auto ping = run_program(command(
        *network, net_side::far, {"ping", "far", "--to", "10.77.0.1", "--count", "20", "--json"}));
    EXPECT_EQ(last_line(ping.standard_output)["answered"], 20) << respond.standard_error();
    respond.signal(SIGTERM);
    const auto ended = respond.wait();
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(last_line(ended.standard_output)["datagrams"], 20);
}

TEST(xdp_command, says_what_is_missing_to_whoever_may_not) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root to become somebody else";
    }
    const auto refused = run_program(
        {.program = RINGWAY_BINARY, .arguments = {"xdp", "drop", "lo", "udp"}, .user = 65534});
    EXPECT_EQ(refused.exit_status, 1);
    EXPECT_NE(refused.standard_error.find("run it as root, or once: sudo setcap"), string::npos)
        << refused.standard_error;
    EXPECT_EQ(std::ranges::count(refused.standard_error, '\n'), 1);
}

}  // namespace
}  // namespace ringway::test
