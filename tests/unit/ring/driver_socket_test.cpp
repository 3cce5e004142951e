// The contract of drivers for sockets that are connected: receive, send, poll, shutdown.
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/uio.h>
#include <thread>
#include <vector>

#include <ringway/ring/driver.hpp>

#include "support/driver_contract.hpp"
#include "support/operations.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::fd_pair;
using test::poll_for;
using test::recv_into;
using test::send_of;
using test::tracked_operation;

struct driver_sockets : test::driver_contract {};
RW_TEST_EACH_DRIVER(driver_sockets);

TEST_P(driver_sockets, recv_takes_what_is_there) {
    const fd_pair pair = test::tcp_pair();
    test::put(pair.far.get(), "hello");
    std::string target(100, '\0');
    EXPECT_EQ(run(recv_into(pair.near.get(), target)), 5);
    EXPECT_EQ(target.substr(0, 5), "hello");
}

TEST_P(driver_sockets, recv_waits_for_data_again_and_again) {
    const fd_pair pair = test::unix_pair();
    std::string target(100, '\0');
    for (const std::string text : {"one", "three", "five!"}) {
        tracked_operation recv{recv_into(pair.near.get(), target)};
        submit(recv);
        settle();
        EXPECT_FALSE(recv.done());
        test::put(pair.far.get(), text);
        run_until([&] { return recv.done(); });
        EXPECT_EQ(recv.result(), static_cast<int>(text.size()));
        EXPECT_EQ(target.substr(0, text.size()), text);
    }
}

TEST_P(driver_sockets, recv_finds_the_end_before_and_after_it_waits) {
    fd_pair pair = test::tcp_pair();
    std::string target(100, '\0');
    tracked_operation recv{recv_into(pair.near.get(), target)};
    submit(recv);
    settle();
    pair.far.reset();
    run_until([&] { return recv.done(); });
    EXPECT_EQ(recv.result(), 0);
    EXPECT_EQ(run(recv_into(pair.near.get(), target)), 0);
}

TEST_P(driver_sockets, recv_says_that_the_peer_reset) {
    fd_pair pair = test::tcp_pair();
    std::string target(100, '\0');
    tracked_operation recv{recv_into(pair.near.get(), target)};
    submit(recv);
    settle();
    test::reset_connection(pair.far);
    run_until([&] { return recv.done(); });
    EXPECT_EQ(recv.result(), -ECONNRESET);
}

TEST_P(driver_sockets, each_of_two_receives_gets_its_part) {
    const fd_pair pair = test::unix_pair();
    std::string first(2, '\0');
    std::string second(2, '\0');
    tracked_operation one{recv_into(pair.near.get(), first)};
    tracked_operation two{recv_into(pair.near.get(), second)};
    submit(one);
    submit(two);
    settle();
    test::put(pair.far.get(), "abcd");
    run_until([&] { return one.done() && two.done(); });
    EXPECT_EQ(one.result() + two.result(), 4);
    EXPECT_EQ(first + second == "abcd" || second + first == "abcd", true);
}

TEST_P(driver_sockets, send_sends_all_of_it_to_a_slow_reader) {
    const fd_pair pair = test::tcp_pair();
    test::shrink_buffers(pair);
    const std::string text = test::pattern(1'000'000);
    tracked_operation send{send_of(pair.near.get(), text)};
    submit(send);
    settle();
    EXPECT_FALSE(send.done());
    std::string got;
    std::thread reader{[&] { got = test::get(pair.far.get(), text.size()); }};
    run_until([&] { return send.done(); });
    reader.join();
    EXPECT_EQ(send.result(), static_cast<int>(text.size()));
    EXPECT_EQ(send.completions.size(), 1U);
    EXPECT_TRUE(got == text);
}

TEST_P(driver_sockets, send_of_nothing_is_done_at_once) {
    const fd_pair pair = test::tcp_pair();
    EXPECT_EQ(run(send_of(pair.near.get(), "")), 0);
}

TEST_P(driver_sockets, send_to_a_peer_that_is_gone_is_an_error_and_no_signal) {
    fd_pair pair = test::unix_pair();
    pair.far.reset();
    EXPECT_EQ(run(send_of(pair.near.get(), "hello")), -EPIPE);
}

TEST_P(driver_sockets, send_that_fails_midway_says_how_far_it_came) {
    fd_pair pair = test::unix_pair();
    test::shrink_buffers(pair);
    const std::string text = test::pattern(1'000'000);
    tracked_operation send{send_of(pair.near.get(), text)};
    submit(send);
    settle();
    EXPECT_FALSE(send.done());
    EXPECT_EQ(test::get(pair.far.get(), 1000), text.substr(0, 1000));
    pair.far.reset();
    run_until([&] { return send.done(); });
    EXPECT_GE(send.result(), 1000);
    EXPECT_LT(send.result(), static_cast<int>(text.size()));
}

TEST_P(driver_sockets, sendmsg_sends_all_parts_and_leaves_them_alone) {
    const fd_pair pair = test::tcp_pair();
    test::shrink_buffers(pair);
    const std::string text = test::pattern(1'000'000);
    std::vector<iovec> parts;
    for (std::size_t begin = 0, size = 1; begin < text.size(); begin += size, size += 37) {
        const std::size_t length = std::min(size, text.size() - begin);
        parts.push_back({const_cast<char*>(text.data()) + begin, length});
        parts.push_back({nullptr, 0});
    }
    ASSERT_GT(parts.size(), 400U);
    const std::vector<iovec> before = parts;
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    tracked_operation send{{.kind = op_kind::sendmsg, .fd = pair.near.get(), .address = &message}};
    submit(send);
    settle();
    EXPECT_FALSE(send.done());
    std::string got;
    std::thread reader{[&] { got = test::get(pair.far.get(), text.size()); }};
    run_until([&] { return send.done(); });
    reader.join();
    EXPECT_EQ(send.result(), static_cast<int>(text.size()));
    EXPECT_TRUE(got == text);
    EXPECT_EQ(message.msg_iovlen, before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        EXPECT_EQ(parts[i].iov_base, before[i].iov_base);
        EXPECT_EQ(parts[i].iov_len, before[i].iov_len);
    }
}

TEST_P(driver_sockets, datagrams_keep_their_borders) {
    const fd_pair pair = test::datagram_pair();
    std::string head = "head ";
    std::string body = "body";
    iovec out[] = {{head.data(), head.size()}, {body.data(), body.size()}};
    msghdr message{};
    message.msg_iov = out;
    message.msg_iovlen = 2;
    std::string target(100, '\0');
    iovec in{target.data(), target.size()};
    msghdr received{};
    received.msg_iov = &in;
    received.msg_iovlen = 1;
    tracked_operation recv{{.kind = op_kind::recvmsg, .fd = pair.near.get(), .address = &received}};
    submit(recv);
    settle();
    EXPECT_FALSE(recv.done());
    EXPECT_EQ(run({.kind = op_kind::sendmsg, .fd = pair.far.get(), .address = &message}), 9);
    EXPECT_EQ(run(send_of(pair.far.get(), "second")), 6);
    run_until([&] { return recv.done(); });
    EXPECT_EQ(recv.result(), 9);
    EXPECT_EQ(target.substr(0, 9), "head body");
    EXPECT_EQ(run({.kind = op_kind::recvmsg, .fd = pair.near.get(), .address = &received}), 6);
}

TEST_P(driver_sockets, recvmsg_says_who_sent) {
    const unique_fd near{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const unique_fd far{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (const int fd : {near.get(), far.get()}) {
        ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&local), sizeof local), 0);
    }
    local.sin_port = htons(static_cast<std::uint16_t>(test::port_of(near.get())));
    ASSERT_EQ(::connect(far.get(), reinterpret_cast<sockaddr*>(&local), sizeof local), 0);
    std::string target(100, '\0');
    iovec in{target.data(), target.size()};
    sockaddr_in sender{};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
    message.msg_iov = &in;
    message.msg_iovlen = 1;
    tracked_operation recv{{.kind = op_kind::recvmsg, .fd = near.get(), .address = &message}};
    submit(recv);
    settle();
    test::put(far.get(), "ping");
    run_until([&] { return recv.done(); });
    EXPECT_EQ(recv.result(), 4);
    EXPECT_EQ(ntohs(sender.sin_port), test::port_of(far.get()));
}

TEST_P(driver_sockets, shutdown_ends_the_peers_stream) {
    const fd_pair pair = test::tcp_pair();
    EXPECT_EQ(run({.kind = op_kind::shutdown, .fd = pair.near.get(), .flags = SHUT_WR}), 0);
    EXPECT_EQ(test::get(pair.far.get(), 1), "");
    ring().shutdown_now(pair.near.get(), SHUT_RDWR);
    ring().shutdown_now(pair.near.get(), SHUT_RDWR);  // No error that anybody would see.
}

TEST_P(driver_sockets, poll_says_what_is_ready_now) {
    const fd_pair pair = test::tcp_pair();
    EXPECT_EQ(run(poll_for(pair.near.get(), POLLIN | POLLOUT)), POLLOUT);
    test::put(pair.far.get(), "x");
    EXPECT_EQ(run(poll_for(pair.near.get(), POLLIN)), POLLIN);
}

TEST_P(driver_sockets, poll_waits_for_what_was_asked_for) {
    fd_pair pair = test::unix_pair();
    const std::size_t filled = test::fill(pair.near.get());
    tracked_operation readable{poll_for(pair.near.get(), POLLIN)};
    tracked_operation writable{poll_for(pair.near.get(), POLLOUT)};
    tracked_operation ended{poll_for(pair.near.get(), POLLRDHUP)};
    submit(readable);
    submit(writable);
    submit(ended);
    settle();
    EXPECT_FALSE(readable.done() || writable.done() || ended.done());

    EXPECT_EQ(test::get(pair.far.get(), filled).size(), filled);
    run_until([&] { return writable.done(); });
    EXPECT_EQ(writable.result(), POLLOUT);
    EXPECT_FALSE(readable.done() || ended.done());

    test::put(pair.far.get(), "x");
    run_until([&] { return readable.done(); });
    EXPECT_EQ(readable.result(), POLLIN);
    EXPECT_FALSE(ended.done());

    pair.far.reset();
    run_until([&] { return ended.done(); });
    EXPECT_NE(ended.result() & POLLRDHUP, 0);
}

TEST_P(driver_sockets, poll_and_recv_wait_side_by_side) {
    const fd_pair pair = test::unix_pair();
    std::string target(10, '\0');
    tracked_operation hangup{poll_for(pair.near.get(), POLLRDHUP)};
    tracked_operation recv{recv_into(pair.near.get(), target)};
    submit(hangup);
    submit(recv);
    settle();
    test::put(pair.far.get(), "data");
    run_until([&] { return recv.done(); });
    EXPECT_EQ(recv.result(), 4);
    EXPECT_FALSE(hangup.done());
    EXPECT_EQ(cancel(hangup), -ECANCELED);
}

TEST_P(driver_sockets, a_descriptor_that_does_not_exist_is_an_error) {
    std::string target(10, '\0');
    EXPECT_EQ(run(recv_into(-1, target)), -EBADF);
    EXPECT_EQ(run(recv_into(1 << 20, target)), -EBADF);
    EXPECT_EQ(run(poll_for(1 << 20, POLLIN)), -EBADF);
    EXPECT_EQ(run({.kind = op_kind::accept, .fd = -1}), -EBADF);
}

TEST_P(driver_sockets, a_descriptor_that_is_no_socket_is_an_error) {
    const unique_fd file = test::file_with("text");
    std::string target(10, '\0');
    EXPECT_EQ(run(recv_into(file.get(), target)), -ENOTSOCK);
    EXPECT_EQ(run(send_of(file.get(), "text")), -ENOTSOCK);
}

// Both directions of one connection at the same time, each with more than the kernel holds.
TEST_P(driver_sockets, two_peers_of_one_driver_exchange_megabytes) {
    const fd_pair pair = test::tcp_pair();
    test::shrink_buffers(pair);
    const std::string there = test::pattern(300'000, 1);
    const std::string back = test::pattern(300'000, 2);
    std::string got_there;
    std::string got_back;
    std::string far_buffer(5000, '\0');
    std::string near_buffer(7000, '\0');
    const auto collect = [](std::string& all, const std::string& buffer, std::size_t size) {
        return [&all, &buffer, size](tracked_operation& op) {
            ASSERT_GT(op.result(), 0);
            all.append(buffer, 0, static_cast<std::size_t>(op.result()));
            if (all.size() < size) {
                op.owner->submit(op);
            }
        };
    };
    tracked_operation near_send{send_of(pair.near.get(), there)};
    tracked_operation far_send{send_of(pair.far.get(), back)};
    tracked_operation far_recv{recv_into(pair.far.get(), far_buffer)};
    tracked_operation near_recv{recv_into(pair.near.get(), near_buffer)};
    far_recv.then = collect(got_there, far_buffer, there.size());
    near_recv.then = collect(got_back, near_buffer, back.size());
    for (tracked_operation* op : {&near_send, &far_send, &far_recv, &near_recv}) {
        submit(*op);
    }
    run_until(
        [&] { return near_send.done() && far_send.done() && far_recv.done() && near_recv.done(); });
    EXPECT_TRUE(got_there == there);
    EXPECT_TRUE(got_back == back);
}

}  // namespace
}  // namespace ringway
