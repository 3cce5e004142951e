#include <cstddef>
#include <gtest/gtest.h>
#include <memory>
#include <thread>
#include <vector>

#include <ringway/runtime/mailbox.hpp>

namespace ringway {
namespace {

struct numbered : message {
    numbered() {
        deliver = [](message& mail) noexcept {
            auto& me = static_cast<numbered&>(mail);
            me.log->push_back(me.number);
        };
    }
    std::vector<int>* log = nullptr;
    int number = 0;
};

TEST(mailbox, delivers_in_order_and_says_when_to_wake) {
    mailbox box;
    std::vector<int> log;
    numbered mails[3];
    EXPECT_TRUE(box.empty());
    EXPECT_EQ(box.deliver_all(), 0U);
    for (int i = 0; i < 3; ++i) {
        mails[i].log = &log;
        mails[i].number = i;
        EXPECT_EQ(box.push(mails[i]), i == 0);
    }
    EXPECT_FALSE(box.empty());
    EXPECT_EQ(box.deliver_all(), 3U);
    EXPECT_EQ(log, (std::vector{0, 1, 2}));
    EXPECT_TRUE(box.push(mails[1]));
    EXPECT_EQ(box.deliver_all(), 1U);
}

// Goal: a delivery may post again and may end the message's life.
TEST(mailbox, delivery_may_destroy_and_post) {
    static mailbox box;
    struct once : message {};
    auto* const mail = new once;
    mail->deliver = [](message& self) noexcept {
        delete static_cast<once*>(&self);
        static numbered following;
        static std::vector<int> log;
        following.log = &log;
        box.push(following);
    };
    box.push(*mail);
    EXPECT_EQ(box.deliver_all(), 1U);
    EXPECT_EQ(box.deliver_all(), 1U);
}

TEST(mailbox, many_senders_keep_their_own_order) {
    constexpr int senders = 4;
    constexpr int each = 2000;
    mailbox box;
    std::vector<std::vector<int>> logs(senders);
    std::vector<std::unique_ptr<numbered[]>> mails;
    for (int s = 0; s < senders; ++s) {
        mails.push_back(std::make_unique<numbered[]>(each));
    }
    std::vector<std::thread> threads;
    for (std::size_t s = 0; s < senders; ++s) {
        threads.emplace_back([&, s] {
            for (int i = 0; i < each; ++i) {
                mails[s][static_cast<std::size_t>(i)].log = &logs[s];
                mails[s][static_cast<std::size_t>(i)].number = i;
                box.push(mails[s][static_cast<std::size_t>(i)]);
            }
        });
    }
    unsigned delivered = 0;
    while (delivered < senders * each) {
        delivered += box.deliver_all();
    }
    for (auto& thread : threads) {
        thread.join();
    }
    for (const auto& log : logs) {
        ASSERT_EQ(log.size(), static_cast<std::size_t>(each));
        for (int i = 0; i < each; ++i) {
            ASSERT_EQ(log[static_cast<std::size_t>(i)], i);
        }
    }
}

}  // namespace
}  // namespace ringway
