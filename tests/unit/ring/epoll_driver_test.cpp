// What the epoll driver promises beyond the contract of drivers.
#include "ring/epoll_driver.hpp"

#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/driver_contract.hpp"
#include "support/operations.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::fd_pair;
using test::tracked_operation;

struct epoll_only : test::driver_contract {
    // Makes `pair.near` a descriptor that the driver watches.
    void wait_once(const fd_pair& pair) {
        tracked_operation recv{test::recv_pooled(pair.near.get())};
        submit(recv);
        test::put(pair.far.get(), "x");
        run_until([&] { return recv.done(); });
    }
};
INSTANTIATE_TEST_SUITE_P(drivers, epoll_only, ::testing::Values(driver_kind::epoll),
                         test::name_of_driver);

TEST(epoll_driver_options, must_make_sense) {
    const auto code_of = [](const driver_options& options) {
        const auto made = make_epoll_driver(options);
        return made ? errc::none : made.error().code;
    };
    EXPECT_EQ(code_of({.buffer_count = 3}), errc::invalid_argument);
    EXPECT_EQ(code_of({.buffer_count = 0}), errc::invalid_argument);
    EXPECT_EQ(code_of({.buffer_bytes = 0}), errc::invalid_argument);
    EXPECT_EQ(code_of({.worker_threads = 0}), errc::none);
}

TEST_P(epoll_only, says_what_it_does) {
    EXPECT_EQ(ring().features(), "edge-triggered, speculative system calls, 2 workers");
    EXPECT_EQ(ring().socket_flags(), SOCK_NONBLOCK);
}

TEST_P(epoll_only, does_at_once_what_is_possible_at_once) {
    const fd_pair pair = test::unix_pair();
    std::string target(10, '\0');
    const std::string text = "text";
    tracked_operation send{test::send_of(pair.far.get(), text)};
    tracked_operation recv{test::recv_into(pair.near.get(), target)};
    tracked_operation poll{test::poll_for(pair.near.get(), POLLOUT)};
    for (tracked_operation* op : {&send, &recv, &poll}) {
        submit(*op);
        EXPECT_TRUE(op->done()) << name_of(op->kind);
    }
    EXPECT_EQ(ring().counters().enters.get(), 3U);
}

TEST_P(epoll_only, does_nothing_at_once_inside_a_completion) {
    const fd_pair pair = test::unix_pair();
    test::put(pair.far.get(), std::string(100, 'x'));
    std::string target(1, '\0');
    tracked_operation recv{test::recv_into(pair.near.get(), target)};
    int depth = 0;
    recv.then = [&](tracked_operation& op) {
        EXPECT_EQ(++depth, 1);
        if (op.completions.size() < 100) {
            op.owner->submit(op);
        }
        --depth;
    };
    submit(recv);
    run_until([&] { return recv.done(); });
    EXPECT_EQ(recv.completions.size(), 100U);
}

TEST_P(epoll_only, serves_one_direction_in_order) {
    const fd_pair pair = test::unix_pair();
    test::shrink_buffers(pair);
    const std::string first = test::pattern(200'000, 1);
    const std::string second = test::pattern(1000, 2);
    tracked_operation one{test::send_of(pair.near.get(), first)};
    tracked_operation two{test::send_of(pair.near.get(), second)};
    submit(one);
    submit(two);
    std::string got;
    while (got.size() < first.size() + second.size()) {
        got += test::get_now(pair.far.get());
        ring().turn(nanoseconds::zero());
    }
    run_until([&] { return two.done(); });
    EXPECT_TRUE(one.done());
    EXPECT_TRUE(got == first + second);

    std::string targets[] = {std::string(3, '\0'), std::string(3, '\0'), std::string(3, '\0')};
    std::deque<tracked_operation> receives;
    for (std::string& target : targets) {
        submit(receives.emplace_back(test::recv_into(pair.near.get(), target)));
    }
    ring().cancel(receives[1]);
    test::put(pair.far.get(), "onetwo");
    run_until([&] { return ring().counters().in_flight() == 0; });
    EXPECT_EQ(targets[0] + targets[2], "onetwo");
}

// At most four receives of one descriptor in a turn, then the other has its own.
TEST_P(epoll_only, busy_descriptors_take_turns) {
    const fd_pair pairs[] = {test::unix_pair(), test::unix_pair()};
    tracked_operation streams[] = {tracked_operation{test::recv_stream(pairs[0].near.get())},
                                   tracked_operation{test::recv_stream(pairs[1].near.get())}};
    std::string order;
    for (int i = 0; i < 2; ++i) {
        streams[i].then = [&order, i](tracked_operation&) { order += static_cast<char>('0' + i); };
        submit(streams[i]);
    }
    ring().turn(nanoseconds::zero());
    for (const fd_pair& pair : pairs) {
        test::put(pair.far.get(), test::pattern(12 * 4096));
    }
    run_until([&] { return order.size() == 24; });
    EXPECT_TRUE(order == "000011110000111100001111" || order == "111100001111000011110000")
        << order;
    cancel(streams[0]);
    cancel(streams[1]);
}

TEST_P(epoll_only, closing_ends_what_waits) {
    const fd_pair pair = test::unix_pair();
    const int closed = ::dup(pair.near.get());
    tracked_operation recv{test::recv_pooled(closed)};
    tracked_operation poll{test::poll_for(closed, POLLIN)};
    submit(recv);
    submit(poll);
    EXPECT_EQ(run({.kind = op_kind::close, .fd = closed}), 0);
    run_until([&] { return recv.done() && poll.done(); });
    EXPECT_EQ(recv.result(), -ECANCELED);
    EXPECT_EQ(poll.result(), -ECANCELED);
}

// The old file lives on behind another descriptor, and so do its events.
TEST_P(epoll_only, a_number_that_is_used_again_is_another_descriptor) {
    for (const bool by_operation : {true, false}) {
        const fd_pair old_pair = test::unix_pair();
        const fd_pair new_pair = test::unix_pair();
        const int number = ::dup(old_pair.near.get());
        tracked_operation stale{test::recv_pooled(number)};
        submit(stale);
        if (by_operation) {
            EXPECT_EQ(run({.kind = op_kind::close, .fd = number}), 0);
        } else {
            ring().close_now(number);
        }
        ASSERT_EQ(::dup(new_pair.near.get()), number);
        tracked_operation fresh{test::recv_pooled(number)};
        submit(fresh);
        test::put(old_pair.far.get(), "for the old one");
        settle();
        EXPECT_EQ(stale.result(), -ECANCELED);
        EXPECT_FALSE(fresh.done());
        test::put(new_pair.far.get(), "for the new one");
        run_until([&] { return fresh.done(); });
        EXPECT_EQ(fresh.received, "for the new one");
        ring().close_now(number);
    }
}

// The same number and the same file: epoll still knows it under the former key.
TEST_P(epoll_only, a_file_can_come_back_under_its_number) {
    const fd_pair pair = test::unix_pair();
    const int number = ::dup(pair.near.get());
    for (int i = 0; i < 3; ++i) {
        tracked_operation recv{test::recv_pooled(number)};
        submit(recv);
        test::put(pair.far.get(), "data");
        run_until([&] { return recv.done(); });
        EXPECT_EQ(recv.result(), 4);
        ring().close_now(number);
        ASSERT_EQ(::dup(pair.near.get()), number);
    }
    ring().close_now(number);
}

// Accepted, opened and connecting descriptors are new, whoever closed the number's last file.
TEST_P(epoll_only, descriptors_from_operations_are_new) {
    const unique_fd listener = test::tcp_listener();
    fd_pair pair = test::unix_pair();
    wait_once(pair);
    const int number = pair.near.get();
    pair.near.reset();  // Behind the driver's back.
    const unique_fd client = test::tcp_socket();
    ASSERT_EQ(client.get(), number);
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    EXPECT_EQ(run({.kind = op_kind::connect, .fd = number, .length = size, .address = &address}),
              0);
    tracked_operation recv{test::recv_pooled(number)};
    submit(recv);
    settle();

    fd_pair other = test::unix_pair();
    wait_once(other);
    const int accepted_number = other.near.get();
    other.near.reset();
    const unique_fd accepted{run({.kind = op_kind::accept, .fd = listener.get()})};
    ASSERT_EQ(accepted.get(), accepted_number);
    tracked_operation answer{test::recv_pooled(accepted.get())};
    submit(answer);
    settle();
    test::put(client.get(), "ping");
    run_until([&] { return answer.done(); });
    test::put(accepted.get(), "pong");
    run_until([&] { return recv.done(); });
    EXPECT_EQ(recv.received + answer.received, "pongping");
}

TEST_P(epoll_only, a_blocking_descriptor_never_blocks_the_driver) {
    const fd_pair pair = test::tcp_pair();
    ASSERT_EQ(::fcntl(pair.near.get(), F_GETFL) & O_NONBLOCK, 0);
    const unique_fd file = test::file_with(test::pattern(4'000'000));
    tracked_operation big{test::sendfile_of(pair.near.get(), file.get(), 0, 4'000'000)};
    tracked_operation bigger{test::sendfile_of(pair.near.get(), file.get(), 0, 4'000'000)};
    tracked_operation recv{test::recv_pooled(pair.near.get())};
    submit(recv);
    submit(big);
    EXPECT_GT(big.result(), 0);
    while (!bigger.in_flight) {
        submit(bigger);
    }
    EXPECT_EQ(cancel(bigger), -ECANCELED);
    EXPECT_EQ(cancel(recv), -ECANCELED);
}

// The one way to a refusal that needs no exhausted system: epoll in epoll, as deep as it goes.
TEST_P(epoll_only, a_descriptor_that_cannot_be_watched_is_an_error) {
    std::deque<unique_fd> nested;
    nested.emplace_back(::epoll_create1(EPOLL_CLOEXEC));
    for (int depth = 0; depth < 20; ++depth) {
        unique_fd outer{::epoll_create1(EPOLL_CLOEXEC)};
        epoll_event event{};
        if (::epoll_ctl(outer.get(), EPOLL_CTL_ADD, nested.back().get(), &event) != 0) {
            break;
        }
        nested.push_back(std::move(outer));
    }
    EXPECT_EQ(run(test::poll_for(nested.back().get(), POLLIN)), -ELOOP);
}

TEST_P(epoll_only, one_registration_serves_many_waits) {
    const fd_pair pair = test::unix_pair();
    wait_once(pair);
    const std::uint64_t before = ring().counters().enters.get();
    for (int i = 0; i < 100; ++i) {
        wait_once(pair);
    }
    // The try, the wait and the try that succeeds.
    EXPECT_EQ(ring().counters().enters.get() - before, 300U);
}

}  // namespace
}  // namespace ringway
