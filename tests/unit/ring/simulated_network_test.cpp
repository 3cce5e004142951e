#include "ring/simulated_network.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include <gtest/gtest.h>

namespace ringway::detail {
namespace {

class simulated_network_test : public ::testing::Test {
protected:
    static constexpr std::uint32_t room = 16;

    int send(int fd, std::string_view text) { return net_.send(fd, as_bytes(text)); }

    // What arrives: the bytes, or the negative result as a number.
    std::string receive(int fd, std::size_t size_max = 100) {
        std::array<std::byte, 100> bytes;
        const int got = net_.receive(fd, byte_span{bytes}.first(size_max));
        return got < 0
                   ? std::to_string(got)
                   : std::string{as_text(byte_view{bytes}.first(static_cast<std::size_t>(got)))};
    }

    bool changed(int fd) {
        const std::vector<int> all = net_.take_changed();
        return std::find(all.begin(), all.end(), fd) != all.end();
    }

    static std::string failed(int error) { return std::to_string(-error); }

    simulated_random random_{1};
    simulated_network net_{room, 2, random_};
};

TEST_F(simulated_network_test, bytes_arrive_in_order) {
    const auto [one, other] = net_.make_connection();
    EXPECT_EQ(receive(other), failed(EAGAIN));
    EXPECT_EQ(send(one, "abc"), 3);
    EXPECT_EQ(send(one, "def"), 3);
    EXPECT_TRUE(changed(other));
    EXPECT_EQ(receive(other, 4), "abcd");
    EXPECT_TRUE(changed(one));
    EXPECT_EQ(receive(other), "ef");
    EXPECT_EQ(receive(one), failed(EAGAIN));
}

TEST_F(simulated_network_test, a_sender_gets_only_so_far_ahead) {
    const auto [one, other] = net_.make_connection();
    EXPECT_EQ(send(one, std::string(20, 'x')), 16);
    EXPECT_EQ(send(one, "y"), -EAGAIN);
    EXPECT_EQ(net_.writable(one), -EAGAIN);
    EXPECT_EQ(receive(other, 5), "xxxxx");
    EXPECT_EQ(net_.writable(one), 5);
    EXPECT_EQ(send(one, "yyyyyyyy"), 5);
}

TEST_F(simulated_network_test, a_closed_peer_is_the_end_after_its_bytes) {
    const auto [one, other] = net_.make_connection();
    send(one, "last");
    EXPECT_EQ(net_.close(one), 0);
    EXPECT_EQ(receive(other), "last");
    EXPECT_EQ(receive(other), "");
    EXPECT_EQ(receive(other), "");
    EXPECT_EQ(net_.open(), 1U);
}

TEST_F(simulated_network_test, sending_to_a_closed_peer_works_once) {
    const auto [one, other] = net_.make_connection();
    net_.close(one);
    EXPECT_EQ(send(other, "lost"), 4);
    EXPECT_EQ(send(other, "x"), -EPIPE);
    EXPECT_EQ(receive(other), "");
}

TEST_F(simulated_network_test, closing_with_unread_bytes_is_a_reset) {
    const auto [one, other] = net_.make_connection();
    send(other, "unread");
    net_.close(one);
    EXPECT_EQ(receive(other), failed(ECONNRESET));
    EXPECT_EQ(receive(other), "");
    EXPECT_EQ(send(other, "x"), -EPIPE);
}

TEST_F(simulated_network_test, half_closed_still_receives) {
    const auto [one, other] = net_.make_connection();
    EXPECT_EQ(net_.shutdown(one, SHUT_WR), 0);
    EXPECT_EQ(send(one, "x"), -EPIPE);
    EXPECT_EQ(receive(other), "");
    EXPECT_EQ(send(other, "answer"), 6);
    EXPECT_EQ(receive(one), "answer");
    net_.close(other);
    EXPECT_EQ(receive(one), "");
}

TEST_F(simulated_network_test, shut_for_reading_is_the_end) {
    const auto [one, other] = net_.make_connection();
    send(other, "ab");
    EXPECT_EQ(net_.shutdown(one, SHUT_RD), 0);
    EXPECT_EQ(receive(one), "ab");
    EXPECT_EQ(receive(one), "");
}

TEST_F(simulated_network_test, a_reset_is_told_once_to_each_side) {
    const auto [one, other] = net_.make_connection();
    EXPECT_TRUE(net_.reset(one));
    EXPECT_FALSE(net_.reset(one));
    EXPECT_EQ(receive(one), failed(ECONNRESET));
    EXPECT_EQ(receive(one), "");
    EXPECT_EQ(send(other, "x"), -ECONNRESET);
    EXPECT_EQ(send(other, "x"), -EPIPE);
    EXPECT_EQ(net_.shutdown(one, SHUT_WR), -ENOTCONN);
}

// Goal: what a reset leaves is always a beginning of what was sent, and never looks like an end.
TEST_F(simulated_network_test, a_reset_loses_bytes_from_the_end) {
    bool all = false;
    bool fewer = false;
    for (int i = 0; i < 50; ++i) {
        const auto [one, other] = net_.make_connection();
        send(one, "0123456789");
        net_.reset(one);
        std::string got = receive(other);
        if (got == failed(ECONNRESET)) {
            got.clear();
        } else {
            EXPECT_EQ(receive(other), failed(ECONNRESET));
        }
        EXPECT_TRUE(std::string_view{"0123456789"}.starts_with(got)) << got;
        all |= got.size() == 10;
        fewer |= got.size() < 10;
        net_.close(one);
        net_.close(other);
    }
    EXPECT_TRUE(all && fewer);
    EXPECT_EQ(net_.open(), 0U);
}

TEST_F(simulated_network_test, a_reset_behind_the_end_is_silent_or_takes_the_end_away) {
    for (int i = 0; i < 50; ++i) {
        const auto [one, other] = net_.make_connection();
        send(one, "0123456789");
        net_.close(one);
        send(other, "too late");
        const std::string got = receive(other);
        const std::string then = receive(other);
        if (got == "0123456789") {
            EXPECT_TRUE(then.empty() || then == failed(ECONNRESET)) << then;
        } else if (got != failed(ECONNRESET)) {
            EXPECT_EQ(then, failed(ECONNRESET));
        }
        net_.close(other);
    }
}

TEST_F(simulated_network_test, connect_accept_and_talk) {
    const int listener = net_.make_listener(80);
    const int client = net_.make_socket();
    EXPECT_EQ(net_.port_of(listener), 80);
    EXPECT_EQ(net_.accept(listener), -EAGAIN);
    EXPECT_EQ(send(client, "x"), -EPIPE);
    EXPECT_EQ(receive(client), failed(ENOTCONN));
    EXPECT_EQ(net_.connect(client, 80), 0);
    EXPECT_TRUE(changed(listener));
    EXPECT_EQ(net_.connect(client, 80), -EISCONN);
    EXPECT_EQ(send(client, "early"), 5);
    const int server = net_.accept(listener);
    ASSERT_GE(server, simulated_network::first_descriptor);
    EXPECT_EQ(receive(server), "early");
}

TEST_F(simulated_network_test, connect_without_listener_is_refused) {
    const int client = net_.make_socket();
    EXPECT_EQ(net_.connect(client, 81), -ECONNREFUSED);
    EXPECT_EQ(net_.connect(5, 81), -EBADF);
}

TEST_F(simulated_network_test, connects_wait_for_room_in_the_backlog) {
    const int listener = net_.make_listener(0);
    const std::uint16_t port = net_.port_of(listener);
    EXPECT_EQ(net_.connect(net_.make_socket(), port), 0);
    EXPECT_EQ(net_.connect(net_.make_socket(), port), 0);
    const int third = net_.make_socket();
    EXPECT_EQ(net_.connect(third, port), -EAGAIN);
    EXPECT_FALSE(changed(third));
    EXPECT_GE(net_.accept(listener), 0);
    EXPECT_TRUE(changed(third));
    EXPECT_EQ(net_.connect(third, port), 0);
}

TEST_F(simulated_network_test, closing_a_listener_resets_who_waits) {
    const int listener = net_.make_listener(80);
    const int client = net_.make_socket();
    EXPECT_EQ(net_.connect(client, 80), 0);
    net_.close(listener);
    EXPECT_EQ(receive(client), failed(ECONNRESET));
    EXPECT_EQ(net_.connect(net_.make_socket(), 80), -ECONNREFUSED);
    EXPECT_GE(net_.make_listener(80), 0);
    EXPECT_EQ(net_.make_listener(80), -EADDRINUSE);
}

TEST_F(simulated_network_test, a_listener_that_is_shut_down_accepts_no_more) {
    const int listener = net_.make_listener(80);
    EXPECT_EQ(net_.shutdown(listener, SHUT_RD), 0);
    EXPECT_TRUE(changed(listener));
    EXPECT_EQ(net_.accept(listener), -EINVAL);
    const int next = net_.make_listener(80);
    net_.close(listener);
    EXPECT_EQ(net_.connect(net_.make_socket(), 80), 0);
    EXPECT_GE(net_.accept(next), 0);
}

TEST_F(simulated_network_test, an_aborted_connection_never_is_accepted) {
    const int listener = net_.make_listener(80);
    const int client = net_.make_socket();
    EXPECT_EQ(net_.connect(client, 80), 0);
    net_.abort_pending(listener);
    EXPECT_EQ(net_.accept(listener), -EAGAIN);
    EXPECT_EQ(receive(client), failed(ECONNRESET));
}

TEST_F(simulated_network_test, a_client_that_left_is_accepted_all_the_same) {
    const int listener = net_.make_listener(80);
    const int client = net_.make_socket();
    EXPECT_EQ(net_.connect(client, 80), 0);
    send(client, "bye");
    net_.close(client);
    const int server = net_.accept(listener);
    EXPECT_EQ(server, client);  // As in a kernel, the lowest free descriptor.
    EXPECT_EQ(receive(server), "bye");
    EXPECT_EQ(receive(server), "");
}

TEST_F(simulated_network_test, poll_tells_the_state) {
    constexpr unsigned all = POLLIN | POLLOUT | POLLRDHUP;
    const auto [one, other] = net_.make_connection();
    EXPECT_EQ(net_.poll(one, POLLIN), -EAGAIN);
    EXPECT_EQ(net_.poll(one, all), POLLOUT);
    send(other, std::string(16, 'x'));
    EXPECT_EQ(net_.poll(one, all), POLLIN | POLLOUT);
    EXPECT_EQ(net_.poll(other, POLLOUT), -EAGAIN);
    net_.shutdown(other, SHUT_WR);
    EXPECT_EQ(net_.poll(one, all), POLLIN | POLLOUT | POLLRDHUP);
    net_.reset(other);
    EXPECT_NE(static_cast<unsigned>(net_.poll(one, POLLIN)) & POLLHUP, 0U);
    EXPECT_EQ(net_.poll(simulated_network::first_descriptor + 99, POLLIN), POLLNVAL);
    const int listener = net_.make_listener(80);
    EXPECT_EQ(net_.poll(listener, POLLIN), -EAGAIN);
    EXPECT_EQ(net_.connect(net_.make_socket(), 80), 0);
    EXPECT_EQ(net_.poll(listener, POLLIN), POLLIN);
}

}  // namespace
}  // namespace ringway::detail
