// Goal: `ringway top` tells who sends, and what the kernel drops.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "support/top_world.hpp"

namespace ringway::test {
namespace {

using top_packets = top_world;

TEST_F(top_packets, tells_who_sends_and_what_is_dropped) {
    start();
    const unique_fd sender = socket_at(net_side::near, SOCK_DGRAM);
    const auto nobody = v4(far_address, 9);
    for (int i = 0; i < 7; ++i) {
        // An answer by ICMP makes the next call fail once.
        static_cast<void>(::sendto(sender.get(), "x", 1, 0, any(nobody), sizeof nobody) ||
                          ::sendto(sender.get(), "x", 1, 0, any(nobody), sizeof nobody));
        ASSERT_TRUE(eventually([&] {
            const auto found = rows("drops", {{"last_to", remote(9)}});
            return !found.empty() && found[0]["packets"] == i + 1;
        })) << look();
    }
    const auto drops = rows("drops", {{"last_to", remote(9)}});
    EXPECT_EQ(drops[0]["reason"], "NO_SOCKET");
    EXPECT_EQ(drops[0]["protocol"], "udp");
    EXPECT_EQ(drops[0]["interface"], "far");

    struct stat far{};  // Other tests may have a network like this one.
    ASSERT_EQ(::fstat(net_->fd(net_side::far), &far), 0);
    const auto sources = rows("sources", {{"source", near_address}, {"netns", far.st_ino}});
    ASSERT_EQ(sources.size(), 1U);
    EXPECT_GE(sources[0]["packets"], 7);
    EXPECT_LT(sources[0]["packets"], 30);  // A few of the neighbours' are among them.
    EXPECT_EQ(sources[0]["missed_at_most"], 0);
}

}  // namespace
}  // namespace ringway::test
