// Goal: what `ringway xdp` tells while it runs is right: captures, metrics, interfaces that go
// away.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/child_process.hpp"
#include "support/need_kernel.hpp"
#include "support/patience.hpp"
#include "support/prometheus_check.hpp"
#include "support/run_on_shard.hpp"
#include "support/virtual_network.hpp"
#include "support/vlan_tagger.hpp"
#include "support/xdp_command.hpp"

namespace ringway::test {
namespace {

// A datagram from "far" to a port that nobody has at "near", which says so by ICMP.
int knock(const virtual_network& network, const string& address) {
    return network.run(net_side::far, "bash -c 'echo knock >/dev/udp/" + address + "/9'");
}

TEST(xdp_watching, captures_both_directions) {
    RW_NEED_KERNEL(6, 6, "copying what an interface sends");
    RW_MAKE_NETWORK(network);
    for (const auto& [direction, wanted] :
         std::vector<std::pair<string, string>>{{"both", "in udp 48,out icmp type 3 76,"},
                                                {"in", "in udp 48,"},
                                                {"out", "out icmp type 3 76,"}}) {
        running capture{*network,
                        net_side::near,
                        {"capture", "near", "--direction", direction, "-d", "20s", "--count",
                         direction == "both" ? "2" : "1", "icmp or udp"}};
        EXPECT_EQ(knock(*network, "10.77.0.1"), 0);
        const auto ended = capture.process().wait();
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        string seen;
        for (const json& line : lines_of(ended.standard_output)) {
            if (line["event"] == "packet") {
                seen += line["direction"].get<string>() + ' ' + line["kind"].get<string>() + ' ' +
                        std::to_string(line["bytes"].get<int>()) + ',';
            }
        }
        EXPECT_EQ(seen, wanted);
    }
}

TEST(xdp_watching, writes_tags_and_directions_that_tshark_reads) {
    RW_NEED_KERNEL(6, 6, "copying what an interface sends");
    RW_MAKE_NETWORK(network);
    if (std::system("command -v tshark >/dev/null") != 0) {
        GTEST_SKIP() << "no tshark (apt-get install tshark)";
    }
    for (const auto& [side, name, host] :
         {std::tuple{net_side::near, "near", "1"}, std::tuple{net_side::far, "far", "2"}}) {
        const string link = string{name} + ".9";
        if (network->run(side, "ip link add link " + string{name} + " name " + link +
                                   " type vlan id 9 2>/dev/null") != 0) {
            GTEST_SKIP() << "this kernel has no VLAN interfaces (modprobe 8021q)";
        }
        ASSERT_EQ(network->run(side, "ip address add 10.78.0." + string{host} + "/24 dev " + link +
                                         " && ip link set " + link + " up"),
                  0);
    }
    // Else veth hands the tag over beside the packet, where no XDP program sees it.
    ASSERT_EQ(network->run(net_side::far, "ethtool -K far txvlan off >/dev/null"), 0);
    const scratch_directory scratch;
    const string file = scratch.at("tagged.pcapng");
    running capture{*network,
                    net_side::near,
                    {"capture", "near", "--count", "2", "-d", "20s", "-w", file, "icmp or udp"}};
    EXPECT_EQ(knock(*network, "10.78.0.1"), 0);
    EXPECT_EQ(capture.process().wait().exit_status, 0);
    const auto read =
        run_program({.program = "tshark",
                     .arguments = {"-r", file, "-T", "fields", "-e", "frame.packet_flags_direction",
                                   "-e", "vlan.id", "-e", "udp.length", "-e", "icmp.type"}});
    EXPECT_EQ(read.exit_status, 0) << read.standard_error;
    EXPECT_EQ(read.standard_output, "0x00000001\t9\t14\t\n0x00000002\t9\t14\t3\n");
}

// Goal: what the card took out of a packet is back in the file, and the run says whose times it
// has.
TEST(xdp_watching, puts_tags_back_that_the_driver_took_out) {
    RW_NEED_KERNEL(6, 8, "tags as hints");
    RW_MAKE_NETWORK(network);
    if (std::system("command -v tshark >/dev/null") != 0) {
        GTEST_SKIP() << "no tshark (apt-get install tshark)";
    }
    constexpr int knock_bytes = 42 + 6;
    const vlan_tagger tagger{*network, knock_bytes};
    ASSERT_TRUE(tagger.is_there());
    const scratch_directory scratch;
    const string file = scratch.at("hints.pcapng");
    running capture{*network,
                    net_side::near,
                    {"capture", "near", "--hints", "--direction", "in", "--count", "1", "-d", "20s",
                     "-w", file, "vlan 9 and udp"}};
    EXPECT_EQ(network->run(net_side::far, "bash -c 'echo odd >/dev/udp/10.77.0.1/9'"), 0);
    EXPECT_EQ(knock(*network, "10.77.0.1"), 0);
    const auto ended = capture.process().wait();
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_NE(ended.standard_error.find("offers hints: time,hash,vlan"), string::npos)
        << ended.standard_error;
    EXPECT_NE(ended.standard_error.find("of 0 packets by the card's clock, of 1 by the kernel's"),
              string::npos)
        << ended.standard_error;
    const auto read =
        run_program({.program = "tshark",
                     .arguments = {"-r", file, "-T", "fields", "-e", "vlan.id", "-e", "udp.length",
                                   "-e", "frame.len", "-e", "frame.comment"}});
    EXPECT_EQ(read.exit_status, 0) << read.standard_error;
    EXPECT_EQ(read.standard_output.substr(0, 15), "9\t14\t52\thash 0x") << read.standard_output;
}

TEST(xdp_watching, goes_on_without_hints) {
    RW_NEED_KERNEL(5, 18, "XDP programs for large packets");
    RW_MAKE_NETWORK(network);
    // Loopback has no driver that could tell anything.
    running capture{*network, net_side::near, {"capture", "lo", "--hints", "-d", "20s"}};
    EXPECT_EQ(capture.facts()["mode"], "generic");
    EXPECT_NE(capture.process().standard_error().find("without hints of the card"), string::npos)
        << capture.process().standard_error();
    capture.end();
    for (const words& wrong : {words{"capture", "near", "--hints", "--mode", "generic"},
                               words{"capture", "near", "--hints", "--direction", "out"}}) {
        const auto refused = run_program(command(*network, net_side::near, wrong));
        EXPECT_NE(refused.exit_status, 0);
        const bool is_old = refused.standard_error.contains("needs Linux 6.3");
        EXPECT_TRUE(is_old || refused.standard_error.contains("hints")) << refused.standard_error;
    }
}

TEST(xdp_watching, serves_metrics) {
    RW_NEED_KERNEL(5, 18, "XDP programs for large packets");
    RW_MAKE_NETWORK(network);
    running respond{*network,
                    net_side::near,
                    {"respond", "near", "--metrics", "127.0.0.1:9100", "--driver", "auto"}};
    const auto ping = run_program(command(
        *network, net_side::far, {"ping", "far", "--to", "10.77.0.1", "--count", "40", "--json"}));
    EXPECT_EQ(last_line(ping.standard_output)["answered"], 40);
    const auto page = run_program({.program = "nsenter",
                                   .arguments = {"--net=" + network->path(net_side::near), "curl",
                                                 "-s", "http://127.0.0.1:9100/metrics"}});
    const auto read = testing_support::check_prometheus(page.standard_output);
    EXPECT_TRUE(read.problems.empty()) << read.problems.front();
    const auto value = [&read](const string& name, const string& label) {
        for (const auto& [sample, number] : read.samples) {
            if (sample.starts_with("ringway_" + name + "{") && sample.find(label) != string::npos) {
                return number;
            }
        }
        return -1.0;
    };
    EXPECT_EQ(value("xdp_packets_total", "verdict=\"to_socket\""), 40) << page.standard_output;
    EXPECT_EQ(value("xsk_packets_total", "dir=\"received\""), 40);
    EXPECT_EQ(value("xsk_packets_total", "dir=\"sent\""), 40);
    EXPECT_EQ(value("xsk_events_total", "what=\"receive_ring_full\""), 0);
    EXPECT_EQ(value("xsk_events_total", "queue=\"0\""), 0);
    EXPECT_GT(value("xsk_waits_total", "interface=\"near\""), 0);
    respond.end();
}

class xdp_without_interface : public ::testing::TestWithParam<words> {};

TEST_P(xdp_without_interface, says_that_it_went_away) {
    RW_NEED_KERNEL(5, 18, "XDP programs for large packets");
    RW_MAKE_NETWORK(network);
    running work{*network, net_side::near, GetParam()};
    ASSERT_EQ(network->run(net_side::near, "ip link del near"), 0);
    const auto ended = work.process().wait();
    EXPECT_EQ(ended.exit_status, 1);
    EXPECT_NE(ended.standard_error.find("near went away"), string::npos) << ended.standard_error;
    EXPECT_EQ(last_line(ended.standard_output)["event"], "total") << ended.standard_output;
}

INSTANTIATE_TEST_SUITE_P(
    , xdp_without_interface,
    ::testing::Values(words{"drop", "near", "udp"}, words{"reflect", "near", "udp"},
                      words{"respond", "near"}, words{"respond", "near", "--busy-poll", "20"},
                      words{"gen", "near", "--to", "10.77.0.2:9", "--rate", "1000"},
                      words{"gen", "near", "--to", "10.77.0.2:9"},
                      words{"ping", "near", "--to", "10.77.0.2:9"},
                      words{"capture", "near", "-w", "/dev/null"}),
    [](const auto& info) { return "way_" + std::to_string(info.index); });

}  // namespace
}  // namespace ringway::test
