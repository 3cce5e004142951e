#include "xdp/headers.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "xdp/build.hpp"
#include "xdp/checksum.hpp"

namespace ringway::xdp {
namespace {

using bytes = std::vector<std::byte>;

// Bytes from hexadecimal digits; spaces are for the reader.
bytes from_hex(std::string_view text) {
    bytes made;
    std::string digits;
    for (const char each : text) {
        if (each != ' ') {
            digits += each;
        }
        if (digits.size() == 2) {
            made.push_back(static_cast<std::byte>(std::stoul(digits, nullptr, 16)));
            digits.clear();
        }
    }
    return made;
}

constexpr auto ethernet_of = "020000000001 020000000002 ";

TEST(parse_frame, reads_ipv4_with_options_behind_two_tags) {
    const auto frame = from_hex(std::string{"020000000001 020000000002 88a80064 8100 0007 0800 "} +
                                "46 00 0020 0000 0000 40 11 0000 0a4d0001 0a4d0002 01010101 "
                                "1f40 0035 0008 0000 ffff");
    const auto it = parse_frame(frame);
    ASSERT_TRUE(it.has_value());
    EXPECT_EQ(it->ether_type, type_ipv4);
    EXPECT_EQ(it->vlan, 100);
    EXPECT_EQ(it->ip_version, 4);
    EXPECT_EQ(it->protocol, protocol_udp);
    EXPECT_EQ(it->hops, 64);
    EXPECT_EQ(it->source_port, 8000);
    EXPECT_EQ(it->target_port, 53);
    EXPECT_EQ(it->end, frame.size() - 2) << "padding counts";
}

TEST(parse_frame, looks_behind_extension_headers) {
    const auto frame = from_hex(std::string{ethernet_of} + "86dd 60000000 0018 00 40 " +
                                std::string(32, '1') + std::string(32, '2') +
                                "3c 00 000000000000 11 00 010203040000 0001 0002 0008 0000");
    const auto it = parse_frame(frame);
    ASSERT_TRUE(it.has_value());
    EXPECT_EQ(it->ip_version, 6);
    EXPECT_EQ(it->protocol, protocol_udp);
    EXPECT_EQ(it->source_port, 1);
    EXPECT_EQ(it->target_port, 2);
}

TEST(parse_frame, has_no_ports_in_later_fragments) {
    const auto v4 = from_hex(std::string{ethernet_of} +
                             "0800 45 00 0024 0000 0010 40 11 0000 0a4d0001 0a4d0002 "
                             "1f40 0035 0008 0000 1111111111111111");
    EXPECT_TRUE(parse_frame(v4)->is_later_fragment);
    EXPECT_EQ(parse_frame(v4)->source_port, -1);
    const auto v6 = from_hex(std::string{ethernet_of} + "86dd 60000000 0010 2c 40 " +
                             std::string(64, '0') + "11 00 0009 00000001 0001 0002 0008 0000");
    EXPECT_TRUE(parse_frame(v6)->is_later_fragment);
    EXPECT_EQ(parse_frame(v6)->protocol, protocol_udp);
    EXPECT_EQ(parse_frame(v6)->source_port, -1);
}

TEST(parse_frame, leaves_out_what_contradicts_itself) {
    const auto too_short = from_hex("0200");
    EXPECT_FALSE(parse_frame(too_short).has_value());
    for (const char* const bad :
         {"0800 44", "0800 65 00 0014 0000 0000 40 11 0000 0a4d0001 0a4d0002",
          "0800 44 00 0014 0000 0000 40 11 0000 0a4d0001 0a4d0002",
          "0800 45 00 0013 0000 0000 40 11 0000 0a4d0001 0a4d0002"}) {
        const auto frame = from_hex(std::string{ethernet_of} + bad);
        ASSERT_TRUE(parse_frame(frame).has_value()) << bad;
        EXPECT_EQ(parse_frame(frame)->ip_version, 0) << bad;
        EXPECT_EQ(parse_frame(frame)->transport, 0U) << bad;
    }
}

TEST(parse_frame, reads_who_asks_for_whom) {
    const auto frame = from_hex(std::string{ethernet_of} +
                                "0806 0001 0800 06 04 0001 020000000002 0a4d0002 "
                                "000000000000 0a4d0001");
    const auto it = parse_frame(frame);
    EXPECT_EQ(it->ip_version, 0);
    EXPECT_EQ(it->protocol, 1);
    EXPECT_EQ(it->source[15], 2);
    EXPECT_EQ(it->target[15], 1);
}

// Goal: nothing is read beyond a frame, wherever it is cut off (the sanitizers see it).
TEST(parse_frame, takes_frames_that_are_cut_off_anywhere) {
    const udp_recipe how{.is_v6 = true, .source_port = 1, .target_port = 2, .vlan = 3};
    bytes whole(200);
    whole.resize(build_udp(whole, how, 50));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        const auto it = parse_frame(cut);
        if (it) {
            EXPECT_LE(it->end, cut.size());
            EXPECT_LE(it->transport, cut.size());
            (void)checksums_are_right(cut, *it);
        }
    }
}

TEST(build_udp, makes_what_is_parsed_again_with_right_checksums) {
    std::mt19937 random{7};
    for (int round = 0; round < 400; ++round) {
        udp_recipe how{.is_v6 = round % 2 == 0,
                       .source_port = static_cast<std::uint16_t>(random()),
                       .target_port = static_cast<std::uint16_t>(random()),
                       .vlan = round % 3 == 0 ? static_cast<int>(random() % 4095) : -1};
        for (std::size_t i = how.is_v6 ? 0 : 12; i < 16; ++i) {
            how.source[i] = static_cast<std::uint8_t>(random());
            how.target[i] = static_cast<std::uint8_t>(random());
        }
        bytes frame(2000);
        const std::size_t payload = random() % 1400;
        for (std::size_t i = 0; i < payload; ++i) {
            frame[udp_overhead(how) + i] = static_cast<std::byte>(random());
        }
        frame.resize(build_udp(frame, how, payload));
        const auto it = parse_frame(frame);
        ASSERT_TRUE(it.has_value());
        EXPECT_EQ(it->vlan, how.vlan);
        EXPECT_EQ(it->source, how.source);
        EXPECT_EQ(it->target, how.target);
        EXPECT_EQ(it->source_port, how.source_port);
        EXPECT_EQ(it->target_port, how.target_port);
        EXPECT_EQ(it->end, frame.size());
        EXPECT_TRUE(checksums_are_right(frame, *it));
        // Any byte behind the Ethernet header that changes is noticed, bar the few that IP leaves
        // out of its sums.
        if (payload > 0) {
            frame.back() ^= std::byte{0x40};
            EXPECT_FALSE(checksums_are_right(frame, *it));
        }
    }
}

// Goal: the incremental change is that of the whole sum, for all that can occur.
TEST(checksum, adjusted_is_computed_anew) {
    std::mt19937 random{11};
    for (int round = 0; round < 20000; ++round) {
        std::array<std::byte, 12> text{};
        for (std::byte& each : text) {
            each = random() % 4 == 0 ? std::byte{0xff} : static_cast<std::byte>(random());
        }
        text[0] = std::byte{1};  // All zero has two sums, which no header is.
        const std::uint16_t before = checksum_of(add_words(text));
        const std::uint16_t from = load16(text, 4);
        store16(text, 4, static_cast<std::uint16_t>(round % 5 == 0 ? 0xffff : random()));
        EXPECT_EQ(adjusted(before, from, load16(text, 4)), checksum_of(add_words(text)));
    }
}

}  // namespace
}  // namespace ringway::xdp
