#include <cerrno>
#include <filesystem>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>

#include <ringway/net/listener.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

int option_of(int fd, int level, int option) {
    int value = -1;
    socklen_t size = sizeof(value);
    EXPECT_EQ(::getsockopt(fd, level, option, &value, &size), 0);
    return value;
}

int blocking_connect(const endpoint& where) {
    const int fd = ::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, where.address(), where.size()) != 0) {
        ::close(fd);
        return -errno;
    }
    return fd;
}

TEST(listener, listens_with_the_options_it_was_given) {
    const auto made =
        open_listener(endpoint::loopback(0), {.defer_accept = std::chrono::seconds{3}});
    ASSERT_TRUE(made.has_value()) << describe(made.error());
    const int fd = made->get();
    EXPECT_NE(local_endpoint(fd)->port(), 0);
    EXPECT_EQ(option_of(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
    EXPECT_EQ(option_of(fd, SOL_SOCKET, SO_REUSEADDR), 1);
    EXPECT_EQ(option_of(fd, SOL_SOCKET, SO_REUSEPORT), 0);
    EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_GT(option_of(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
}

// Goal: ":PORT" serves clients of both families.
TEST(listener, every_address_takes_both_families) {
    const auto made = open_listener(endpoint::every_address(0));
    ASSERT_TRUE(made.has_value()) << describe(made.error());
    const auto bound = local_endpoint(made->get());
    const std::uint16_t port = bound->port();
    const unique_fd v4{blocking_connect(endpoint::loopback(port))};
    EXPECT_TRUE(v4);
    if (bound->family() == AF_INET6) {
        const unique_fd v6{blocking_connect(parse_endpoint("[::1]:1")->with_port(port))};
        EXPECT_TRUE(v6);
    }
}

TEST(listener, a_used_port_is_reported_also_when_sockets_could_share_it) {
    const auto first = open_listener(endpoint::loopback(0), {.reuse_port = true});
    ASSERT_TRUE(first.has_value());
    const endpoint place = *local_endpoint(first->get());

    const auto second = open_listener(place);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().sys, EADDRINUSE);
    const auto group = open_listeners(place, 2);
    ASSERT_FALSE(group.has_value());
    EXPECT_EQ(group.error().sys, EADDRINUSE);
    EXPECT_NE(explain_listen_failure(place, group.error()).find("another program listens"),
              std::string::npos);
}

TEST(listener, a_group_shares_one_free_port) {
    const auto group = open_listeners(endpoint::loopback(0), 3);
    ASSERT_TRUE(group.has_value()) << describe(group.error());
    ASSERT_EQ(group->size(), 3U);
    for (const auto& fd : *group) {
        EXPECT_EQ(*local_endpoint(fd.get()), *local_endpoint(group->front().get()));
    }
}

TEST(listener, an_address_of_another_machine_is_reported) {
    const endpoint elsewhere = *parse_endpoint("192.0.2.1:0");
    const auto made = open_listener(elsewhere);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().sys, EADDRNOTAVAIL);
    EXPECT_NE(explain_listen_failure(elsewhere, made.error()).find("no such address"),
              std::string::npos);
}

TEST(listener, failures_are_explained) {
    const auto why = [](const char* where, int sys) {
        return explain_listen_failure(*parse_endpoint(where), error_from_errno(sys));
    };
    EXPECT_NE(why(":80", EACCES).find("CAP_NET_BIND_SERVICE"), std::string::npos);
    EXPECT_NE(why("unix:x", EACCES).find("no permission"), std::string::npos);
    EXPECT_NE(why("127.0.0.1:8080", EMFILE).find("ulimit -n"), std::string::npos);
    EXPECT_NE(why("unix:x", ENOENT).find("folder"), std::string::npos);
    EXPECT_NE(why("unix:x", ENOTSOCK).find("no socket"), std::string::npos);
    EXPECT_NE(why("127.0.0.1:99", EMFILE).find("127.0.0.1:99"), std::string::npos);
}

// Goal: a crashed server's socket file is no obstacle, a living server's is.
TEST(listener, stale_unix_socket_is_replaced_and_a_living_one_is_not) {
    const test::scratch_directory scratch;
    const endpoint place = *parse_endpoint("unix:" + scratch.at("socket"));
    {
        const auto first = open_listener(place);
        ASSERT_TRUE(first.has_value()) << describe(first.error());
        EXPECT_EQ(open_listener(place).error().sys, EADDRINUSE);
    }
    ASSERT_TRUE(std::filesystem::is_socket(scratch.at("socket")));  // Nobody accepts there now.
    const auto next = open_listener(place);
    ASSERT_TRUE(next.has_value()) << describe(next.error());
    const unique_fd client{blocking_connect(place)};
    EXPECT_TRUE(client);
}

TEST(listener, a_file_of_another_kind_is_never_removed) {
    const test::scratch_directory scratch;
    scratch.write("precious", "data");
    const auto made = open_listener(*parse_endpoint("unix:" + scratch.at("precious")));
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().sys, ENOTSOCK);
    EXPECT_TRUE(std::filesystem::is_regular_file(scratch.at("precious")));

    scratch.make_link("link", scratch.at("nowhere"));
    EXPECT_EQ(open_listener(*parse_endpoint("unix:" + scratch.at("link"))).error().sys, ENOTSOCK);
    EXPECT_TRUE(std::filesystem::is_symlink(scratch.at("link")));
}

TEST(listener, unix_group_is_one_socket) {
    const test::scratch_directory scratch;
    const auto group = open_listeners(*parse_endpoint("unix:" + scratch.at("socket")), 2);
    ASSERT_TRUE(group.has_value()) << describe(group.error());
    EXPECT_EQ(group->size(), 2U);
    const auto abstract = open_listener(*parse_endpoint("unix:@ringway-listener-test"));
    EXPECT_TRUE(abstract.has_value());
}

}  // namespace
}  // namespace ringway
