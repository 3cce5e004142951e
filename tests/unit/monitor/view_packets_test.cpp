#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <string_view>

#include "monitor/views.hpp"
#include "support/made_snapshot.hpp"

namespace ringway::monitor {
namespace {

using test::made_snapshot;

const cell& at(const table& in, std::size_t row, std::string_view key) {
    return in.rows.at(row).at(in.find(key).value());
}

source_record made_source(std::uint8_t last, std::uint64_t packets, std::uint64_t bytes) {
    source_record made;
    std::ranges::copy(test::made_address(last), made.key.address);
    made.key.interface = 3;
    made.seen.packets = packets;
    made.seen.bytes = bytes;
    std::strcpy(made.seen.device, "eth0");
    return made;
}

TEST(view_packets, shares_out_what_sources_send) {
    snapshot before = made_snapshot(10);
    snapshot now = made_snapshot(12);
    before.sources = {made_source(1, 10, 1000)};
    before.sources_total.seen_bytes = 1000;
    now.sources = {made_source(1, 30, 4000), made_source(2, 5, 1000)};
    now.sources_total.seen_bytes = 5000;
    const auto made = make_view(view_id::sources, now, &before);
    ASSERT_EQ(made.rows.size(), 2U);
    EXPECT_EQ(at(made, 0, "source").text, "192.0.2.1");
    EXPECT_EQ(at(made, 0, "interface").text, "eth0");
    EXPECT_EQ(at(made, 0, "packets_s").number, 10);
    EXPECT_EQ(at(made, 0, "bytes_s").number, 1500);
    EXPECT_EQ(at(made, 0, "share").number, 75);
    EXPECT_EQ(at(made, 1, "bytes_s").number, 500);
}

drop_record made_drop(std::uint32_t reason, std::uint64_t packets) {
    drop_record made;
    made.key.reason = reason;
    made.key.protocol = 0x0800;
    made.key.transport = 17;
    made.reason = "NO_SOCKET";
    made.location = "udp_rcv+0x1";
    made.seen.packets = packets;
    made.seen.last_ns = 9 * test::one_second;
    made.seen.last = test::made_ends(53, 4000);
    return made;
}

TEST(view_packets, tells_drops_with_their_reason) {
    snapshot before = made_snapshot(10);
    snapshot now = made_snapshot(12);
    before.drops = {made_drop(3, 10)};
    now.drops = {made_drop(3, 16), made_drop(4, 2)};
    const auto made = make_view(view_id::drops, now, &before);
    EXPECT_EQ(at(made, 0, "reason").text, "NO_SOCKET");
    EXPECT_EQ(at(made, 0, "packets_s").number, 3);
    EXPECT_EQ(at(made, 1, "packets_s").number, 1);
    EXPECT_EQ(at(made, 0, "protocol").text, "udp");
    EXPECT_EQ(at(made, 0, "last_from").text, "192.0.2.2:4000");
    EXPECT_EQ(at(made, 0, "last_to").text, "192.0.2.1:53");
    EXPECT_EQ(at(made, 0, "last_s").number, 3);
}

TEST(view_packets, leaves_addresses_out_that_a_packet_did_not_have) {
    snapshot now = made_snapshot(12);
    now.drops = {made_drop(3, 1)};
    now.drops[0].key.transport = 0;
    now.drops[0].key.protocol = 0x0806;
    const auto made = make_view(view_id::drops, now, nullptr);
    EXPECT_EQ(at(made, 0, "protocol").text, "arp");
    EXPECT_EQ(at(made, 0, "last_from").text, "");
}

}  // namespace
}  // namespace ringway::monitor
