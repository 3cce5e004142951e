#include "xdp/received_hints.hpp"

#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/bpf/network_interface.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/steering.hpp>
#include <ringway/xdp/umem.hpp>

#include "support/need_bpf.hpp"
#include "support/need_kernel.hpp"
#include "support/patience.hpp"
#include "support/virtual_network.hpp"
#include "support/vlan_tagger.hpp"
#include "support/xdp_site.hpp"

namespace ringway::xdp {
namespace {

using test::net_side;

TEST(received_hints, are_read_bit_by_bit) {
    steer_hints told{.time_ns = 5,
                     .hash = 6,
                     .hash_kind = 7,
                     .vlan_protocol = 0xa888,
                     .vlan_control = 0x2009,
                     .valid = 0,
                     .magic = STEER_HINTS_MAGIC};
    EXPECT_FALSE(to_hints(told).any());
    told.valid = STEER_HINT_TIME;
    EXPECT_EQ(to_hints(told).time, std::chrono::nanoseconds{5});
    EXPECT_FALSE(to_hints(told).hash || to_hints(told).vlan);
    told.valid = STEER_HINT_HASH | STEER_HINT_VLAN;
    EXPECT_EQ(to_hints(told).hash, 6U);
    EXPECT_EQ(to_hints(told).hash_kind, 7U);
    ASSERT_TRUE(to_hints(told).vlan.has_value());
    EXPECT_EQ(to_hints(told).vlan->protocol, 0x88a8);
    EXPECT_EQ(to_hints(told).vlan->number(), 9);
}

TEST(received_hints, count_only_with_their_magic) {
    std::array<std::byte, 64> frame{};
    const steer_hints told{.time_ns = 0,
                           .hash = 6,
                           .hash_kind = 0,
                           .vlan_protocol = 0,
                           .vlan_control = 0,
                           .valid = STEER_HINT_HASH,
                           .magic = STEER_HINTS_MAGIC};
    std::memcpy(frame.data(), &told, sizeof told);
    std::byte* const data = frame.data() + sizeof told;
    EXPECT_EQ(read_hints(data).hash, 6U);
    EXPECT_FALSE(read_hints(data + 1).any());
    clear_hints(data);
    EXPECT_FALSE(read_hints(data).any());
}

TEST(received_hints, say_what_a_hash_is_of) {
    EXPECT_EQ(to_text_of_hash_kind(0), "");
    EXPECT_EQ(to_text_of_hash_kind(8), "l4");
    EXPECT_EQ(to_text_of_hash_kind(1 | 8 | 16), "ipv4 tcp");
}

// "near" asked for hints, with a socket on each queue for UDP to port 7000, tags or none.
struct hinted_site {
    std::unique_ptr<umem> memory;
    std::unique_ptr<steering> program;
    std::vector<std::unique_ptr<xdp_socket>> sockets;

    hinted_site(const test::virtual_network& network, bool hints, std::uint32_t metadata_bytes) {
        network.in(net_side::near, [&] { make(hints, metadata_bytes); });
    }
    ~hinted_site() { program->detach(); }
    hinted_site(const hinted_site&) = delete;
    hinted_site& operator=(const hinted_site&) = delete;

    void make(bool hints, std::uint32_t metadata_bytes) {
        const auto near = bpf::find_interface("near");
        auto how = test::steer_udp_7000();
        how.hints_from = hints ? near->index : 0;
        auto loaded = steering::load(how);
        ASSERT_TRUE(loaded.has_value()) << loaded.error().text;
        program = *std::move(loaded);
        memory = *umem::make({.frames = 256, .metadata_bytes = metadata_bytes});
        for (unsigned queue = 0; queue < near->receive_queues; ++queue) {
            auto made = xdp_socket::open(*memory, *near,
                                         {.queue = queue, .receive_frames = 64, .hints = true});
            ASSERT_TRUE(made.has_value()) << made.error().text;
            ASSERT_TRUE(program->add(**made).has_value());
            sockets.push_back(*std::move(made));
        }
        const auto attached = program->attach(*near);
        ASSERT_TRUE(attached.has_value()) << attached.error().text;
    }

    // Waits for packets on any queue.
    xdp_socket* receive(packet_batch& into) {
        xdp_socket* found = nullptr;
        EXPECT_TRUE(test::eventually([&] {
            for (const auto& each : sockets) {
                if (found == nullptr && each->receive_now(into) > 0) {
                    found = each.get();
                }
            }
            return found != nullptr;
        }));
        return found;
    }
};

class hinted_queues : public ::testing::TestWithParam<unsigned> {};

// Goal: tag and hash arrive beside the packet, of each packet its own; veth gives no times.
TEST_P(hinted_queues, reach_the_socket) {
    RW_NEED_KERNEL(6, 8, "tags as hints");
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network, .queues = GetParam());
    constexpr std::string_view with_tag = "tagged";
    const test::vlan_tagger tagger{*network, 42 + static_cast<std::int32_t>(with_tag.size())};
    ASSERT_TRUE(tagger.is_there());
    hinted_site site{*network, true, 0};
    ASSERT_FALSE(HasFatalFailure());
    packet_batch batch{*site.memory};
    const test::udp_end far{*network};
    for (int i = 0; i < 200; ++i) {  // Frames come back, with what stood in them.
        const bool tagged = i % 3 == 0;
        far.send(tagged ? with_tag : "plain");
        const xdp_socket* const from = site.receive(batch);
        ASSERT_NE(from, nullptr);
        ASSERT_EQ(batch.size(), 1U);
        const received_hints hints = from->hints_of(batch.packets().front());
        EXPECT_TRUE(hints.hash.has_value());
        EXPECT_FALSE(hints.time.has_value());
        ASSERT_EQ(hints.vlan.has_value(), tagged) << i;
        if (tagged) {
            EXPECT_EQ(hints.vlan->protocol, 0x8100);
            EXPECT_EQ(hints.vlan->number(), 9);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(, hinted_queues, ::testing::Values(1U, 2U),
                         [](const auto& info) { return "of_" + std::to_string(info.param); });

// Goal: frames in which hints stood have none when the program writes none; a datagram that
// carries what looks like hints does not pass for them in the packet behind it.
TEST(received_hints, are_never_those_of_another_packet) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    hinted_site site{*network, false, 0};
    ASSERT_FALSE(HasFatalFailure());
    const steer_hints forged{.time_ns = 1,
                             .hash = 1,
                             .hash_kind = 1,
                             .vlan_protocol = 1,
                             .vlan_control = 1,
                             .valid = 7,
                             .magic = STEER_HINTS_MAGIC};
    const std::string one(reinterpret_cast<const char*>(&forged), sizeof forged);
    std::string payload;
    for (int i = 0; i < 40; ++i) {
        payload += one;
    }
    const test::udp_end far{*network};
    packet_batch batch{*site.memory};
    packet_batch echoed{*site.memory};
    for (int i = 0; i < 300; ++i) {
        far.send(payload);
        const xdp_socket* const from = site.receive(batch);
        ASSERT_NE(from, nullptr);
        const packet& got = batch.packets().front();
        EXPECT_FALSE(from->hints_of(got).any()) << i;
        packet* const copy = echoed.add();  // From the beginning of a frame: over its headroom.
        ASSERT_NE(copy, nullptr);
        EXPECT_FALSE(from->hints_of(*copy).any());
        std::memcpy(copy->data, got.data, got.length);
        echoed.release();
    }
}

// Goal: hints and what is asked of the driver when sending share a place, and nobody takes the one
// for the other.
TEST(received_hints, give_way_to_what_is_asked_when_sending) {
    RW_NEED_KERNEL(6, 8, "metadata of what is sent");
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    hinted_site site{*network, true, 24};
    ASSERT_FALSE(HasFatalFailure());
    const test::udp_end far{*network};
    packet_batch batch{*site.memory};
    for (int i = 0; i < 150; ++i) {
        far.send("there and back");
        xdp_socket* const from = site.receive(batch);
        ASSERT_NE(from, nullptr);
        packet& one = batch.packets().front();
        EXPECT_TRUE(from->hints_of(one).hash.has_value());
        test::turn_around(one);
        if (i % 2 == 0) {
            from->request_timestamp(one, 42);
            EXPECT_FALSE(from->hints_of(one).any());
        }
        from->transmit_now(batch);
        EXPECT_EQ(far.receive(), "there and back") << i;
        std::array<sent_time, 4> times{};
        std::size_t count = 0;
        EXPECT_TRUE(test::eventually([&] {
            from->kick();
            count += from->take_sent_times(times);
            return count > 0 || i % 2 != 0;
        }));
        if (i % 2 == 0) {
            EXPECT_EQ(times.front().label, 42U);
        }
    }
}

TEST(received_hints, are_refused_where_there_are_none) {
    RW_NEED_KERNEL(6, 3, "programs that are bound to a device");
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [&] {
        auto how = test::steer_udp_7000();
        how.hints_from = bpf::find_interface("lo")->index;
        const auto without = steering::load(how);
        ASSERT_FALSE(without.has_value());
        EXPECT_EQ(without.error().why.code, errc::unsupported);
        EXPECT_NE(without.error().text.find("driver"), std::string::npos) << without.error().text;
        const auto near = *bpf::find_interface("near");
        how.hints_from = near.index;
        auto loaded = steering::load(how);
        ASSERT_TRUE(loaded.has_value()) << loaded.error().text;
        const auto generic = (*loaded)->attach(near, {.mode = bpf::xdp_mode::generic});
        ASSERT_FALSE(generic.has_value());
        EXPECT_NE(generic.error().text.find("generic mode"), std::string::npos);
        const auto elsewhere = (*loaded)->attach(*bpf::find_interface("lo"));
        ASSERT_FALSE(elsewhere.has_value());
        EXPECT_EQ(elsewhere.error().why.code, errc::invalid_argument);
        EXPECT_TRUE((*loaded)->attach(near).has_value());
    });
}

TEST(received_hints, are_offered_by_veth) {
    RW_NEED_KERNEL(6, 8, "drivers that say which hints they have");
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [&] {
        const auto offered = bpf::find_offered_hints(bpf::find_interface("near")->index);
        EXPECT_EQ(to_text(offered), "time,hash,vlan");
        EXPECT_FALSE(bpf::find_offered_hints(bpf::find_interface("lo")->index).any());
    });
}

}  // namespace
}  // namespace ringway::xdp
