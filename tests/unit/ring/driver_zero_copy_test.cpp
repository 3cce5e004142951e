// The contract of drivers for sends without a copy. Those that can't do that copy.
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/uio.h>
#include <thread>

#include <ringway/ring/driver.hpp>

#include "support/driver_contract.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::fd_pair;
using test::tracked_operation;

class driver_zero_copy : public test::driver_contract {
protected:
    void SetUp() override {
        driver_contract::SetUp();
        if (!IsSkipped()) {
            own_.emplace(ring());
        }
    }
    void TearDown() override {
        if (own_) {
            run_until([&] { return pool().outstanding() == 0; });
            EXPECT_EQ(pool().counters().sends, sent_);
        }
        own_.reset();
        driver_contract::TearDown();
    }

    // Its own where the driver has none: the operations work all the same.
    [[nodiscard]] zero_copy_pool& pool() {
        zero_copy_pool* const drivers = ring().zero_copy();
        return drivers != nullptr ? *drivers : *own_;
    }

    // Sends by `op`; its result. Whoever is refused knows it.
    int send(operation op) {
        ++sent_;
        int outcome = run(op);
        if (outcome == -EINVAL && op.kind == op_kind::sendmsg_zc &&
            op.buffer_slot != operation::no_slot) {
            op.buffer_slot = operation::no_slot;  // Before Linux 6.15.
            ++sent_;
            outcome = run(op);
        }
        return outcome;
    }

    void count_one() { ++sent_; }

private:
    std::optional<zero_copy_pool> own_;
    std::uint64_t sent_ = 0;
};
RW_TEST_EACH_DRIVER(driver_zero_copy);

#define RW_SKIP_IF_OLD(outcome)                                         \
    if ((outcome) == -EINVAL) {                                         \
        GTEST_SKIP() << "skipped: this kernel refuses zero-copy sends"; \
    }                                                                   \
    static_assert(true)

void put(byte_span memory, std::string_view text) {
    std::memcpy(memory.data(), text.data(), text.size());
}

// What comes at the other end, until `size` bytes of it have.
class reader {
public:
    reader(int fd, std::size_t size)
        : thread_{[this, fd, size] {
              while (received.size() < size) {
                  const std::string more = test::get(fd, size - received.size());
                  if (more.empty()) {
                      return;
                  }
                  received += more;
              }
          }} {}
    ~reader() { join(); }
    void join() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    std::string received;

private:
    std::thread thread_;
};

// A message of a head, a whole buffer and a piece of another, which are in use until its one
// notification has come.
TEST_P(driver_zero_copy, a_message_of_several_buffers_arrives_in_order) {
    const fd_pair pair = test::tcp_pair();
    const auto one = pool().take();
    const auto two = pool().take();
    ASSERT_TRUE(one && two);
    const std::string text = test::pattern(3 + zero_copy_pool::bytes_each + 777);
    put(one.buffer().head, text.substr(0, 3));
    put(one.buffer().memory, text.substr(3, zero_copy_pool::bytes_each));
    put(two.buffer().memory, text.substr(3 + zero_copy_pool::bytes_each));
    one.buffer().next = &two.buffer();
    std::array<iovec, 3> parts{{{one.buffer().head.data(), 3},
                                {one.buffer().memory.data(), zero_copy_pool::bytes_each},
                                {two.buffer().memory.data(), 777}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    reader far{pair.far.get(), text.size()};
    const int outcome = send({.kind = op_kind::sendmsg_zc,
                              .fd = pair.near.get(),
                              .address = &message,
                              .extra = &one.buffer()});
    if (outcome == -EINVAL) {
        ::shutdown(pair.near.get(), SHUT_WR);
    }
    far.join();
    RW_SKIP_IF_OLD(outcome);
    EXPECT_EQ(outcome, static_cast<int>(text.size()));
    EXPECT_TRUE(far.received == text);
    run_until([&] { return pool().outstanding() == 0; });
    EXPECT_EQ(one.buffer().next, nullptr);
    EXPECT_EQ(pool().counters().notifications, is_epoll() ? 0U : 1U);
}

TEST_P(driver_zero_copy, a_message_may_name_its_enrolled_buffer) {
    const fd_pair pair = test::tcp_pair();
    const auto lease = pool().take();
    ASSERT_TRUE(lease);
    zero_copy_buffer& buffer = lease.buffer();
    put(buffer.head, "head");
    put(buffer.memory, "body!");
    std::array<iovec, 2> parts{{{buffer.head.data(), 4}, {buffer.memory.data(), 5}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const int outcome = send({.kind = op_kind::sendmsg_zc,
                              .buffer_slot = buffer.slot,
                              .fd = pair.near.get(),
                              .address = &message,
                              .extra = &buffer});
    RW_SKIP_IF_OLD(outcome);
    EXPECT_EQ(outcome, 9);
    EXPECT_EQ(test::get(pair.far.get(), 9), "headbody!");
}

TEST_P(driver_zero_copy, one_piece_needs_no_message) {
    const fd_pair pair = test::tcp_pair();
    const auto lease = pool().take();
    ASSERT_TRUE(lease);
    zero_copy_buffer& buffer = lease.buffer();
    put(buffer.memory, "piece");
    const int outcome = send({.kind = op_kind::send_zc,
                              .buffer_slot = buffer.slot,
                              .fd = pair.near.get(),
                              .length = 5,
                              .address = buffer.memory.data(),
                              .extra = &buffer});
    RW_SKIP_IF_OLD(outcome);
    EXPECT_EQ(outcome, 5);
    EXPECT_EQ(test::get(pair.far.get(), 5), "piece");
}

// Goal: a send that nobody reads ends when it is cancelled, with what has gone or ECANCELED, and
// its memory comes back.
TEST_P(driver_zero_copy, a_message_can_be_cancelled_midway) {
    fd_pair pair = test::tcp_pair();
    test::shrink_buffers(pair);
    const auto lease = pool().take();
    ASSERT_TRUE(lease);
    zero_copy_buffer& buffer = lease.buffer();
    std::array<iovec, 2> parts{{{buffer.memory.data(), zero_copy_pool::bytes_each},
                                {buffer.memory.data(), zero_copy_pool::bytes_each}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    test::fill(pair.near.get());
    const int mode = ::fcntl(pair.near.get(), F_GETFL);
    ::fcntl(pair.near.get(), F_SETFL, is_epoll() ? mode | O_NONBLOCK : mode & ~O_NONBLOCK);
    tracked_operation op{{.kind = op_kind::sendmsg_zc,
                          .fd = pair.near.get(),
                          .address = &message,
                          .extra = &buffer}};
    submit(op);
    count_one();
    settle();
    if (op.done()) {
        RW_SKIP_IF_OLD(op.result());
    }
    ASSERT_FALSE(op.done());
    const int outcome = cancel(op);
    EXPECT_TRUE(outcome == -ECANCELED ||
                (outcome > 0 && outcome < 2 * static_cast<int>(zero_copy_pool::bytes_each)))
        << outcome;
    EXPECT_EQ(buffer.sending, nullptr);
    pair.far.reset();  // What is in the socket's queue is dropped, and with it the last use.
    pair.near.reset();
    run_until([&] { return pool().outstanding() == 0; });
}

TEST_P(driver_zero_copy, a_peer_that_left_is_told) {
    fd_pair pair = test::tcp_pair();
    test::reset_connection(pair.far);
    const auto lease = pool().take();
    ASSERT_TRUE(lease);
    const iovec part{lease.buffer().memory.data(), 1000};
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(&part);
    message.msg_iovlen = 1;
    int outcome = 0;
    for (int i = 0; i < 100 && outcome >= 0; ++i) {  // The reset has yet to arrive.
        run_until([&] { return !lease.buffer().noted; });
        outcome = send({.kind = op_kind::sendmsg_zc,
                        .fd = pair.near.get(),
                        .address = &message,
                        .extra = &lease.buffer()});
    }
    RW_SKIP_IF_OLD(outcome);
    EXPECT_TRUE(outcome == -EPIPE || outcome == -ECONNRESET) << outcome;
}

}  // namespace
}  // namespace ringway
