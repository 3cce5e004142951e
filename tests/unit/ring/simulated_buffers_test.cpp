#include "ring/simulated_buffers.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/ring/operation.hpp>

namespace ringway::detail {
namespace {

TEST(simulated_buffers, gives_out_each_buffer_once) {
    simulated_random random{1};
    simulated_buffers pool{8, 16, random};
    std::set<std::uint16_t> taken;
    for (int i = 0; i < 8; ++i) {
        taken.insert(pool.take());
    }
    EXPECT_EQ(taken.size(), 8U);
    EXPECT_EQ(pool.take(), completion::no_buffer);
    pool.put_back(3);
    EXPECT_EQ(pool.take(), 3);
}

TEST(simulated_buffers, a_returned_lease_is_free_again) {
    simulated_random random{1};
    simulated_buffers pool{2, 16, random};
    const std::uint16_t one = pool.take();
    const std::uint16_t other = pool.take();
    EXPECT_NE(one, other);
    {
        const buffer_lease lease = pool.lease(one, 4);
        EXPECT_EQ(lease.bytes().size(), 4U);
        EXPECT_EQ(pool.leased(), 1U);
    }
    EXPECT_EQ(pool.leased(), 0U);
    EXPECT_EQ(pool.take(), one);
}

TEST(simulated_buffers, order_depends_on_the_seed) {
    std::set<std::vector<std::uint16_t>> orders;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        simulated_random random{seed};
        simulated_buffers pool{8, 16, random};
        std::vector<std::uint16_t> order;
        for (int i = 0; i < 8; ++i) {
            order.push_back(pool.take());
        }
        orders.insert(order);
    }
    EXPECT_GT(orders.size(), 15U);
}

TEST(simulated_buffers, what_was_in_a_returned_buffer_is_gone) {
    simulated_random random{1};
    simulated_buffers pool{1, 4, random};
    const std::uint16_t id = pool.take();
    pool.data(id)[0] = std::byte{'x'};
    pool.put_back(id);
    ASSERT_EQ(pool.take(), id);
    EXPECT_NE(pool.data(id)[0], std::byte{'x'});
}

using simulated_buffers_death_test = ::testing::Test;

TEST(simulated_buffers_death_test, a_buffer_comes_back_once) {
    simulated_random random{1};
    simulated_buffers pool{2, 16, random};
    const std::uint16_t id = pool.take();
    pool.put_back(id);
    EXPECT_DEATH(pool.put_back(id), "assertion failed");
}

}  // namespace
}  // namespace ringway::detail
