#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <vector>

#include "quic/addresses.hpp"
#include "quic/burst.hpp"
#include "quic/udp_port.hpp"
#include "support/run_on_shard.hpp"

namespace ringway::quic::detail {
namespace {

using body = task<void>;

// A port, and a socket that takes datagrams one by one.
struct both_ends {
    both_ends()
        : far{datagram_socket::adopt(*datagram_socket::bind(
              endpoint::loopback(0), {.with_facts = true, .receive_bytes = 4 << 20}))},
          port{datagram_socket::adopt(
                   *datagram_socket::bind(endpoint::loopback(0), quic_socket_options(false))),
               endpoint::loopback(0), 0, false, counters} {
        to = *local_endpoint(far.fd());
        from = *local_endpoint(port.socket().fd());
    }
    [[nodiscard]] ngtcp2_path path() { return {to_ngtcp2(from), to_ngtcp2(to), &port}; }
    std::vector<std::size_t> received() {
        std::vector<std::size_t> sizes;
        std::array<std::byte, 65536> room;
        while (const auto got = far.receive_now(room)) {
            sizes.push_back(got->bytes);
            ecn.push_back(got->ecn);
        }
        return sizes;
    }

    endpoint_counters counters;
    datagram_socket far;
    udp_port port;
    endpoint from;
    endpoint to;
    std::vector<unsigned> ecn;
};

void add(burst& out, both_ends& ends, std::size_t size, unsigned ecn = 0, bool alone = false) {
    const byte_span room = out.room(2000);
    std::memset(room.data(), 'x', size);
    out.add(size, ends.path(), static_cast<std::uint8_t>(ecn), alone);
}

using sizes = std::vector<std::size_t>;

TEST(quic_burst, equal_packets_leave_together) {
    const auto run = []() -> body {
        both_ends ends;
        burst out;
        for (int i = 0; i < 20; ++i) {
            add(out, ends, 1200);
        }
        add(out, ends, 300);  // The last may be shorter,
        add(out, ends, 300);  // and nothing follows it.
        out.flush();
        sizes expected(20, 1200);
        expected.insert(expected.end(), {300, 300});
        EXPECT_EQ(ends.received(), expected);
        EXPECT_EQ(ends.counters.sends.get(), 2U);
        EXPECT_EQ(ends.counters.datagrams_sent.get(), 22U);
        EXPECT_TRUE(out.empty());
        co_return;
    };
    test::run_on_shard(run());
}

TEST(quic_burst, what_differs_leaves_alone) {
    const auto run = []() -> body {
        both_ends ends;
        burst out;
        add(out, ends, 1200);
        add(out, ends, 1200, 2);        // Other ECN bits.
        add(out, ends, 1400, 2);        // Longer.
        add(out, ends, 1400, 2, true);  // A probe.
        add(out, ends, 1400, 2);
        out.flush();
        EXPECT_EQ(ends.received(), (sizes{1200, 1200, 1400, 1400, 1400}));
        EXPECT_EQ(ends.ecn, (std::vector<unsigned>{0, 2, 2, 2, 2}));
        EXPECT_EQ(ends.counters.sends.get(), 5U);
        co_return;
    };
    test::run_on_shard(run());
}

TEST(quic_burst, a_full_buffer_leaves_at_once) {
    const auto run = []() -> body {
        both_ends ends;
        burst out;
        std::size_t total = 0;
        for (int i = 0; i < 100; ++i) {
            add(out, ends, 1452);
        }
        EXPECT_GT(ends.counters.datagrams_sent.get(), 0U);
        out.flush();
        for (const std::size_t each : ends.received()) {
            EXPECT_EQ(each, 1452U);
            total += each;
        }
        EXPECT_EQ(total, 145'200U);
        co_return;
    };
    test::run_on_shard(run());
}

TEST(quic_burst, many_small_ones_that_differ) {
    const auto run = []() -> body {
        both_ends ends;
        burst out;
        sizes expected;
        for (std::size_t i = 0; i < 600; ++i) {
            expected.push_back(10 + i % 2);
            add(out, ends, expected.back(), 0, true);
        }
        out.flush();
        EXPECT_EQ(ends.received(), expected);
        co_return;
    };
    test::run_on_shard(run());
}

}  // namespace
}  // namespace ringway::quic::detail
