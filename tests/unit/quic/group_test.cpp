#include <array>
#include <cerrno>
#include <gtest/gtest.h>
#include <vector>

#include "quic/group.hpp"
#include "quic/udp_port.hpp"
#include "support/run_on_shard.hpp"
#include "support/tls_world.hpp"

namespace ringway::quic::detail {
namespace {

TEST(quic_group, all_shards_share_a_free_port) {
    group shared{{}, 3};
    const std::array where{endpoint::loopback(0), *parse_endpoint("[::1]:0")};
    ASSERT_TRUE(shared.listen(where).has_value());
    ASSERT_EQ(shared.listening().size(), 2U);
    EXPECT_NE(shared.listening()[0].port(), 0);
    for (unsigned shard = 0; shard < 3; ++shard) {
        const auto sockets = shared.take_sockets(shard);
        ASSERT_EQ(sockets.size(), 2U);
        EXPECT_EQ(*local_endpoint(sockets[0].fd.get()), shared.listening()[0]);
        EXPECT_EQ(sockets[1].local, shared.listening()[1]);
        EXPECT_TRUE(shared.take_sockets(shard).empty());
    }
}

TEST(quic_group, a_port_in_use_is_said) {
    group first{{}, 1};
    const std::array any{endpoint::loopback(0)};
    ASSERT_TRUE(first.listen(any).has_value());
    group second{{}, 1};
    const auto again = second.listen(first.listening());
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().sys, EADDRINUSE);
    EXPECT_TRUE(second.listening().empty());
}

TEST(quic_group, options_that_can_not_be_followed) {
    test::tls_world world;
    EXPECT_FALSE(server_group::make(*world.server, {.generation = 7}, 1).has_value());
    EXPECT_FALSE(server_group::make(*world.server, {}, 256).has_value());
    EXPECT_TRUE(server_group::make(*world.server, {.early_data = false}, 255).has_value());
}

TEST(quic_group, retry_when_it_is_wanted) {
    group always{{.retry = retry_mode::always}, 1};
    EXPECT_TRUE(always.wants_retry());
    group never{{.retry = retry_mode::never, .half_open_before_retry = 0}, 1};
    EXPECT_FALSE(never.wants_retry());
    group adaptive{{.half_open_before_retry = 2}, 1};
    EXPECT_FALSE(adaptive.wants_retry());
    adaptive.half_open_ = 2;
    EXPECT_TRUE(adaptive.wants_retry());
    adaptive.half_open_ = 0;
}

// Goal: a shard that does not keep up costs memory up to a limit.
TEST(quic_group, datagrams_for_another_shard_are_bounded) {
    struct taker final : forward_target {
        void take_forwarded(std::size_t port, arrival from, byte_view datagram) override {
            ++taken;
            EXPECT_EQ(port, 0U);
            EXPECT_EQ(from.remote, endpoint::loopback(7));
            EXPECT_EQ(as_text(datagram), "abc");
        }
        std::size_t taken = 0;
    };
    group shared{{}, 2};
    const auto run = [](group& all) -> task<void> {
        taker here;
        endpoint_counters counters;
        udp_port port{datagram_socket::adopt(*datagram_socket::bind(endpoint::loopback(0))),
                      endpoint::loopback(0), 0, false, counters};
        arrival from;
        from.port = &port;
        from.remote = endpoint::loopback(7);
        EXPECT_FALSE(all.forward(0, from, as_bytes("abc")));  // Nobody is there yet,
        EXPECT_FALSE(all.forward(9, from, as_bytes("abc")));  // or never will be.
        all.enroll(0, &here);
        std::size_t sent = 0;
        while (all.forward(0, from, as_bytes("abc"))) {
            ++sent;
        }
        EXPECT_EQ(sent, 2048U);
        EXPECT_TRUE(co_await test::comes_true([&] { return here.taken == sent; }));
        EXPECT_TRUE(all.forward(0, from, as_bytes("abc")));
        EXPECT_TRUE(co_await test::comes_true([&] { return here.taken == sent + 1; }));
        all.enroll(0, nullptr);
    };
    test::run_on_shard(run(shared));
}

}  // namespace
}  // namespace ringway::quic::detail
