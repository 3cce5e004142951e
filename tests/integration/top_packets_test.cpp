// Goal: `ringway top` tells who sends, and what the kernel drops.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <vector>

#include "support/top_world.hpp"

namespace ringway::test {
namespace {

using top_packets = top_world;

TEST_F(top_packets, tells_who_sends_and_what_is_dropped) {
    start();
    const unique_fd sender = socket_at(net_side::near, SOCK_DGRAM);
    const auto nobody = v4(far_address, 9);
    struct stat far{};  // Other tests may have a network like this one.
    ASSERT_EQ(::fstat(net_->fd(net_side::far), &far), 0);
    // The row is of all such drops of this machine; the addresses are those of the last.
    json drop;
    std::vector<json> sources;
    ASSERT_TRUE(eventually([&] {
        static_cast<void>(::sendto(sender.get(), "x", 1, 0, any(nobody), sizeof nobody));
        const auto drops = rows("drops", {{"last_to", remote(9)}});
        sources = rows("sources", {{"source", near_address}, {"netns", far.st_ino}});
        drop = drops.empty() ? json{} : drops[0];
        return !drop.is_null() && !sources.empty() && sources[0]["packets"] >= 7;
    })) << look();
    EXPECT_EQ(drop["reason"], "NO_SOCKET");
    EXPECT_EQ(drop["protocol"], "udp");
    EXPECT_EQ(drop["interface"], "far");
    EXPECT_GE(drop["packets"], 1);
    EXPECT_EQ(sources.size(), 1U);
    EXPECT_EQ(sources[0]["missed_at_most"], 0);
}

// Goal: a million made-up sources take no more room than there is, and are told as lost; who is
// there keeps its place.
TEST_F(top_packets, outlasts_a_flood_of_made_up_sources) {
    start({"--watch", "sources", "--table-size", "2048"});
    ASSERT_EQ(net_->run(net_side::far,
                        "timeout 30 '" RINGWAY_BINARY "' xdp gen far --to 10.77.0.1:9 --from "
                        "20.0.0.0/12 --sources 1000000 --count 200000 --quiet"),
              0);
    const unique_fd sender = socket_at(net_side::far, SOCK_DGRAM);
    const auto there = v4(near_address, 9);
    // One packet in 64 asks for a place when the table is full.
    struct stat near{};
    ASSERT_EQ(::fstat(net_->fd(net_side::near), &near), 0);
    EXPECT_TRUE(eventually([&] {
        for (int i = 0; i < 100; ++i) {
            static_cast<void>(::sendto(sender.get(), "x", 1, 0, any(there), sizeof there));
        }
        const auto found = rows("sources", {{"source", far_address}, {"netns", near.st_ino}});
        return !found.empty() && found[0]["packets"] > 100;
    })) << look()["lost"];
    EXPECT_GT(lost("packets of sources without a place"), 100'000U);
    EXPECT_LE(look()["views"]["sources"]["rows"].size(), 2048U);
}

}  // namespace
}  // namespace ringway::test
