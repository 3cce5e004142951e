// The contract of drivers for making connections: accept and connect.
#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <ringway/ring/driver.hpp>

#include "support/driver_contract.hpp"
#include "support/operations.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::tracked_operation;

sockaddr_in address_of(const unique_fd& listener) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(test::port_of(listener.get())));
    return address;
}

operation accept_on(const unique_fd& listener, bool multishot = false) {
    return {.kind = op_kind::accept, .multishot = multishot, .fd = listener.get()};
}

template <class Address>
operation connect_to(const unique_fd& socket, Address& address) {
    return {.kind = op_kind::connect,
            .fd = socket.get(),
            .length = sizeof address,
            .address = &address};
}

struct driver_connections : test::driver_contract {
    unique_fd new_socket() const {
        return unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | ring().socket_flags(), 0)};
    }
};
RW_TEST_EACH_DRIVER(driver_connections);

TEST_P(driver_connections, accept_and_connect_meet) {
    const unique_fd listener = test::tcp_listener();
    sockaddr_in address = address_of(listener);
    tracked_operation accept{accept_on(listener)};
    submit(accept);
    settle();
    EXPECT_FALSE(accept.done());
    const unique_fd near = new_socket();
    EXPECT_EQ(run(connect_to(near, address)), 0);
    run_until([&] { return accept.done(); });
    const unique_fd far{accept.result()};
    ASSERT_TRUE(far);
    EXPECT_NE(::fcntl(far.get(), F_GETFD) & FD_CLOEXEC, 0);

    const std::string text = "over the loop";
    EXPECT_EQ(run(test::send_of(near.get(), text)), static_cast<int>(text.size()));
    std::string target(100, '\0');
    EXPECT_EQ(run(test::recv_into(far.get(), target)), static_cast<int>(text.size()));
}

TEST_P(driver_connections, accept_takes_who_came_before_it) {
    const unique_fd listener = test::tcp_listener();
    sockaddr_in address = address_of(listener);
    const unique_fd near = new_socket();
    EXPECT_EQ(run(connect_to(near, address)), 0);
    const unique_fd far{run(accept_on(listener))};
    EXPECT_TRUE(far);
}

TEST_P(driver_connections, multishot_accept_goes_on) {
    const unique_fd listener = test::tcp_listener();
    sockaddr_in address = address_of(listener);
    std::deque<unique_fd> accepted;
    tracked_operation accept{accept_on(listener, true)};
    accept.then = [&](tracked_operation& op) {
        if (op.result() >= 0) {
            accepted.emplace_back(op.result());
        }
    };
    std::deque<unique_fd> before;
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(run(connect_to(before.emplace_back(new_socket()), address)), 0);
    }
    submit(accept);
    run_until([&] { return accepted.size() == 10; });
    for (int i = 0; i < 10; ++i) {
        const unique_fd near = new_socket();
        EXPECT_EQ(run(connect_to(near, address)), 0);
        run_until([&] { return accepted.size() == 11U + static_cast<unsigned>(i); });
        EXPECT_TRUE(accept.completions.back().more);
    }
    EXPECT_EQ(cancel(accept), -ECANCELED);
    EXPECT_EQ(accept.completions.size(), 21U);
}

TEST_P(driver_connections, accept_says_that_there_are_no_descriptors) {
    const unique_fd listener = test::tcp_listener();
    sockaddr_in address = address_of(listener);
    const unique_fd near = new_socket();
    ASSERT_EQ(run(connect_to(near, address)), 0);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
    tracked_operation accept{accept_on(listener, true)};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const int refused = run(accept);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(refused, -EMFILE);
    EXPECT_FALSE(accept.completions.back().more);
    const unique_fd far{run(accept_on(listener))};
    EXPECT_TRUE(far);
}

TEST_P(driver_connections, accept_on_something_else_is_an_error) {
    EXPECT_EQ(run(accept_on(new_socket())), -EINVAL);
    EXPECT_EQ(run({.kind = op_kind::accept, .fd = 1 << 20}), -EBADF);
    sockaddr_in address{};
    EXPECT_EQ(run({.kind = op_kind::connect,
                   .fd = 1 << 20,
                   .length = sizeof address,
                   .address = &address}),
              -EBADF);
}

TEST_P(driver_connections, connect_over_a_unix_socket) {
    const unique_fd listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    // Without a path the kernel picks a name.
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)),
              0);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    socklen_t size = sizeof address;
    ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    const unique_fd near{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | ring().socket_flags(), 0)};
    EXPECT_EQ(
        run({.kind = op_kind::connect, .fd = near.get(), .length = size, .address = &address}), 0);
    const unique_fd far{run(accept_on(listener))};
    EXPECT_TRUE(far);
}

TEST_P(driver_connections, connect_says_that_nobody_listens) {
    unique_fd listener = test::tcp_listener();
    sockaddr_in address = address_of(listener);
    listener.reset();
    const unique_fd near = new_socket();
    EXPECT_EQ(run(connect_to(near, address)), -ECONNREFUSED);
}

TEST_P(driver_connections, connect_says_that_there_is_no_such_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, "no such socket");
    const unique_fd near{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | ring().socket_flags(), 0)};
    EXPECT_EQ(run(connect_to(near, address)), -ENOENT);
}

TEST_P(driver_connections, connect_works_on_a_socket_that_was_opened_blocking) {
    const unique_fd listener = test::tcp_listener();
    sockaddr_in address = address_of(listener);
    const unique_fd near = test::tcp_socket();
    EXPECT_EQ(run(connect_to(near, address)), 0);
}

// A listener whose queue is full answers nobody: the one way to see a connect wait on loopback.
TEST_P(driver_connections, connect_that_gets_no_answer_can_be_cancelled) {
    const unique_fd listener = test::tcp_listener(0);
    sockaddr_in address = address_of(listener);
    std::deque<unique_fd> sockets;
    std::deque<tracked_operation> connects;
    while (connects.empty() || (connects.back().done() && connects.size() < 10)) {
        const unique_fd& socket = sockets.emplace_back(new_socket());
        submit(connects.emplace_back(connect_to(socket, address)));
        settle();
    }
    ASSERT_FALSE(connects.back().done());
    EXPECT_EQ(cancel(connects.back()), -ECANCELED);
}

}  // namespace
}  // namespace ringway
