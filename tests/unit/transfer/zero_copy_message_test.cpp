#include "transfer/zero_copy_message.hpp"

#include <gtest/gtest.h>
#include <string>

#include <ringway/ring/driver.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

constexpr zero_copy_route no_route;

std::size_t total_of(std::span<iovec> parts) {
    std::size_t total = 0;
    for (const iovec& part : parts) {
        total += part.iov_len;
    }
    return total;
}

TEST(zero_copy_message, one_piece_is_no_message) {
    test::run_on_shard([]() -> task<void> {
        zero_copy_pool pool{driver::current()};
        zero_copy_message message;
        zero_copy_buffer* const buffer = message.add_buffer(pool);
        RW_CO_ASSERT(buffer != nullptr);
        message.commit(1000);
        EXPECT_TRUE(message.put_head(""));
        const operation op = message.to_operation(7, no_route, true);
        EXPECT_EQ(op.kind, op_kind::send_zc);
        EXPECT_EQ(op.length, 1000U);
        EXPECT_EQ(op.address, buffer->memory.data());
        EXPECT_EQ(op.buffer_slot, buffer->slot);
        co_return;
    }());
}

TEST(zero_copy_message, a_head_goes_in_front) {
    test::run_on_shard([]() -> task<void> {
        zero_copy_pool pool{driver::current()};
        zero_copy_message message;
        zero_copy_buffer* const buffer = message.add_buffer(pool);
        RW_CO_ASSERT(buffer != nullptr);
        message.commit(10);
        EXPECT_FALSE(message.put_head(std::string(zero_copy_pool::head_bytes + 1, 'x')));
        EXPECT_TRUE(message.put_head("head"));
        EXPECT_EQ(message.size(), 14U);
        const operation op = message.to_operation(7, no_route, false);
        EXPECT_EQ(op.kind, op_kind::sendmsg_zc);
        EXPECT_EQ(op.buffer_slot, operation::no_slot);
        const auto& header = *static_cast<const msghdr*>(op.address);
        EXPECT_EQ(header.msg_iovlen, 2U);
        EXPECT_EQ(header.msg_iov[0].iov_base, buffer->head.data());
        co_return;
    }());
}

// Goal: a short send goes on at the right byte, wherever it has ended.
TEST(zero_copy_message, what_is_left_over_begins_where_it_ended) {
    test::run_on_shard([]() -> task<void> {
        for (const std::size_t sent : {0U, 3U, 4U, 5U, 1003U, 1004U, 1005U, 1014U}) {
            zero_copy_pool pool{driver::current()};
            zero_copy_message message;
            RW_CO_ASSERT(message.add_buffer(pool) != nullptr);
            message.commit(1000);
            zero_copy_buffer* const second = message.add_buffer(pool);
            RW_CO_ASSERT(second != nullptr);
            message.commit(10);
            EXPECT_TRUE(message.put_head("head"));
            const std::span<iovec> rest = message.rest(sent);
            EXPECT_EQ(total_of(rest), 1014 - sent);
            if (sent == 1005) {
                EXPECT_EQ(rest.front().iov_base, second->memory.data() + 1);
            }
        }
        co_return;
    }());
}

TEST(zero_copy_message, is_bounded_and_gives_back_what_was_not_sent) {
    test::run_on_shard([]() -> task<void> {
        zero_copy_pool pool{driver::current()};
        zero_copy_buffer* first = nullptr;
        {
            zero_copy_message message;
            first = message.add_buffer(pool);
            for (std::size_t i = 1; i < zero_copy_message::buffers_max; ++i) {
                EXPECT_NE(message.add_buffer(pool), nullptr);
            }
            EXPECT_EQ(message.add_buffer(pool), nullptr);
            EXPECT_NE(first->next, nullptr);
        }
        EXPECT_EQ(first->next, nullptr);
        EXPECT_FALSE(first->leased);
        co_return;
    }());
}

// Goal: all buffers of a message are free with its one notification.
TEST(zero_copy_message, one_notification_frees_all_of_it) {
    test::run_on_shard([]() -> task<void> {
        zero_copy_pool pool{driver::current()};
        zero_copy_buffer* first = nullptr;
        {
            zero_copy_message message;
            first = message.add_buffer(pool);
            RW_CO_ASSERT(first != nullptr && message.add_buffer(pool) != nullptr);
            pool.ended(*first, true);
        }
        EXPECT_EQ(pool.outstanding(), 2U);
        pool.notified(*first, false, std::chrono::seconds{1});
        EXPECT_EQ(pool.outstanding(), 0U);
        EXPECT_EQ(pool.counters().notifications, 1U);
        co_return;
    }());
}

}  // namespace
}  // namespace ringway
