// The contract of drivers for cancellation: before anything happens, midway, and too late.
#include <cerrno>
#include <deque>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>

#include <ringway/ring/driver.hpp>

#include "support/driver_contract.hpp"
#include "support/operations.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::fd_pair;
using test::tracked_operation;

struct driver_cancel : test::driver_contract {
    /// Submits `what`, which has to wait, lets it wait, and cancels it.
    int cancel_waiting(const operation& what) {
        tracked_operation op{what};
        submit(op);
        settle();
        EXPECT_FALSE(op.done());
        return cancel(op);
    }
};
RW_TEST_EACH_DRIVER(driver_cancel);

TEST_P(driver_cancel, ends_whatever_waits) {
    const fd_pair pair = test::unix_pair();
    const fd_pair pipe = test::pipe_pair();
    const fd_pair datagrams = test::datagram_pair();
    const unique_fd listener = test::tcp_listener();
    std::string target(10, '\0');
    msghdr message{};
    const operation waiting[] = {
        test::recv_into(pair.near.get(), target),
        test::recv_pooled(pair.near.get()),
        test::recv_stream(pair.near.get()),
        test::poll_for(pair.near.get(), POLLIN),
        test::read_into(pipe.near.get(), target),
        {.kind = op_kind::recvmsg, .fd = datagrams.near.get(), .address = &message},
        {.kind = op_kind::accept, .fd = listener.get()},
        {.kind = op_kind::accept, .multishot = true, .fd = listener.get()},
    };
    for (const operation& what : waiting) {
        EXPECT_EQ(cancel_waiting(what), -ECANCELED) << name_of(what.kind);
    }
    // All of them again, at the same time.
    std::deque<tracked_operation> ops;
    for (const operation& what : waiting) {
        submit(ops.emplace_back(what));
    }
    settle();
    for (tracked_operation& op : ops) {
        ring().cancel(op);
    }
    run_until([&] { return ring().counters().in_flight() == 0; });
    for (const tracked_operation& op : ops) {
        EXPECT_EQ(op.result(), -ECANCELED) << name_of(op.kind);
    }
}

TEST_P(driver_cancel, ends_what_waits_for_room) {
    const fd_pair pair = test::unix_pair();
    const fd_pair pipe = test::pipe_pair();
    const unique_fd file = test::file_with("text");
    const std::string text = "text";
    test::fill(pair.near.get());
    test::fill(pipe.far.get());
    EXPECT_EQ(cancel_waiting(test::send_of(pair.near.get(), text)), -ECANCELED);
    EXPECT_EQ(cancel_waiting(test::write_of(pipe.far.get(), text)), -ECANCELED);
    EXPECT_EQ(cancel_waiting(test::poll_for(pair.near.get(), POLLOUT)), -ECANCELED);
    // Over TCP: before Linux 6.5, sendfile(2) adds to what a Unix socket sent last, room or not.
    const fd_pair connection = test::tcp_pair();
    test::shrink_buffers(connection);
    test::fill(connection.near.get());
    EXPECT_EQ(cancel_waiting(test::sendfile_of(connection.near.get(), file.get(), 0, 4)),
              -ECANCELED);
}

TEST_P(driver_cancel, never_tells_before_the_next_turn) {
    const fd_pair pair = test::unix_pair();
    tracked_operation recv{test::recv_pooled(pair.near.get())};
    submit(recv);
    ring().cancel(recv);
    EXPECT_TRUE(recv.in_flight);
    ring().cancel(recv);  // Asking twice is no mistake.
    run_until([&] { return recv.done(); });
    EXPECT_EQ(recv.result(), -ECANCELED);
    EXPECT_EQ(recv.completions.size(), 1U);
}

TEST_P(driver_cancel, a_send_midway_says_how_far_it_came) {
    const fd_pair pair = test::unix_pair();
    test::shrink_buffers(pair);
    const std::string text = test::pattern(1'000'000);
    tracked_operation send{test::send_of(pair.near.get(), text)};
    submit(send);
    settle();
    ASSERT_FALSE(send.done());
    const int sent = cancel(send);
    ASSERT_GT(sent, 0);
    const auto size = static_cast<std::size_t>(sent);
    EXPECT_LT(size, text.size());
    EXPECT_TRUE(test::get(pair.far.get(), size) == text.substr(0, size));
    EXPECT_EQ(test::get_now(pair.far.get()), "");  // Not a byte more.
}

// Goal: a cancellation is not lost when it comes while the kernel goes from one attempt to the
// next.
TEST_P(driver_cancel, a_send_that_has_just_begun_ends) {
    std::string text = test::pattern(400'000);
    for (int i = 0; i < 100; ++i) {
        fd_pair pair = test::tcp_pair();
        test::shrink_buffers(pair);
        tracked_operation send{test::send_of(pair.near.get(), text)};
        submit(send);
        const int outcome = cancel(send);
        EXPECT_TRUE(outcome == -ECANCELED || outcome > 0) << outcome;
        ring().close_now(pair.near.release());
    }
}

TEST_P(driver_cancel, a_sendmsg_midway_says_how_far_it_came) {
    const fd_pair pair = test::tcp_pair();
    test::shrink_buffers(pair);
    std::string text = test::pattern(1'000'000);
    iovec parts[] = {{text.data(), 10}, {text.data() + 10, text.size() - 10}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    tracked_operation send{{.kind = op_kind::sendmsg, .fd = pair.near.get(), .address = &message}};
    submit(send);
    settle();
    ASSERT_FALSE(send.done());
    const int sent = cancel(send);
    ASSERT_GT(sent, 10);
    const auto size = static_cast<std::size_t>(sent);
    EXPECT_TRUE(test::get(pair.far.get(), size) == text.substr(0, size));
}

TEST_P(driver_cancel, what_needs_no_waiting_ends_one_way_or_the_other) {
    const unique_fd file = test::file_with("text");
    tracked_operation nop{{.kind = op_kind::nop}};
    tracked_operation sync{{.kind = op_kind::fsync, .fd = file.get()}};
    for (tracked_operation* op : {&nop, &sync}) {
        submit(*op);
        if (op->in_flight) {
            const int result = cancel(*op);
            EXPECT_TRUE(result == 0 || result == -ECANCELED) << result;
        }
    }
}

// Data comes before the cancellation: it is either reported or still there.
TEST_P(driver_cancel, too_late_or_not_no_byte_is_lost) {
    const fd_pair pair = test::unix_pair();
    for (int i = 0; i < 100; ++i) {
        tracked_operation recv{test::recv_pooled(pair.near.get())};
        submit(recv);
        settle();
        test::put(pair.far.get(), "data");
        if (i % 2 == 0) {
            ring().turn(nanoseconds::zero());
        }
        const int result = recv.in_flight ? cancel(recv) : recv.result();
        if (result == -ECANCELED) {
            tracked_operation again{test::recv_pooled(pair.near.get())};
            EXPECT_EQ(run(again), 4);
        } else {
            EXPECT_EQ(result, 4);
        }
    }
}

// A thread sends while receives are cancelled again and again.
TEST_P(driver_cancel, racing_with_data_loses_no_byte) {
    const fd_pair pair = test::tcp_pair();
    const std::string text = test::pattern(100'000);
    std::thread sender{[&] {
        for (std::size_t at = 0; at < text.size(); at += 50) {
            test::put(pair.far.get(), std::string_view{text}.substr(at, 50));
        }
    }};
    std::string got;
    unsigned cancelled = 0;
    for (int i = 0; got.size() < text.size(); ++i) {
        tracked_operation recv{i % 2 == 0 ? test::recv_pooled(pair.near.get())
                                          : test::recv_stream(pair.near.get())};
        submit(recv);
        ring().turn(i % 3 == 0 ? nanoseconds::zero()
                               : ring().now() + std::chrono::microseconds{50});
        if (recv.in_flight) {
            cancel(recv);
        }
        got += recv.received;
        cancelled += recv.result() == -ECANCELED ? 1 : 0;
        ASSERT_NE(recv.result(), 0);
    }
    sender.join();
    EXPECT_TRUE(got == text);
    EXPECT_GT(cancelled, 0U);
}

}  // namespace
}  // namespace ringway
