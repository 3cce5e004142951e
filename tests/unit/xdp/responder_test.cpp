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

// The answer takes the place of the frame.
answer said_to(bytes& frame, const responder_options& how) {
    bytes room = frame;
    room.resize(frame.size() + answer_growth);
    auto length = static_cast<std::uint32_t>(frame.size());
    const answer said = respond(room, length, how);
    room.resize(length);
    frame = room;
    return said;
}

class respond_to : public ::testing::TestWithParam<bool> {
protected:
    const char* us = GetParam() ? "fd77::1" : "10.77.0.1";
    const char* them = GetParam() ? "fd77::2" : "10.77.0.2";
};

TEST_P(respond_to, datagrams) {
    bytes frame = datagram(them, us, 4000, 7);
    EXPECT_EQ(said_to(frame, ours), answer::datagram);
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
    EXPECT_EQ(said_to(frame, ours), answer::echo);
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
        EXPECT_EQ(said_to(frame, ours), answer::none);
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
    EXPECT_EQ(said_to(frame, ours), answer::arp);
    const auto it = *parse_frame(frame);
    EXPECT_EQ(it.protocol, 2);
    EXPECT_EQ(it.source, parse_prefix("10.77.0.1")->address);
    EXPECT_EQ(it.target, parse_prefix("10.77.0.2")->address);
    EXPECT_EQ(frame[22 + 5], std::byte{1}) << "sender's hardware address";
    EXPECT_EQ(frame[5], std::byte{2}) << "unicast to who asked";
    bytes other = arp_request("10.77.0.9");
    EXPECT_EQ(said_to(other, ours), answer::none);
}

// What asks for fd77::1, with `options` bytes behind it.
bytes solicitation(const char* from, const std::vector<std::uint8_t>& options) {
    bytes frame = icmp(from, "ff02::1:ff00:1", 135, 24 + options.size());
    const auto it = *parse_frame(frame);
    frame[it.network + 7] = std::byte{255};
    const auto as_byte = [](auto each) { return std::byte{each}; };
    const auto target = parse_prefix("fd77::1")->address;
    const auto behind = frame.begin() + static_cast<std::ptrdiff_t>(it.transport);
    std::ranges::transform(target, behind + 8, as_byte);
    std::ranges::transform(options, behind + 24, as_byte);
    write_checksums(frame, it);
    return frame;
}

const std::vector<std::uint8_t> link_layer_option{1, 1, 2, 0, 0, 0, 0, 2};

// Goal: with whatever options, and none; and who wants to take the address hears that it is taken.
TEST(respond, to_every_neighbour_solicitation) {
    const std::vector<std::uint8_t> nonce{14, 1, 1, 2, 3, 4, 5, 6};
    auto both = link_layer_option;
    both.insert(both.end(), nonce.begin(), nonce.end());
    for (const char* const from : {"fd77::2", "::"}) {
        for (const auto& options : {std::vector<std::uint8_t>{}, link_layer_option, nonce, both}) {
            bytes frame = solicitation(from, options);
            ASSERT_EQ(said_to(frame, ours), answer::neighbour) << from << options.size();
            const auto it = *parse_frame(frame);
            const bool is_known = from != std::string{"::"};
            EXPECT_EQ(frame.size(), it.transport + 32);
            EXPECT_EQ(it.end, frame.size());
            EXPECT_EQ(it.icmp_type, 136);
            EXPECT_EQ(it.source, parse_prefix("fd77::1")->address);
            EXPECT_EQ(it.target, parse_prefix(is_known ? from : "ff02::1")->address);
            EXPECT_EQ(frame[0], static_cast<std::byte>(is_known ? 0x02 : 0x33));
            EXPECT_EQ(frame[5], static_cast<std::byte>(is_known ? 2 : 1));
            EXPECT_EQ(frame[it.transport + 4], static_cast<std::byte>(is_known ? 0x60 : 0x20));
            EXPECT_EQ(frame[it.transport + 31], std::byte{1});
            EXPECT_TRUE(checksums_are_right(frame, it));
        }
    }
}

TEST(respond, to_neighbour_solicitations) {
    bytes frame = solicitation("fd77::2", link_layer_option);
    const auto before = *parse_frame(frame);
    const auto target = parse_prefix("fd77::1")->address;
    bytes from_afar = frame;
    from_afar[before.network + 7] = std::byte{254};
    EXPECT_EQ(said_to(from_afar, ours), answer::none) << "RFC 4861 7.1.1";

    EXPECT_EQ(said_to(frame, ours), answer::neighbour);
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
