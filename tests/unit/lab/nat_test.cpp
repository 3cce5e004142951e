#include "lab/nat.hpp"

#include <set>

#include <gtest/gtest.h>

#include "lab/network.hpp"
#include "support/made_packet.hpp"

namespace ringway::lab {
namespace {

using std::chrono::milliseconds;
using test::made_packet;

packet_facts facts_of(const packet& bytes) { return *read_packet(bytes); }

ip_address source_of(const packet& bytes) {
    return address_of(bytes, facts_of(bytes), packet_end::source);
}

// What the server answers to a packet: ports and addresses change places.
packet answer_to(const packet& asked) {
    const auto facts = facts_of(asked);
    auto answer = made_packet({.v6 = facts.v6, .protocol = facts.protocol, .payload_bytes = 50});
    const auto own = facts_of(answer);
    write_address(answer, own, packet_end::source,
                  address_of(asked, facts, packet_end::destination));
    write_address(answer, own, packet_end::destination, source_of(asked));
    write_port(answer, own, packet_end::source, facts.destination_port);
    write_port(answer, own, packet_end::destination, facts.source_port);
    return answer;
}

TEST(nat, changes_nothing_unless_asked) {
    nat none{{}};
    auto bytes = made_packet({});
    none.up(milliseconds{5000}, bytes);
    EXPECT_EQ(bytes, made_packet({}));
    EXPECT_TRUE(none.down(bytes));
    EXPECT_EQ(none.counters().rebindings, 0U);
}

TEST(nat, a_port_a_second) {
    for (const bool v6 : {false, true}) {
        nat one{{.port_every = milliseconds{1000}}};
        std::set<std::uint16_t> ports;
        for (int ms = 0; ms < 10'000; ms += 100) {
            auto bytes = made_packet({.v6 = v6});
            one.up(milliseconds{ms}, bytes);
            ASSERT_TRUE(checksums_are_right(bytes));
            ports.insert(facts_of(bytes).source_port);
            auto answer = answer_to(bytes);
            ASSERT_TRUE(one.down(answer));
            EXPECT_EQ(facts_of(answer).destination_port, 40000);
            EXPECT_TRUE(checksums_are_right(answer));
            EXPECT_EQ(source_of(bytes), source_of(made_packet({.v6 = v6})));
        }
        EXPECT_EQ(ports.size(), 10U);
        EXPECT_TRUE(ports.contains(40000));  // What the client chose, for the first second.
        EXPECT_EQ(one.counters().rebindings, 9U);
        EXPECT_EQ(one.counters().rewritten_up, 90U);
        EXPECT_EQ(one.counters().rewritten_down, 90U);
    }
}

TEST(nat, what_is_forgotten_does_not_arrive) {
    for (const bool forgets : {true, false}) {
        nat one{{.port_every = milliseconds{1000}, .forgets = forgets}};
        auto first = made_packet({});
        one.up(milliseconds{0}, first);
        auto second = made_packet({});
        one.up(milliseconds{1000}, second);
        auto to_old = answer_to(first);
        EXPECT_EQ(one.down(to_old), !forgets);
        auto to_new = answer_to(second);
        EXPECT_TRUE(one.down(to_new));
        EXPECT_EQ(one.counters().dropped_stale, forgets ? 1U : 0U);
    }
}

TEST(nat, a_new_binding_begins_with_a_packet_of_the_client) {
    nat one{{.port_every = milliseconds{1000}}};
    auto bytes = made_packet({});
    one.up(milliseconds{0}, bytes);
    auto answer = answer_to(bytes);
    EXPECT_TRUE(one.down(answer));  // However late: the client was silent.
    EXPECT_EQ(one.counters().rebindings, 0U);
}

TEST(nat, addresses_in_turn) {
    nat one{{.address_every = milliseconds{1000}, .addresses = network::spare_addresses(2)}};
    std::set<ip_address> addresses;
    for (int ms = 0; ms < 5000; ms += 500) {
        auto bytes = made_packet({});
        one.up(milliseconds{ms}, bytes);
        ASSERT_TRUE(checksums_are_right(bytes));
        addresses.insert(source_of(bytes));
        EXPECT_EQ(facts_of(bytes).source_port, 40000);
        auto answer = answer_to(bytes);
        ASSERT_TRUE(one.down(answer));
        EXPECT_EQ(address_of(answer, facts_of(answer), packet_end::destination),
                  source_of(made_packet({})));
    }
    EXPECT_EQ(addresses.size(), 3U);
    EXPECT_EQ(one.counters().rebindings, 4U);
}

TEST(nat, flows_do_not_share_ports) {
    nat one{{.port_every = milliseconds{1}}};
    std::set<std::uint16_t> ports;
    for (std::uint16_t port = 1000; port < 1200; ++port) {
        auto first = made_packet({.source_port = port});
        one.up(milliseconds{0}, first);
        auto second = made_packet({.source_port = port});
        one.up(milliseconds{10}, second);
        ports.insert(facts_of(second).source_port);
        auto answer = answer_to(second);
        ASSERT_TRUE(one.down(answer));
        EXPECT_EQ(facts_of(answer).destination_port, port);
    }
    EXPECT_EQ(ports.size(), 200U);
}

TEST(nat, tcp_only_when_asked) {
    for (const bool tcp : {false, true}) {
        nat one{{.port_every = milliseconds{1000}, .tcp = tcp}};
        for (const int ms : {0, 1500}) {
            auto bytes = made_packet({.protocol = transport_protocol::tcp});
            one.up(milliseconds{ms}, bytes);
            EXPECT_EQ(facts_of(bytes).source_port == 40000, ms == 0 || !tcp);
        }
    }
}

}  // namespace
}  // namespace ringway::lab
