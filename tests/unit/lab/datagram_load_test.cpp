#include "lab/datagram_load.hpp"

#include <algorithm>
#include <deque>
#include <span>
#include <unistd.h>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(datagram_load, arguments_come_back) {
    for (const auto way : {datagram_way::udp, datagram_way::udp_spinning, datagram_way::udp_batches,
                           datagram_way::xdp_waiting, datagram_way::xdp_runtime, datagram_way::xdp,
                           datagram_way::xdp_generic, datagram_way::xdp_reflector}) {
        EXPECT_EQ(find_datagram_way(name_of(way)), way);
        const datagram_options options{.way = way,
                                       .depth = 7,
                                       .seconds = 0.5,
                                       .warm_up = 0.25,
                                       .count_syscalls = true,
                                       .server_core = 3};
        const auto back = read_datagram_options(to_arguments(options));
        ASSERT_TRUE(back);
        EXPECT_EQ(to_arguments(*back), to_arguments(options));
    }
    EXPECT_EQ(find_datagram_way("dpdk"), std::nullopt);
    for (const std::size_t wrong : {0U, 1U, 2U, 3U, 5U}) {
        auto arguments = to_arguments(datagram_options{});
        arguments[wrong] = "x";
        EXPECT_FALSE(read_datagram_options(arguments)) << wrong;
    }
    EXPECT_FALSE(read_datagram_options({}));
    EXPECT_FALSE(read_datagram_options(to_arguments({.depth = datagram_depth_max + 1})));
}

TEST(datagram_load, every_byte_is_looked_at) {
    for (const std::uint32_t number : {0U, 1U, 77U, 0xffff'ffffU}) {
        auto content = datagram_of(number);
        EXPECT_EQ(number_of(content), number);
        EXPECT_EQ(number_of(std::span{content}.first(63)), std::nullopt);
        for (auto& byte : content) {
            byte ^= std::byte{1};
            EXPECT_NE(number_of(content), number);
            byte ^= std::byte{1};
        }
    }
}

// Gives back what it is given, but for every `loses`th.
class mirror : public datagram_client {
public:
    explicit mirror(std::uint32_t loses) : loses_{loses} {}
    void send(std::uint32_t first, unsigned count) override {
        for (std::uint32_t i = first; i < first + count; ++i) {
            if (i % loses_ != loses_ - 1) {
                waiting_.push_back(i);
            }
        }
        most_ = std::max(most_, waiting_.size());
    }
    std::size_t receive(std::span<std::uint32_t> numbers) override {
        if (waiting_.empty()) {
            return 0;
        }
        numbers[0] = waiting_.front();
        waiting_.pop_front();
        return 1;
    }
    [[nodiscard]] std::size_t most() const { return most_; }

private:
    std::uint32_t loses_;
    std::size_t most_ = 0;
    std::deque<std::uint32_t> waiting_;
};

TEST(datagram_load, as_many_are_under_way_as_wanted) {
    mirror all{0xffff'ffff};
    const auto found = ask(all, {.depth = 8, .seconds = 0.01, .warm_up = 0}, ::getpid());
    EXPECT_EQ(all.most(), 8U);
    EXPECT_GT(found.operations, 100U);
    EXPECT_EQ(found.failed, 0U);
    EXPECT_GT(found.get(metric::rate), 0);
    EXPECT_LE(found.get(metric::p50), found.get(metric::p99));
}

TEST(datagram_load, what_is_lost_is_counted) {
    mirror some{10};
    const auto found = ask(some, {.depth = 1, .seconds = 0.01, .warm_up = 0}, ::getpid());
    EXPECT_GT(found.failed, 0U);
    EXPECT_NEAR(static_cast<double>(found.operations) / static_cast<double>(found.failed), 9, 1);
}

}  // namespace
}  // namespace ringway::lab
