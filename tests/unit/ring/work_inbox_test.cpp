#include <ringway/ring/work_inbox.hpp>

#include <array>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace ringway {
namespace {

struct node {
    node* next = nullptr;
    int sender = 0;
    int number = 0;
};

TEST(work_inbox, gives_everything_in_order_of_arrival) {
    work_inbox<node> inbox;
    EXPECT_TRUE(inbox.empty());
    EXPECT_EQ(inbox.take_all(), nullptr);
    std::array<node, 3> nodes;
    EXPECT_TRUE(inbox.push(nodes[0]));  // The one that has to wake the owner.
    EXPECT_FALSE(inbox.push(nodes[1]));
    EXPECT_FALSE(inbox.push(nodes[2]));
    EXPECT_FALSE(inbox.empty());
    node* taken = inbox.take_all();
    for (node& expected : nodes) {
        ASSERT_EQ(taken, &expected);
        taken = taken->next;
    }
    EXPECT_EQ(taken, nullptr);
    EXPECT_TRUE(inbox.push(nodes[1]));
    EXPECT_EQ(inbox.take_all(), &nodes[1]);
}

TEST(work_inbox, keeps_the_order_of_each_sender) {
    constexpr int senders = 3;
    constexpr int each = 5000;
    work_inbox<node> inbox;
    std::vector<std::vector<node>> nodes(senders, std::vector<node>(each));
    std::vector<std::thread> threads;
    for (int sender = 0; sender < senders; ++sender) {
        threads.emplace_back([&inbox, &mine = nodes[static_cast<std::size_t>(sender)], sender] {
            for (int number = 0; number < each; ++number) {
                node& next = mine[static_cast<std::size_t>(number)];
                next.sender = sender;
                next.number = number;
                inbox.push(next);
            }
        });
    }
    std::array<int, senders> expected{};
    for (int taken = 0; taken < senders * each;) {
        for (node* one = inbox.take_all(); one != nullptr; one = one->next) {
            EXPECT_EQ(one->number, expected[static_cast<std::size_t>(one->sender)]++);
            ++taken;
        }
        std::this_thread::yield();
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_TRUE(inbox.empty());
}

}  // namespace
}  // namespace ringway
