#include <array>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <vector>

#include "quic/udp_port.hpp"
#include "support/patience.hpp"
#include "support/run_on_shard.hpp"

#include "quic/addresses.hpp"

namespace ringway::quic::detail {
namespace {

using body = task<void>;

datagram_socket bound(const datagram_options& options = {}) {
    return datagram_socket::adopt(*datagram_socket::bind(endpoint::loopback(0), options));
}

TEST(quic_port, options_of_its_sockets) {
    const auto run = []() -> body {
        datagram_socket socket = bound(quic_socket_options(true));
        int value = 0;
        socklen_t size = sizeof(value);
        EXPECT_EQ(::getsockopt(socket.fd(), SOL_SOCKET, SO_REUSEPORT, &value, &size), 0);
        EXPECT_EQ(value, 1);
        EXPECT_EQ(::getsockopt(socket.fd(), IPPROTO_IP, IP_MTU_DISCOVER, &value, &size), 0);
        EXPECT_EQ(value, IP_PMTUDISC_PROBE);
        EXPECT_GT(socket.receive_buffer_bytes(), 0U);
        co_return;
    };
    test::run_on_shard(run());
}

// Goal: a kernel that is full keeps nothing from being sent, and nothing is sent twice.
TEST(quic_port, what_the_kernel_can_not_take_goes_later) {
    const auto run = []() -> body {
        endpoint_counters counters;
        datagram_socket far = bound({.receive_bytes = 4 << 20});
        const endpoint to = *local_endpoint(far.fd());
        datagram_socket near = bound();
        const endpoint from = *local_endpoint(near.fd());
        udp_port port{std::move(near), from, 0, false, counters};
        const ngtcp2_path path{to_ngtcp2(from), to_ngtcp2(to), &port};
        std::vector<std::byte> batch(40'000, std::byte{5});
        port.hold();
        for (std::size_t i = 0; i < 3; ++i) {
            batch.front() = static_cast<std::byte>(i);
            port.send({batch, &path, 1000, 0});
        }
        std::array<std::byte, 2048> room;
        std::size_t datagrams = 0;
        std::vector<int> firsts;
        const auto drain = [&] {
            while (const auto got = far.receive_now(room)) {
                EXPECT_EQ(got->bytes, 1000U);
                if (datagrams++ % 40 == 0) {
                    firsts.push_back(static_cast<int>(room.front()));
                }
            }
        };
        port.send_or_drop({batch, &path, 1000, 0});  // An answer to a stranger is not kept.
        EXPECT_EQ(counters.dropped_send.get(), 1U);
        drain();
        EXPECT_EQ(datagrams, 0U);
        EXPECT_TRUE(port.is_blocked());
        EXPECT_TRUE((co_await port.unblock()).has_value());
        drain();
        EXPECT_EQ(datagrams, 120U);
        EXPECT_EQ(firsts, (std::vector{0, 1, 2}));
        EXPECT_FALSE(port.is_blocked());
    };
    test::run_on_shard(run());
}

// Goal: a device that can't segment costs no packet, and is not asked again.
TEST(quic_port, without_segmentation_one_by_one) {
    const auto run = []() -> body {
        endpoint_counters counters;
        datagram_socket far = bound({.receive_bytes = 4 << 20});
        const endpoint to = *local_endpoint(far.fd());
        datagram_socket near = bound();
        // Without checksums there is no segmentation: EIO (udp(7)).
        const int one = 1;
        EXPECT_EQ(::setsockopt(near.fd(), SOL_SOCKET, SO_NO_CHECK, &one, sizeof(one)), 0);
        const endpoint from = *local_endpoint(near.fd());
        udp_port port{std::move(near), from, 0, false, counters};
        const ngtcp2_path path{to_ngtcp2(from), to_ngtcp2(to), &port};
        const std::vector<std::byte> batch(5500, std::byte{5});
        port.send({batch, &path, 1000, 0});
        port.send({batch, &path, 1000, 0});
        std::array<std::byte, 2048> room;
        std::size_t bytes = 0;
        EXPECT_TRUE(test::eventually([&] {  // A busy kernel delivers some moments later.
            while (const auto got = far.receive_now(room)) {
                bytes += got->bytes;
            }
            return bytes >= 11'000;
        }));
        EXPECT_EQ(bytes, 11'000U);
        EXPECT_FALSE(port.can_segment());
        EXPECT_EQ(counters.gso_fallbacks.get(), 1U);
        EXPECT_EQ(counters.datagrams_sent.get(), 12U);
        co_return;
    };
    test::run_on_shard(run());
}

TEST(quic_port, hears_that_nobody_listens) {
    const auto run = []() -> body {
        endpoint_counters counters;
        endpoint nobody;
        {
            datagram_socket gone = bound();
            nobody = *local_endpoint(gone.fd());
        }
        datagram_socket near = bound();
        EXPECT_TRUE(near.connect(nobody).has_value());
        const endpoint from = *local_endpoint(near.fd());
        udp_port port{std::move(near), from, 0, true, counters};
        const ngtcp2_path path{to_ngtcp2(from), to_ngtcp2(nobody), &port};
        const std::array<std::byte, 10> bytes{};
        EXPECT_TRUE(co_await test::comes_true([&] {
            port.send({bytes, &path, bytes.size(), 0});
            return port.take_refusal();
        }));
        port.note_drops(5);
        port.note_drops(7);
        EXPECT_EQ(counters.kernel_drops.get(), 7U);
    };
    test::run_on_shard(run());
}

}  // namespace
}  // namespace ringway::quic::detail
