#include <ringway/xdp/socket.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/coro/scope.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/need_bpf.hpp"
#include "support/need_kernel.hpp"
#include "support/run_on_shard.hpp"
#include "support/xdp_site.hpp"

namespace ringway::xdp {
namespace {

using namespace std::chrono_literals;
using test::net_side;

// Sends what comes back to where it came from, until `count` packets have.
task<void> echo(xdp_socket& socket, std::uint32_t count) {
    packet_batch batch{socket.memory()};
    while (count > 0) {
        const auto got = co_await socket.rx_batch(batch);
        RW_CO_ASSERT(got.has_value());
        bool begins = true;
        for (packet& each : batch.packets()) {
            if (begins) {
                test::turn_around(each);
            }
            begins = (each.flags & packet::flag_continues) == 0;
            count -= begins ? 1 : 0;
        }
        const auto sent = co_await socket.tx_batch(batch);
        RW_CO_ASSERT(sent.has_value());
        EXPECT_EQ(*sent, *got);
    }
    co_await socket.close();
}

struct way {
    const char* name;
    test::xdp_site_options site;
};

class xdp_socket_ways : public ::testing::TestWithParam<way> {};

TEST_P(xdp_socket_ways, echoes_what_is_steered_to_it) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    const std::size_t frames = GetParam().site.memory.frames;
    test::xdp_site site{*network, GetParam().site};
    ASSERT_TRUE(site.is_ready());
    const test::udp_end far{*network};
    far.send("sent before anybody waits");
    test::run_on_shard([](test::xdp_site& here, const test::udp_end& there) -> task<void> {
        scope work;
        work.spawn(echo(here.socket(), 3));
        co_await sleep_for(5ms);  // So that the first wait has to wait.
        there.send("second");
        there.send(std::string(1400, 'x'));
        co_await work.join();
    }(site, far));
    EXPECT_EQ(far.receive(), "sent before anybody waits");
    EXPECT_EQ(far.receive(), "second");
    EXPECT_EQ(far.receive(), std::string(1400, 'x'));
    const socket_statistics counted = site.socket().statistics();
    EXPECT_EQ(counted.received, 3U);
    EXPECT_EQ(counted.transmitted, 3U);
    EXPECT_EQ(counted.completed, 3U);
    EXPECT_EQ(counted.receive_dropped, 0U);
    EXPECT_EQ(site.socket().copying(), copy_mode::copy);
    EXPECT_EQ(site.memory().free_frames() + GetParam().site.socket.receive_frames, frames);
}

INSTANTIATE_TEST_SUITE_P(
    , xdp_socket_ways,
    ::testing::Values(way{"driver", {.mode = bpf::xdp_mode::driver}},
                      way{"generic", {.mode = bpf::xdp_mode::generic}},
                      way{"without_need_wakeup", {.socket = {.need_wakeup = false}}},
                      way{"forced_copy", {.socket = {.copying = copy_mode::copy}}},
                      way{"busy_poll", {.socket = {.busy_poll_us = 20}}},
                      way{"small_frames", {.memory = {.frames = 8192, .frame_bytes = 2048}}},
                      way{"unaligned_frames",
                          {.memory = {.frames = 4096, .frame_bytes = 2304, .unaligned = true}}}),
    [](const auto& info) { return info.param.name; });

TEST(xdp_socket, receives_and_sends_packets_of_several_frames) {
    RW_NEED_KERNEL(6, 6, "a packet in several frames");
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network, .mtu = 9000);
    test::xdp_site site{*network, {.socket = {.multi_buffer = true}}};
    ASSERT_TRUE(site.is_ready());
    const test::udp_end far{*network};
    const std::string large = std::string(4000, 'a') + std::string(4000, 'b') + "end";
    far.send(large);
    test::run_on_shard(echo(site.socket(), 1));
    EXPECT_EQ(far.receive(), large);
    EXPECT_EQ(site.socket().statistics().received, 3U) << "frames";
}

TEST(xdp_socket, shares_memory_between_queues) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network, .queues = 2);
    test::xdp_site site{*network, {}};
    ASSERT_TRUE(site.is_ready());
    ASSERT_EQ(site.queues(), 2U);
    constexpr int flows = 64;
    for (int i = 0; i < flows; ++i) {
        test::udp_end{*network}.send("flow");
    }
    packet_batch batch{site.memory()};
    std::uint32_t by_queue[2] = {0, 0};
    for (std::size_t queue = 0; queue < 2; ++queue) {
        while (const std::uint32_t got = site.socket(queue).receive_now(batch)) {
            by_queue[queue] += got;
        }
    }
    EXPECT_GT(by_queue[0], 0U);
    EXPECT_GT(by_queue[1], 0U);
    EXPECT_EQ(by_queue[0] + by_queue[1], static_cast<unsigned>(flows));
}

TEST(xdp_socket, gets_checksums_from_the_kernel) {
    RW_NEED_KERNEL(6, 8, "metadata of what is sent");
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    test::xdp_site site{*network, {.memory = {.metadata_bytes = 24}}};
    ASSERT_TRUE(site.is_ready());
    const test::udp_end far{*network};
    far.send("checked");
    packet_batch batch{site.memory()};
    ASSERT_EQ(site.socket().receive_now(batch), 1U);
    packet& one = batch.packets().front();
    test::turn_around(one);
    // The pseudo-header's sum: addresses, protocol, length. Any other would be refused by UDP.
    std::uint32_t sum = 17 + 8 + 7;
    for (std::size_t at = 26; at < 34; at += 2) {
        sum += static_cast<std::uint32_t>(one.data[at]) << 8U |
               static_cast<std::uint32_t>(one.data[at + 1]);
    }
    sum = (sum & 0xffffU) + (sum >> 16U);
    one.data[40] = static_cast<std::byte>(sum >> 8U);
    one.data[41] = static_cast<std::byte>(sum & 0xffU);
    site.socket().request_checksum(one, 34, 6);
    EXPECT_EQ(site.socket().transmit_now(batch), 1U);
    EXPECT_EQ(far.receive(), "checked");
    EXPECT_EQ(site.socket().statistics().invalid_transmit, 0U);
}

TEST(xdp_socket, tells_when_packets_were_sent) {
    RW_NEED_KERNEL(6, 8, "metadata of what is sent");
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    test::xdp_site site{*network, {.memory = {.metadata_bytes = 24}}};
    ASSERT_TRUE(site.is_ready());
    const test::udp_end far{*network};
    packet_batch batch{site.memory()};
    std::vector<std::uint64_t> labels;
    std::chrono::nanoseconds before{};
    for (const std::uint64_t label : {7U, 0U, 9U}) {  // 0: does not ask.
        far.send("stamped");
        ASSERT_EQ(site.socket().receive_now(batch), 1U);
        packet& one = batch.packets().front();
        test::turn_around(one);
        if (label != 0) {
            site.socket().request_timestamp(one, label);
        }
        ASSERT_EQ(site.socket().transmit_now(batch), 1U);
        EXPECT_EQ(far.receive(), "stamped");
        std::array<sent_time, 4> times{};
        const std::size_t count = site.socket().take_sent_times(times);
        for (std::size_t i = 0; i < count; ++i) {
            labels.push_back(times[i].label);
            EXPECT_GT(times[i].time, before);
            before = times[i].time;
        }
    }
    EXPECT_EQ(labels, (std::vector<std::uint64_t>{7, 9}));
    EXPECT_EQ(site.socket().statistics().invalid_transmit, 0U);
}

TEST(xdp_socket, says_that_there_is_no_zero_copy) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto memory = *umem::make();
        const auto near = *bpf::find_interface("near");
        const auto made = xdp_socket::open(*memory, near, {.copying = copy_mode::zero_copy});
        ASSERT_FALSE(made.has_value());
        EXPECT_EQ(made.error().why.code, errc::unsupported);
        EXPECT_NE(made.error().text.find("near (veth) has no zero-copy"), std::string::npos)
            << made.error().text;
        EXPECT_EQ(memory->free_frames(), 4096U) << "frames lost";
    });
}

TEST(xdp_socket, names_the_kernel_that_has_what_this_one_lacks) {
    if (test::kernel_is_at_least(6, 8)) {
        GTEST_SKIP() << "this kernel has all of it";
    }
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto near = *bpf::find_interface("near");
        const auto open = [&near](const umem_options& memory, const socket_options& how) {
            const auto made = umem::make(memory);
            EXPECT_TRUE(made.has_value());
            const auto opened = xdp_socket::open(**made, near, how);
            return opened ? "" : opened.error().text;
        };
        EXPECT_NE(open({.metadata_bytes = 24}, {}).find("need Linux 6.8"), std::string::npos);
        if (!test::kernel_is_at_least(6, 6)) {
            EXPECT_NE(open({}, {.multi_buffer = true}).find("need Linux 6.6"), std::string::npos);
        }
        EXPECT_EQ(open({}, {}), "");
    });
}

TEST(xdp_socket, refuses_a_queue_that_is_not_there) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto memory = *umem::make();
        const auto made = xdp_socket::open(*memory, *bpf::find_interface("near"), {.queue = 1});
        ASSERT_FALSE(made.has_value());
        EXPECT_NE(made.error().text.find("near has no queue 1"), std::string::npos);
    });
}

TEST(xdp_socket, says_whose_queue_it_is_not) {
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto first_memory = *umem::make();
        const auto second_memory = *umem::make();
        const auto near = *bpf::find_interface("near");
        const auto first = xdp_socket::open(*first_memory, near);
        ASSERT_TRUE(first.has_value()) << first.error().text;
        const auto second = xdp_socket::open(*second_memory, near, {.patience = 10ms});
        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().why.sys, EBUSY);
    });
}

// Goal: the kernel frees a queue late; nobody should have to know.
TEST(xdp_socket, binds_again_at_once) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    for (int i = 0; i < 5; ++i) {
        test::xdp_site site{*network, {}};
        ASSERT_TRUE(site.is_ready());
        const test::udp_end far{*network};
        far.send("again");
        test::run_on_shard(echo(site.socket(), 1));
        EXPECT_EQ(far.receive(), "again");
    }
}

TEST(xdp_socket, stops_waiting_when_asked) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    for (const std::uint32_t busy_poll : {0U, 20U}) {
        test::xdp_site site{*network, {.socket = {.busy_poll_us = busy_poll}}};
        ASSERT_TRUE(site.is_ready());
        test::run_on_shard([](xdp_socket& socket) -> task<void> {
            packet_batch batch{socket.memory()};
            const auto got = co_await with_timeout(10ms, socket.rx_batch(batch));
            EXPECT_FALSE(got.has_value());
            EXPECT_EQ(got.error().code, errc::timed_out);
            co_await socket.close();
        }(site.socket()));
    }
}

task<void> take(xdp_socket& socket, std::uint32_t count) {
    packet_batch batch{socket.memory()};
    while (count > 0) {
        const auto got = co_await socket.rx_batch(batch);
        RW_CO_ASSERT(got.has_value());
        RW_CO_ASSERT(*got <= count);
        count -= *got;
    }
}

// Goal: whether packets come in floods or one by one, none stays behind between the two ways to
// wait.
TEST(xdp_socket, waits_for_few_packets_after_a_flood_and_for_a_flood_after_few) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    for (const auto moderation : {0us, 50us, 3000us}) {
        test::xdp_site site{*network, {.socket = {.moderation = moderation}}};
        ASSERT_TRUE(site.is_ready());
        const test::udp_end far{*network};
        test::run_on_shard([](xdp_socket& socket, const test::udp_end& from) -> task<void> {
            for (int round = 0; round < 20; ++round) {
                for (int i = 0; i < 150; ++i) {
                    from.send("flood");
                }
                co_await take(socket, 150);
                scope waiting;
                waiting.spawn(take(socket, 1));
                co_await sleep_for(round % 4 * 1ms);
                from.send("few");
                co_await waiting.join();
            }
            co_await socket.close();
        }(site.socket(), far));
        const socket_statistics counted = site.socket().statistics();
        EXPECT_EQ(counted.received, 20U * 151U);
        if (moderation == 0us || test::runs_on_epoll()) {
            EXPECT_EQ(counted.pauses, 0U);
        } else {
            EXPECT_GE(counted.pauses, 20U);
            EXPECT_LE(counted.pauses, counted.waits);
        }
    }
}

TEST(xdp_socket, notices_that_the_interface_is_gone) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    for (const std::uint32_t busy_poll : {0U}) {
        test::xdp_site site{*network, {.socket = {.busy_poll_us = busy_poll}}};
        ASSERT_TRUE(site.is_ready());
        ASSERT_EQ(network->run(net_side::near, "ip link del near"), 0);
        test::run_on_shard([](xdp_socket& socket) -> task<void> {
            packet_batch batch{socket.memory()};
            const auto got = co_await socket.rx_batch(batch);
            EXPECT_FALSE(got.has_value());
            co_await socket.close();
        }(site.socket()));
    }
}

}  // namespace
}  // namespace ringway::xdp
