#include <ringway/ring/buffer_pool.hpp>

#include <cstring>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include <ringway/ring/operation.hpp>

namespace ringway {
namespace {

TEST(listed_buffer_pool, gives_each_buffer_once) {
    listed_buffer_pool pool{8, 64};
    EXPECT_EQ(pool.count(), 8U);
    EXPECT_EQ(pool.bytes_each(), 64U);
    std::set<std::byte*> places;
    std::set<std::uint16_t> ids;
    for (int i = 0; i < 8; ++i) {
        const std::uint16_t id = pool.take();
        ids.insert(id);
        places.insert(pool.data(id));
        std::memset(pool.data(id), 'x', 64);
    }
    EXPECT_EQ(ids.size(), 8U);
    EXPECT_EQ(places.size(), 8U);
    EXPECT_EQ(pool.take(), completion::no_buffer);
    pool.put_back(5);
    EXPECT_EQ(pool.take(), 5);
}

TEST(listed_buffer_pool, prefers_the_buffer_that_was_used_last) {
    listed_buffer_pool pool{4, 64};
    const std::uint16_t first = pool.take();
    const std::uint16_t second = pool.take();
    pool.put_back(second);
    pool.put_back(first);
    EXPECT_EQ(pool.take(), first);
}

TEST(buffer_lease, shows_what_was_received_and_gives_it_back) {
    listed_buffer_pool pool{2, 64};
    const std::uint16_t id = pool.take();
    std::memcpy(pool.data(id), "hello", 5);
    {
        const buffer_lease lease = pool.lease(id, 5);
        EXPECT_TRUE(lease);
        EXPECT_EQ(as_text(lease.bytes()), "hello");
        EXPECT_EQ(pool.leased(), 1U);
    }
    EXPECT_EQ(pool.leased(), 0U);
    EXPECT_EQ(pool.take(), id);
}

TEST(buffer_lease, moves_without_giving_anything_back) {
    listed_buffer_pool pool{2, 64};
    buffer_lease one = pool.lease(pool.take(), 1);
    buffer_lease two = pool.lease(pool.take(), 2);
    buffer_lease moved{std::move(one)};
    EXPECT_FALSE(one);  // NOLINT(bugprone-use-after-move): that is the question.
    EXPECT_TRUE(one.bytes().empty());
    EXPECT_EQ(pool.leased(), 2U);
    moved = std::move(two);
    EXPECT_EQ(moved.bytes().size(), 2U);
    moved.reset();
    moved.reset();
    EXPECT_FALSE(moved);
    two.reset();
    EXPECT_EQ(pool.leased(), 0U);
}

// Counts how often it was told.
struct counting_waiter : buffer_waiter {
    counting_waiter()
        : buffer_waiter{
              [](buffer_waiter& self) noexcept { ++static_cast<counting_waiter&>(self).told; }} {}
    int told = 0;
};

TEST(buffer_waiter, hears_of_one_buffer_each_in_order) {
    listed_buffer_pool pool{4, 64};
    buffer_lease leases[] = {pool.lease(pool.take(), 1), pool.lease(pool.take(), 1),
                             pool.lease(pool.take(), 1)};
    counting_waiter first;
    counting_waiter second;
    counting_waiter gone;
    pool.wait_for_buffer(first);
    pool.wait_for_buffer(gone);
    pool.wait_for_buffer(second);
    EXPECT_TRUE(gone.waiting());
    gone.stop_waiting();
    gone.stop_waiting();
    leases[0].reset();
    EXPECT_EQ(first.told, 1);
    EXPECT_EQ(second.told, 0);
    EXPECT_FALSE(first.waiting());
    leases[1].reset();
    leases[2].reset();
    EXPECT_EQ(first.told, 1);
    EXPECT_EQ(second.told, 1);
    EXPECT_EQ(gone.told, 0);
}

void outlive_the_pool() {
    buffer_lease lease;
    listed_buffer_pool pool{2, 64};
    lease = pool.lease(pool.take(), 1);
}

TEST(buffer_pool_death, misuse_ends_the_process) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(listed_buffer_pool(3, 64), "assertion");
    EXPECT_DEATH(listed_buffer_pool(0, 64), "assertion");
    listed_buffer_pool pool{2, 64};
    EXPECT_DEATH(static_cast<void>(pool.data(2)), "assertion");
    EXPECT_DEATH(static_cast<void>(pool.lease(0, 65)), "assertion");
    EXPECT_DEATH(outlive_the_pool(), "assertion");
}

}  // namespace
}  // namespace ringway
