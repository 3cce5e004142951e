#include <array>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "quic/connection_id.hpp"
#include "quic/tombstone.hpp"
#include "quic/udp_port.hpp"
#include "support/run_on_shard.hpp"

namespace ringway::quic::detail {
namespace {

using namespace std::chrono_literals;
using body = task<void>;

datagram_socket bound() {
    return datagram_socket::adopt(*datagram_socket::bind(endpoint::loopback(0)));
}

struct grave {
    grave() : far{bound()}, port{bound(), endpoint::loopback(0), 0, false, counters} {
        from.port = &port;
        from.remote = *local_endpoint(far.fd());
        from.local = *local_endpoint(port.socket().fd());
    }
    void bury(byte_view packet, nanoseconds lifetime) {
        const auto expired = [](void* owner, tombstone&) noexcept {
            static_cast<grave*>(owner)->stone.reset();
        };
        const std::vector<ngtcp2_cid> ids{id};
        stone =
            std::make_unique<tombstone>(table, ids, packet, from.remote, lifetime, expired, this);
    }
    std::size_t answers() {
        std::array<std::byte, 100> room;
        std::size_t count = 0;
        while (far.receive_now(room)) {
            ++count;
        }
        return count;
    }

    endpoint_counters counters;
    datagram_socket far;
    udp_port port;
    id_table table;
    ngtcp2_cid id = make_connection_id({});
    arrival from;
    std::unique_ptr<tombstone> stone;
};

// Goal: the close is repeated to the peer, ever more rarely, and to nobody else.
TEST(tombstone, answers_ever_more_rarely) {
    const auto run = []() -> body {
        grave here;
        const std::array<std::byte, 60> packet{};
        const std::array<std::byte, 30> datagram{};
        here.bury(packet, 1h);
        packet_target* const found = here.table.find(here.id.data, here.id.datalen);
        EXPECT_EQ(found, here.stone.get());
        for (int i = 0; i < 16; ++i) {
            found->receive(here.from, datagram);
        }
        EXPECT_EQ(here.answers(), 5U);  // To the 1st, 2nd, 4th, 8th and 16th.
        arrival other = here.from;
        other.remote = endpoint::loopback(9);
        for (int i = 0; i < 20; ++i) {
            found->receive(other, datagram);
        }
        EXPECT_EQ(here.counters.datagrams_sent.get(), 5U);
        here.stone.reset();
        EXPECT_EQ(here.table.size(), 0U);
        co_return;
    };
    test::run_on_shard(run());
}

TEST(tombstone, says_nothing_when_the_peer_has_closed_or_sends_little) {
    const auto run = []() -> body {
        grave here;
        const std::array<std::byte, 61> packet{};
        const std::array<std::byte, 20> small{};
        here.bury(packet, 1h);
        here.stone->receive(here.from, small);  // 61 bytes would be more than three times 20.
        here.stone.reset();
        here.bury({}, 1h);
        here.stone->receive(here.from, packet);
        EXPECT_EQ(here.answers(), 0U);
        here.stone.reset();
        co_return;
    };
    test::run_on_shard(run());
}

TEST(tombstone, does_not_last) {
    const auto run = []() -> body {
        grave here;
        here.bury({}, 5ms);
        EXPECT_TRUE(co_await test::comes_true([&] { return here.stone == nullptr; }));
        EXPECT_EQ(here.table.size(), 0U);
    };
    test::run_on_shard(run());
}

}  // namespace
}  // namespace ringway::quic::detail
