// Goal: the server listens where it is told to, and says in one line why when it can't start.
#include <algorithm>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <gtest/gtest.h>

#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

class serve_listen : public ::testing::Test {
protected:
    serve_listen() { site_.add("a", "content"); }
    temporary_site site_;
    scratch_directory beside_;
};

TEST_F(serve_listen, on_a_unix_socket) {
    const std::string path = beside_.at("socket");
    {
        const server_process server{site_.path(), {"--listen", "unix:" + path}};
        for (int i = 0; i < 8; ++i) {
            http_client client = http_client::on_unix_socket(path);
            EXPECT_EQ(client.get("/a").body, "content");
            EXPECT_EQ(client.get("/a").body, "content");
        }
    }
    // What an ended server left behind is no obstacle.
    const server_process again{site_.path(), {"--listen", "unix:" + path}};
    EXPECT_EQ(http_client::on_unix_socket(path).get("/a").body, "content");
}

TEST_F(serve_listen, on_several_at_once) {
    const std::string path = beside_.at("socket");
    const server_process server{
        site_.path(), {"--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0,unix:" + path}};
    ASSERT_EQ(server.ports().size(), 2U);
    EXPECT_NE(server.ports()[0], server.ports()[1]);
    EXPECT_EQ(http_client{server.ports()[0]}.get("/a").body, "content");
    EXPECT_EQ(http_client{server.ports()[1]}.get("/a").body, "content");
    EXPECT_EQ(http_client::on_unix_socket(path).get("/a").body, "content");
}

TEST_F(serve_listen, on_every_address) {
    const server_process server{site_.path(), {"--listen", ":0"}};
    EXPECT_EQ(server.get("/a").body, "content");
}

TEST_F(serve_listen, on_ipv6) {
    const unique_fd probe{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    if (!probe ||
        ::bind(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        GTEST_SKIP() << "this machine has no IPv6 loopback";
    }
    const server_process server{site_.path(), {"--listen", "[::1]:0"}};
    address.sin6_port = htons(static_cast<std::uint16_t>(server.port()));
    unique_fd socket{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ASSERT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    EXPECT_EQ(http_client{std::move(socket)}.get("/a").body, "content");
}

// One line on standard error that holds `part`, nothing on standard output, exit status 2.
void expect_refusal(const ended_process& ended, std::string_view part) {
    EXPECT_EQ(ended.exit_status, 2) << ended.standard_error;
    EXPECT_EQ(std::ranges::count(ended.standard_error, '\n'), 1) << ended.standard_error;
    EXPECT_TRUE(ended.standard_error.ends_with('\n'));
    EXPECT_NE(ended.standard_error.find(part), std::string::npos) << ended.standard_error;
    EXPECT_EQ(ended.standard_output, "");
}

TEST_F(serve_listen, port_in_use_is_told) {
    const unique_fd taken = tcp_listener();
    const std::string port = std::to_string(port_of(taken.get()));
    expect_refusal(run_command({"serve", site_.path(), "--listen", "127.0.0.1:" + port}), port);
}

TEST_F(serve_listen, port_of_another_server_is_told) {
    const server_process server{site_.path()};
    const std::string port = std::to_string(server.port());
    expect_refusal(run_command({"serve", site_.path(), "--listen", "127.0.0.1:" + port}), port);
    EXPECT_EQ(server.get("/a").body, "content");
}

TEST_F(serve_listen, file_in_place_of_a_unix_socket_is_left_alone) {
    beside_.write("file", "precious");
    expect_refusal(run_command({"serve", site_.path(), "--listen", "unix:" + beside_.at("file")}),
                   beside_.at("file"));
    struct stat facts{};
    EXPECT_EQ(::stat(beside_.at("file").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_size, 8);
}

TEST_F(serve_listen, live_unix_socket_is_left_alone) {
    const std::string path = beside_.at("socket");
    const server_process server{site_.path(), {"--listen", "unix:" + path}};
    expect_refusal(run_command({"serve", site_.path(), "--listen", "unix:" + path}), path);
    EXPECT_EQ(http_client::on_unix_socket(path).get("/a").body, "content");
}

TEST_F(serve_listen, wrong_options_are_told) {
    expect_refusal(run_command({"serve", site_.path(), "--lisen", "x"}), "--listen");
    expect_refusal(run_command({"serve", site_.path(), "--listen", "nonsense"}), "nonsense");
    expect_refusal(run_command({"serve", site_.path(), "--idle-timeout", "soon"}), "soon");
    expect_refusal(run_command({"serve", site_.path(), "--header", "nonsense"}), "nonsense");
    expect_refusal(run_command({"serve", site_.path(), "--header", "Content-Length: 1"}),
                   "Content-Length");
    expect_refusal(run_command({"serve", site_.path(), "--mime-types", beside_.at("none")}),
                   beside_.at("none"));
    expect_refusal(run_command({"serve", site_.path(), "--log", beside_.at("none/log"), "--listen",
                                "127.0.0.1:0"}),
                   beside_.at("none/log"));
}

TEST_F(serve_listen, wrong_directories_are_told) {
    expect_refusal(run_command({"serve", beside_.at("none")}), beside_.at("none"));
    expect_refusal(run_command({"serve", site_.at("a")}), site_.at("a"));
}

TEST_F(serve_listen, wrong_variables_are_told) {
    expect_refusal(run_command({"serve", site_.path()}, {{"RINGWAY_DRIVER", "bogus"}}),
                   "RINGWAY_DRIVER");
    expect_refusal(run_command({"serve", site_.path()}, {{"RINGWAY_IDLE_TIMEOUT", "soon"}}),
                   "RINGWAY_IDLE_TIMEOUT");
}

TEST_F(serve_listen, variables_are_options) {
    const server_process server{
        site_.path(), {}, {.environment = {{"RINGWAY_CACHE_CONTROL", "no-store"}}}};
    EXPECT_EQ(server.get("/a").field("Cache-Control"), "no-store");
}

// Goal: where io_uring is refused, as in many containers, everything works by epoll, and the
// banner says so; who insists on io_uring is told.
TEST_F(serve_listen, without_io_uring_epoll_serves) {
    const launch container{.environment = {{"RINGWAY_DRIVER", "auto"}},
                           .refused_call = SYS_io_uring_setup};
    const server_process server{site_.path(), {}, container};
    EXPECT_EQ(server.get("/a").body, "content");
    EXPECT_NE(server.said().find("epoll"), std::string::npos);
    launch insisting = container;
    insisting.program = RINGWAY_BINARY;
    insisting.arguments = {"serve",    site_.path(), "--driver",
                           "io_uring", "--listen",   "127.0.0.1:0"};
    expect_refusal(run_program(insisting), "--driver epoll");
    insisting.arguments = {"get", "--driver", "io_uring", "http://127.0.0.1:1/"};
    EXPECT_TRUE(run_program(insisting).standard_error.contains("io_uring is refused here"));
}

// Goal: commands that do not take RINGWAY_DRIVER for an option say what is wrong with it too.
TEST_F(serve_listen, a_driver_that_is_none_is_told_by_other_commands) {
    const std::vector<std::vector<std::string>> commands{{"get", "http://127.0.0.1:1/"},
                                                         {"cp", site_.at("a"), site_.at("b")}};
    for (const auto& each : commands) {
        const auto ended = run_command(each, {{"RINGWAY_DRIVER", "bogus"}});
        EXPECT_NE(ended.exit_status, 0);
        EXPECT_TRUE(ended.standard_error.contains("RINGWAY_DRIVER must be io_uring, epoll or auto"))
            << ended.standard_error;
    }
}

// Goal: without openat2 (old kernels, seccomp profiles) files are served, links are not.
TEST_F(serve_listen, without_openat2_files_are_served) {
    site_.add("d/x", "deep");
    site_.add_link("link", "a");
    const server_process server{site_.path(), {}, {.refused_call = SYS_openat2}};
    EXPECT_EQ(server.get("/a").body, "content");
    EXPECT_EQ(server.get("/d/x").body, "deep");
    EXPECT_EQ(server.get("/link").status, 403);
    EXPECT_EQ(server.get("/../x").status, 400);
}

}  // namespace
}  // namespace ringway::test
