#include <ringway/bpf/xdp_link.hpp>

#include <array>
#include <bpf/bpf.h>
#include <cerrno>
#include <chrono>
#include <linux/bpf.h>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "support/need_bpf.hpp"
#include "support/virtual_network.hpp"

namespace ringway::bpf {
namespace {

using test::net_side;

unique_fd load_pass(const char* name) {
    constexpr std::array<bpf_insn, 2> pass{{
        {.code = BPF_ALU64 | BPF_MOV | BPF_K,
         .dst_reg = 0,
         .src_reg = 0,
         .off = 0,
         .imm = XDP_PASS},
        {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
    }};
    const unique_fd made{
        ::bpf_prog_load(BPF_PROG_TYPE_XDP, name, "GPL", pass.data(), pass.size(), nullptr)};
    EXPECT_TRUE(made);
    return unique_fd{::dup(made.get())};
}

TEST(xdp_link, attaches_in_the_driver_and_goes_away_with_the_object) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto near = find_interface("near");
        ASSERT_TRUE(near.has_value());
        {
            const auto link = xdp_link::attach(load_pass("rw_first").get(), *near);
            ASSERT_TRUE(link.has_value()) << link.error().text;
            EXPECT_EQ(link->mode(), xdp_mode::driver);
            const auto hook = query_xdp(near->index);
            ASSERT_TRUE(hook.has_value());
            EXPECT_EQ(hook->program_name, "rw_first");
            EXPECT_EQ(hook->mode, xdp_mode::driver);
            EXPECT_FALSE(hook->is_dispatcher);
        }
        EXPECT_EQ(query_xdp(near->index)->program, 0U);
    });
}

TEST(xdp_link, names_the_program_that_is_there_and_leaves_it) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto near = find_interface("near");
        const auto first =
            xdp_link::attach(load_pass("rw_first").get(), *near, {.mode = xdp_mode::generic});
        ASSERT_TRUE(first.has_value()) << first.error().text;
        EXPECT_EQ(first->mode(), xdp_mode::generic);

        for (const xdp_mode wanted : {xdp_mode::automatic, xdp_mode::generic, xdp_mode::driver}) {
            const auto second = xdp_link::attach(load_pass("rw_second").get(), *near,
                                                 {.mode = wanted, .patience = {}});
            ASSERT_FALSE(second.has_value());
            EXPECT_EQ(second.error().why.sys, EBUSY);
            EXPECT_NE(second.error().text.find("\"rw_first\""), std::string::npos)
                << second.error().text;
            EXPECT_NE(second.error().text.find("ip link set dev near xdpgeneric off"),
                      std::string::npos)
                << second.error().text;
        }
        EXPECT_EQ(query_xdp(near->index)->program_name, "rw_first");
    });
}

TEST(xdp_link, waits_for_a_program_that_is_about_to_leave) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto near = find_interface("near");
        auto first = xdp_link::attach(load_pass("rw_first").get(), *near);
        ASSERT_TRUE(first.has_value()) << first.error().text;
        std::thread leaving{[&first] {
            std::this_thread::yield();
            first->detach();
        }};
        const auto second = xdp_link::attach(load_pass("rw_second").get(), *near,
                                             {.patience = std::chrono::seconds{5}});
        leaving.join();
        ASSERT_TRUE(second.has_value()) << second.error().text;
        EXPECT_EQ(query_xdp(near->index)->program_name, "rw_second");
    });
}

TEST(xdp_link, falls_back_where_the_driver_can_not_and_says_why) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto lo = find_interface("lo");
        ASSERT_TRUE(lo.has_value());
        const auto native =
            xdp_link::attach(load_pass("rw_first").get(), *lo, {.mode = xdp_mode::driver});
        ASSERT_FALSE(native.has_value());
        EXPECT_EQ(native.error().why.code, errc::unsupported);
        const auto any = xdp_link::attach(load_pass("rw_first").get(), *lo);
        ASSERT_TRUE(any.has_value()) << any.error().text;
        EXPECT_EQ(any->mode(), xdp_mode::generic);
        EXPECT_FALSE(any->driver_refused().empty());
    });
}

TEST(xdp_link, refuses_the_card_that_is_none) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto near = find_interface("near");
        const auto link =
            xdp_link::attach(load_pass("rw_first").get(), *near, {.mode = xdp_mode::hardware});
        ASSERT_FALSE(link.has_value());
        EXPECT_EQ(link.error().why.code, errc::unsupported) << link.error().text;
        EXPECT_EQ(query_xdp(near->index)->program, 0U);
    });
}

TEST(query_xdp, fails_for_an_interface_that_is_not_there) {
    RW_NEED_BPF();
    EXPECT_FALSE(query_xdp(999'999).has_value());
}

}  // namespace
}  // namespace ringway::bpf
