#include "xdp/responder.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "xdp/build.hpp"

namespace ringway::xdp {
namespace {

using bytes = std::vector<std::byte>;

const responder_options ours{.mac = {2, 0, 0, 0, 0, 1},
                             .addresses = {*parse_prefix("10.77.0.1"), *parse_prefix("fd77::1")},
                             .udp_port = 7};
constexpr mac_address theirs{2, 0, 0, 0, 0, 2};

bytes datagram(const char* from, const char* to, std::uint16_t source, std::uint16_t target) {
    const udp_recipe how{.source_mac = theirs,
                         .target_mac = ours.mac,
                         .is_v6 = std::string{from}.find(':') != std::string::npos,
                         .source = parse_prefix(from)->address,
                         .target = parse_prefix(to)->address,
                         .source_port = source,
                         .target_port = target};
    bytes frame(128, std::byte{'x'});
    frame.resize(build_udp(frame, how, 10));
    return frame;
}

// A datagram whose transport part becomes ICMP of 18 bytes, or of 32 for neighbours.
bytes icmp(const char* from, const char* to, std::uint8_t type, std::size_t inner = 18) {
    bytes frame = datagram(from, to, 0, 0);
    const auto it = *parse_frame(frame);
    const bool v6 = it.ip_version == 6;
    frame.resize(it.transport + inner, std::byte{0});
    frame[it.network + (v6 ? 6 : 9)] = std::byte{v6 ? protocol_icmp6 : protocol_icmp};
    store16(frame, it.network + (v6 ? 4 : 2), static_cast<std::uint16_t>(inner + (v6 ? 0 : 20)));
    frame[it.transport] = std::byte{type};
    frame[it.transport + 1] = std::byte{0};
    write_checksums(frame, *parse_frame(frame));
    return frame;
}

class respond_to : public ::testing::TestWithParam<bool> {
protected:
    const char* us = GetParam() ? "fd77::1" : "10.77.0.1";
    const char* them = GetParam() ? "fd77::2" : "10.77.0.2";
};

TEST_P(respond_to, datagrams) {
    bytes frame = datagram(them, us, 4000, 7);
    EXPECT_EQ(respond(frame, ours), answer::datagram);
    const auto it = *parse_frame(frame);
    EXPECT_EQ(it.source, parse_prefix(us)->address);
    EXPECT_EQ(it.target, parse_prefix(them)->address);
    EXPECT_EQ(it.source_port, 7);
    EXPECT_EQ(it.target_port, 4000);
    EXPECT_TRUE(checksums_are_right(frame, it));
    EXPECT_EQ(frame[5], std::byte{2});
    EXPECT_EQ(frame[11], std::byte{1});
}

TEST_P(respond_to, echo_requests) {
    bytes frame = icmp(them, us, GetParam() ? 128 : 8);
    EXPECT_EQ(respond(frame, ours), answer::echo);
    const auto it = *parse_frame(frame);
    EXPECT_EQ(it.icmp_type, GetParam() ? 129 : 0);
    EXPECT_EQ(it.target, parse_prefix(them)->address);
    EXPECT_TRUE(checksums_are_right(frame, it));
}

TEST_P(respond_to, nothing_else) {
    const char* const others = GetParam() ? "fd77::9" : "10.77.0.9";
    std::vector<bytes> all{datagram(them, us, 4000, 8), datagram(them, others, 4000, 7),
                           datagram(them, us, 7, 7), icmp(them, us, GetParam() ? 129 : 0),
                           icmp(them, others, GetParam() ? 128 : 8)};
    all.push_back(datagram(them, us, 4000, 7));
    all.back().back() ^= std::byte{1};  // A checksum that is wrong.
    for (bytes& frame : all) {
        const bytes before = frame;
        EXPECT_EQ(respond(frame, ours), answer::none);
        EXPECT_EQ(frame, before);
    }
}

INSTANTIATE_TEST_SUITE_P(, respond_to, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "ipv6" : "ipv4"; });

bytes arp_request(const char* wanted) {
    bytes frame(60, std::byte{0});
    std::fill_n(frame.begin(), 6, std::byte{0xff});
    std::transform(theirs.begin(), theirs.end(), frame.begin() + 6,
                   [](auto each) { return std::byte{each}; });
    store16(frame, 12, type_arp);
    store16(frame, 14, 1);
    store16(frame, 16, type_ipv4);
    store16(frame, 18, 0x0604);
    store16(frame, 20, 1);
    frame[27] = std::byte{2};
    store16(frame, 28, 0x0a4d);
    store16(frame, 30, 2);
    const auto target = parse_prefix(wanted)->address;
    std::transform(target.begin() + 12, target.end(), frame.begin() + 38,
                   [](auto each) { return std::byte{each}; });
    return frame;
}

TEST(respond, to_whoever_asks_for_our_hardware_address) {
    bytes frame = arp_request("10.77.0.1");
    EXPECT_EQ(respond(frame, ours), answer::arp);
    const auto it = *parse_frame(frame);
    EXPECT_EQ(it.protocol, 2);
    EXPECT_EQ(it.source, parse_prefix("10.77.0.1")->address);
    EXPECT_EQ(it.target, parse_prefix("10.77.0.2")->address);
    EXPECT_EQ(frame[22 + 5], std::byte{1}) << "sender's hardware address";
    EXPECT_EQ(frame[5], std::byte{2}) << "unicast to who asked";
    bytes other = arp_request("10.77.0.9");
    EXPECT_EQ(respond(other, ours), answer::none);
}

TEST(respond, to_neighbour_solicitations) {
    bytes frame = icmp("fd77::2", "ff02::1:ff00:1", 135, 32);
    const auto before = *parse_frame(frame);
    frame[before.network + 7] = std::byte{255};
    const auto target = parse_prefix("fd77::1")->address;
    std::transform(target.begin(), target.end(),
                   frame.begin() + static_cast<std::ptrdiff_t>(before.transport + 8),
                   [](auto each) { return std::byte{each}; });
    frame[before.transport + 24] = std::byte{1};
    frame[before.transport + 25] = std::byte{1};
    write_checksums(frame, before);
    bytes from_afar = frame;
    from_afar[before.network + 7] = std::byte{254};
    EXPECT_EQ(respond(from_afar, ours), answer::none) << "RFC 4861 7.1.1";

    EXPECT_EQ(respond(frame, ours), answer::neighbour);
    const auto it = *parse_frame(frame);
    EXPECT_EQ(it.icmp_type, 136);
    EXPECT_EQ(it.source, target);
    EXPECT_EQ(it.target, parse_prefix("fd77::2")->address);
    EXPECT_EQ(it.hops, 255);
    EXPECT_EQ(frame[it.transport + 24], std::byte{2});
    EXPECT_EQ(frame[it.transport + 31], std::byte{1});
    EXPECT_TRUE(checksums_are_right(frame, it));
}

TEST(rules_for, steer_requests_and_no_answers) {
    const auto rules = rules_for(ours);
    EXPECT_EQ(rules.size(), 7U);
    for (const match_rule& each : rules) {
        EXPECT_EQ(each.target.bits, each.target.is_v6 ? 128 : 32);
        EXPECT_TRUE(each.icmp_type >= 0 || each.target_port == 7 || each.protocol == 1);
    }
}

}  // namespace
}  // namespace ringway::xdp
