#include "ring/simulated_calls.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway::detail {
namespace {

using step = attempt_outcome::step;

class simulated_calls_test : public ::testing::Test {
protected:
    void set(fault kind, std::uint16_t rate) {
        options_.per_mille[kind] = rate;
        faults_ = simulated_faults{options_};
    }

    attempt_outcome attempt(const operation& op) { return calls_.attempt(op, done_); }

    operation on(int fd, op_kind kind, void* address = nullptr, std::uint32_t length = 0) {
        done_ = 0;
        operation op;
        op.kind = kind;
        op.fd = fd;
        op.address = address;
        op.length = length;
        return op;
    }

    operation sending(int fd, std::string& text) {
        return on(fd, op_kind::send, text.data(), static_cast<std::uint32_t>(text.size()));
    }

    std::string received(int fd) {
        std::string text(100, ' ');
        const auto got = calls_.attempt(on(fd, op_kind::recv, text.data(), 100), done_);
        text.resize(got.next == step::finished && got.told.result > 0
                        ? static_cast<std::size_t>(got.told.result)
                        : 0);
        return text;
    }

    simulation_options options_;
    simulated_faults faults_{options_};
    simulated_network net_{16, 4, faults_.random()};
    simulated_buffers pool_{2, 8, faults_.random()};
    driver_counters counters_;
    simulated_calls calls_{net_, pool_, faults_, counters_};
    std::uint32_t done_ = 0;
    std::array<int, 2> pair_ = net_.make_connection();
};

TEST_F(simulated_calls_test, nop_is_done) {
    EXPECT_EQ(attempt(on(-1, op_kind::nop)).next, step::finished);
}

TEST_F(simulated_calls_test, a_send_goes_on_until_all_has_gone) {
    std::string text = "0123456789abcdefghij";
    const operation op = sending(pair_[0], text);
    EXPECT_EQ(attempt(op).next, step::again);
    EXPECT_EQ(done_, 16U);
    const std::uint32_t so_far = done_;
    EXPECT_EQ(attempt(op).next, step::blocked);
    std::string got = received(pair_[1]);
    done_ = so_far;
    const attempt_outcome rest = attempt(op);
    EXPECT_EQ(rest.next, step::finished);
    EXPECT_EQ(rest.told.result, 20);
    EXPECT_EQ(got + received(pair_[1]), text);
}

TEST_F(simulated_calls_test, a_send_that_breaks_midway_says_how_far_it_came) {
    std::string text(20, 'x');
    const operation op = sending(pair_[0], text);
    EXPECT_EQ(attempt(op).next, step::again);
    net_.reset(pair_[0]);
    EXPECT_EQ(attempt(op).told.result, 16);
    EXPECT_EQ(attempt(sending(pair_[0], text)).told.result, -EPIPE);
}

TEST_F(simulated_calls_test, a_message_is_sent_and_received_in_parts) {
    std::string one = "abc";
    std::string two = "defgh";
    std::array<iovec, 3> parts{{{one.data(), one.size()}, {nullptr, 0}, {two.data(), two.size()}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    EXPECT_EQ(attempt(on(pair_[0], op_kind::sendmsg, &message)).told.result, 8);
    std::string in(10, ' ');
    std::array<iovec, 2> into{{{in.data(), 2}, {in.data() + 2, 8}}};
    message.msg_iov = into.data();
    message.msg_iovlen = into.size();
    EXPECT_EQ(attempt(on(pair_[1], op_kind::recvmsg, &message)).told.result, 8);
    EXPECT_EQ(in, "abcdefgh  ");
}

TEST_F(simulated_calls_test, short_steps_of_a_message_keep_its_order) {
    set(fault::short_write, 700);
    for (int round = 0; round < 50; ++round) {
        std::string one = "abc";
        std::string two = "defghijk";
        std::array<iovec, 2> parts{{{one.data(), one.size()}, {two.data(), two.size()}}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const operation op = on(pair_[0], op_kind::sendmsg, &message);
        attempt_outcome outcome = attempt(op);
        while (outcome.next == step::again) {
            outcome = attempt(op);
        }
        EXPECT_EQ(outcome.told.result, 11);
        EXPECT_EQ(received(pair_[1]), "abcdefghijk");
    }
    EXPECT_GT(faults_.struck()[fault::short_write], 0U);
}

TEST_F(simulated_calls_test, a_pooled_receive_takes_a_buffer_only_for_bytes) {
    operation op = on(pair_[1], op_kind::recv);
    op.select_buffer = true;
    EXPECT_EQ(attempt(op).next, step::blocked);
    std::string text = "0123456789";
    attempt(sending(pair_[0], text));
    const attempt_outcome got = attempt(op);
    ASSERT_EQ(got.told.result, 8);
    const buffer_lease lease = pool_.lease(got.told.buffer, 8);
    EXPECT_EQ(as_text(lease.bytes()), "01234567");
    EXPECT_FALSE(got.told.more);
}

TEST_F(simulated_calls_test, a_receive_without_buffers_fails) {
    operation op = on(pair_[1], op_kind::recv);
    op.select_buffer = true;
    op.multishot = true;
    std::string text = "0123456789abcdef";
    attempt(sending(pair_[0], text));
    const attempt_outcome first = attempt(op);
    EXPECT_TRUE(first.told.more);
    const attempt_outcome second = attempt(op);
    attempt(sending(pair_[0], text));
    const attempt_outcome third = attempt(op);
    EXPECT_EQ(third.told.result, -ENOBUFS);
    EXPECT_FALSE(third.told.more);
    EXPECT_EQ(third.told.buffer, completion::no_buffer);
    EXPECT_EQ(counters_.buffers_exhausted.get(), 1U);
    pool_.put_back(first.told.buffer);
    pool_.put_back(second.told.buffer);
}

TEST_F(simulated_calls_test, the_end_may_name_a_buffer) {
    set(fault::buffer_on_failure, 1000);
    net_.close(pair_[0]);
    operation op = on(pair_[1], op_kind::recv);
    op.select_buffer = true;
    op.multishot = true;
    const attempt_outcome got = attempt(op);
    EXPECT_EQ(got.told.result, 0);
    EXPECT_FALSE(got.told.more);
    ASSERT_NE(got.told.buffer, completion::no_buffer);
    pool_.put_back(got.told.buffer);
}

TEST_F(simulated_calls_test, multishot_needs_the_pool) {
    operation op = on(pair_[1], op_kind::recv);
    op.multishot = true;
    EXPECT_EQ(attempt(op).told.result, -EINVAL);
}

TEST_F(simulated_calls_test, who_does_not_want_to_wait_is_told) {
    std::string text(20, 'x');
    operation op = on(pair_[1], op_kind::recv, text.data(), 20);
    op.flags = MSG_DONTWAIT;
    EXPECT_EQ(attempt(op).told.result, -EAGAIN);
    op = sending(pair_[0], text);
    op.flags = MSG_DONTWAIT;
    EXPECT_EQ(attempt(op).told.result, 16);
    op = sending(pair_[0], text);
    op.flags = MSG_DONTWAIT;
    EXPECT_EQ(attempt(op).told.result, -EAGAIN);
}

TEST_F(simulated_calls_test, connects_to_the_port_in_an_address) {
    const int listener = net_.make_listener(8080);
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(8080);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(8081);
    EXPECT_EQ(attempt(on(net_.make_socket(), op_kind::connect, &four, sizeof four)).told.result, 0);
    EXPECT_EQ(attempt(on(net_.make_socket(), op_kind::connect, &six, sizeof six)).told.result,
              -ECONNREFUSED);
    operation accept = on(listener, op_kind::accept);
    accept.multishot = true;
    const attempt_outcome accepted = attempt(accept);
    EXPECT_GE(accepted.told.result, simulated_network::first_descriptor);
    EXPECT_TRUE(accepted.told.more);
    EXPECT_EQ(attempt(accept).next, step::blocked);
}

TEST_F(simulated_calls_test, sendfile_moves_what_fits_and_says_when_the_file_ends) {
    const unique_fd file{::memfd_create("file", MFD_CLOEXEC)};
    ASSERT_EQ(::pwrite(file.get(), "0123456789abcdefghij", 20, 0), 20);
    operation op = on(pair_[0], op_kind::sendfile, nullptr, 100);
    op.other_fd = file.get();
    EXPECT_EQ(attempt(op).told.result, 16);
    op.offset = 16;
    EXPECT_EQ(attempt(op).next, step::blocked);
    EXPECT_EQ(received(pair_[1]), "0123456789abcdef");
    EXPECT_EQ(attempt(op).told.result, 4);
    op.offset = 20;
    EXPECT_EQ(attempt(op).told.result, 0);
    EXPECT_EQ(received(pair_[1]), "ghij");
    op.offset = 9;
    op.length = 3;
    EXPECT_EQ(attempt(op).told.result, 3);
    EXPECT_EQ(received(pair_[1]), "9ab");
    net_.reset(pair_[0]);
    EXPECT_EQ(attempt(op).told.result, -ECONNRESET);
}

TEST_F(simulated_calls_test, splices_from_a_pipe_to_a_socket) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const unique_fd in{ends[0]};
    const unique_fd out{ends[1]};
    operation op = on(in.get(), op_kind::splice, nullptr, 100);
    op.offset = operation::no_offset;
    op.other_fd = pair_[0];
    EXPECT_EQ(attempt(op).next, step::blocked);
    ASSERT_EQ(::write(out.get(), "0123456789abcdefghij", 20), 20);
    EXPECT_EQ(attempt(op).told.result, 16);
    EXPECT_EQ(received(pair_[1]), "0123456789abcdef");
    EXPECT_EQ(attempt(op).told.result, 4);
}

TEST_F(simulated_calls_test, faults_come_as_errors) {
    std::string text = "x";
    set(fault::eintr, 1000);
    EXPECT_EQ(attempt(sending(pair_[0], text)).told.result, -EINTR);
    set(fault::eintr, 0);
    set(fault::enomem, 1000);
    EXPECT_EQ(attempt(sending(pair_[0], text)).told.result, -ENOMEM);
    set(fault::enomem, 0);
    set(fault::reset, 1000);
    EXPECT_EQ(attempt(sending(pair_[0], text)).told.result, -ECONNRESET);
    set(fault::file_error, 1000);
    EXPECT_EQ(attempt(on(0, op_kind::fsync)).told.result, -EIO);
    set(fault::accept_error, 1000);
    EXPECT_LT(attempt(on(net_.make_listener(0), op_kind::accept)).told.result, 0);
    set(fault::connect_error, 1000);
    EXPECT_LT(attempt(on(net_.make_socket(), op_kind::connect)).told.result, 0);
}

TEST_F(simulated_calls_test, an_injected_lack_of_buffers_needs_a_lease) {
    set(fault::enobufs, 1000);
    operation op = on(pair_[1], op_kind::recv);
    op.select_buffer = true;
    EXPECT_EQ(attempt(op).next, step::blocked);
    const buffer_lease lease = pool_.lease(pool_.take(), 0);
    EXPECT_EQ(attempt(op).told.result, -ENOBUFS);
}

}  // namespace
}  // namespace ringway::detail
