#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "net/control_messages.hpp"

namespace ringway {
namespace {

std::size_t count_of(msghdr& header) {
    std::size_t count = 0;
    for (cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr;
         message = CMSG_NXTHDR(&header, message)) {
        ++count;
    }
    return count;
}

TEST(control_messages, none_are_written_for_a_plain_send) {
    msghdr header{};
    control_messages room;
    room.write(header, {}, AF_INET);
    EXPECT_EQ(header.msg_control, nullptr);
    EXPECT_EQ(header.msg_controllen, 0U);
}

// Goal: what is written for sending reads back as what the kernel would tell a receiver.
TEST(control_messages, what_is_written_can_be_read) {
    const endpoint local = *parse_endpoint("192.0.2.7:0");
    msghdr header{};
    control_messages room;
    room.write(header, {.from = &local, .segment = 1200, .ecn = 2}, AF_INET);
    EXPECT_EQ(count_of(header), 3U);
    auto* const first = CMSG_FIRSTHDR(&header);
    EXPECT_EQ(first->cmsg_level, IPPROTO_UDP);
    EXPECT_EQ(first->cmsg_type, UDP_SEGMENT);
    received_datagram facts;
    control_messages::read(header, facts);
    EXPECT_EQ(facts.ecn, 2);
}

TEST(control_messages, the_family_decides_on_the_level) {
    const endpoint v6 = *parse_endpoint("[2001:db8::1]:0");
    const endpoint mapped = *parse_endpoint("[::ffff:192.0.2.1]:5");
    const auto level = [](const datagram_target& target, int family) {
        msghdr header{};
        control_messages room;
        room.write(header, target, family);
        return CMSG_FIRSTHDR(&header)->cmsg_level;
    };
    EXPECT_EQ(level({.ecn = 1}, AF_INET), IPPROTO_IP);
    EXPECT_EQ(level({.ecn = 1}, AF_INET6), IPPROTO_IPV6);
    EXPECT_EQ(level({.to = &v6, .ecn = 1}, AF_INET6), IPPROTO_IPV6);
    EXPECT_EQ(level({.to = &mapped, .ecn = 1}, AF_INET6), IPPROTO_IP);
    EXPECT_EQ(level({.from = &v6}, AF_INET6), IPPROTO_IPV6);
}

// Goal: a control message that is shorter than its type says is no reason to read beyond it.
TEST(control_messages, short_ones_are_read_as_zero) {
    alignas(cmsghdr) std::byte bytes[CMSG_SPACE(sizeof(in_pktinfo))]{};
    msghdr header{};
    header.msg_control = bytes;
    header.msg_controllen = CMSG_LEN(1);
    auto* const message = CMSG_FIRSTHDR(&header);
    message->cmsg_level = IPPROTO_IP;
    message->cmsg_type = IP_PKTINFO;
    message->cmsg_len = CMSG_LEN(1);
    received_datagram facts;
    control_messages::read(header, facts);
    EXPECT_EQ(facts.interface, 0U);
    EXPECT_EQ(facts.to.to_text(), "0.0.0.0:0");
}

}  // namespace
}  // namespace ringway
