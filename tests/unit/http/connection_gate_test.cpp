#include <ringway/http/connection_gate.hpp>

#include <gtest/gtest.h>
#include <utility>

namespace ringway::http {
namespace {

using verdict = connection_gate::verdict;

TEST(connection_gate, admits_up_to_the_total_and_again_after_one_left) {
    connection_gate gate{{.total_max = 2, .per_address_max = 0}};

    EXPECT_EQ(gate.enter("a"), verdict::admitted);
    EXPECT_EQ(gate.enter("b"), verdict::admitted);
    EXPECT_EQ(gate.enter("c"), verdict::limit_total);
    EXPECT_EQ(gate.open(), 2U);

    gate.leave("a");
    EXPECT_EQ(gate.enter("c"), verdict::admitted);
}

TEST(connection_gate, counts_each_address_for_itself) {
    connection_gate gate{{.total_max = 0, .per_address_max = 1}};

    EXPECT_EQ(gate.enter("192.0.2.1"), verdict::admitted);
    EXPECT_EQ(gate.enter("192.0.2.1"), verdict::limit_address);
    EXPECT_EQ(gate.enter("192.0.2.2"), verdict::admitted);
    EXPECT_EQ(gate.open(), 2U);

    gate.leave("192.0.2.1");
    EXPECT_EQ(gate.enter("192.0.2.1"), verdict::admitted);
}

TEST(connection_gate, peers_without_an_address_have_no_limit_of_their_own) {
    connection_gate gate{{.total_max = 3, .per_address_max = 1}};

    EXPECT_EQ(gate.enter(""), verdict::admitted);
    EXPECT_EQ(gate.enter(""), verdict::admitted);
    gate.leave("");
    EXPECT_EQ(gate.open(), 1U);
}

// Goal: what has not proved its address takes no place, neither in total nor of that address.
TEST(connection_gate, a_pass_counts_from_when_it_enters) {
    connection_gate gate{{.total_max = 2, .per_address_max = 1}};
    {
        gate_pass first{gate, "192.0.2.1"};
        gate_pass second{gate, "192.0.2.1"};
        EXPECT_EQ(gate.open(), 0U);
        EXPECT_EQ(gate.would_admit("192.0.2.1"), verdict::admitted);
        EXPECT_EQ(first.enter(), verdict::admitted);
        EXPECT_EQ(gate.open(), 1U);
        EXPECT_EQ(gate.would_admit("192.0.2.1"), verdict::limit_address);
        EXPECT_EQ(gate.would_admit("192.0.2.2"), verdict::admitted);
        EXPECT_EQ(second.enter(), verdict::limit_address);
        const gate_pass moved{std::move(first)};
        gate_pass third{gate, "192.0.2.2"};
        EXPECT_EQ(third.enter(), verdict::admitted);
        EXPECT_EQ(gate.would_admit("192.0.2.3"), verdict::limit_total);
        EXPECT_EQ(gate.open(), 2U);
    }
    EXPECT_EQ(gate.open(), 0U);
    EXPECT_EQ(gate.would_admit("192.0.2.1"), verdict::admitted);
    EXPECT_EQ(gate_pass{}.enter(), verdict::admitted);
}

TEST(connection_gate, one_ipv6_network_is_one_address) {
    EXPECT_EQ(connection_gate::key_of("2001:db8::1"), connection_gate::key_of("2001:db8::2"));
    EXPECT_NE(connection_gate::key_of("2001:db8::1"), connection_gate::key_of("2001:db8:0:1::1"));
    EXPECT_EQ(connection_gate::key_of("fe80::1%eth0"), connection_gate::key_of("fe80::2"));
    EXPECT_EQ(connection_gate::key_of("::ffff:192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(connection_gate::key_of("192.0.2.7"), "192.0.2.7");
}

}  // namespace
}  // namespace ringway::http
