#include "guard/control_socket.hpp"

#include <csignal>
#include <fmt/core.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/guard_world.hpp"
#include "support/need_bpf.hpp"
#include "support/virtual_network.hpp"

namespace ringway::guard {
namespace {

using test::net_side;

std::filesystem::path path_of(const char* name) {
    const auto folder =
        std::filesystem::path{testing::TempDir()} / ("cs_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    return folder / name;
}

// A guard on "near" that answers at `path`, on a thread of its own.
class running_guard {
public:
    explicit running_guard(const std::filesystem::path& path) {
        auto socket = control_socket::open(path);
        EXPECT_TRUE(socket.has_value()) << socket.error();
        auto made = guard_service::start({.interface = "near"}, std::chrono::steady_clock::now());
        EXPECT_TRUE(made.has_value()) << made.error();
        if (socket && made) {
            service_ = *std::move(made);
            thread_ = std::thread{[this, mine = *std::move(socket)]() mutable {
                mine.run(*service_, end_.get(), [](const guard_event&) { return true; });
            }};
        }
    }
    ~running_guard() {
        ::eventfd_write(end_.get(), 1);
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    running_guard(const running_guard&) = delete;
    running_guard& operator=(const running_guard&) = delete;

private:
    unique_fd end_{::eventfd(0, EFD_CLOEXEC)};
    std::unique_ptr<guard_service> service_;
    std::thread thread_;
};

TEST(control_socket, answers_and_is_private) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto path = path_of("a.sock");
        {
            const running_guard running{path};
            const auto answer = ask_guard(path, R"({"do":"status"})");
            ASSERT_TRUE(answer.has_value()) << answer.error();
            EXPECT_NE(answer->find(R"("interface":"near")"), std::string::npos);
            EXPECT_EQ(listener_of(path), ::getpid());
            struct stat status{};
            ASSERT_EQ(::stat(path.c_str(), &status), 0);
            EXPECT_EQ(status.st_mode & 0777U, 0600U);
        }
        EXPECT_FALSE(std::filesystem::exists(path));
        const auto nobody = ask_guard(path, "{}");
        ASSERT_FALSE(nobody.has_value());
        EXPECT_EQ(nobody.error(),
                  "no guard listens at " + path.native() + "; ringway guard IFACE starts one");
    });
}

TEST(control_socket, a_second_guard_learns_who_is_there) {
    const auto path = path_of("b.sock");
    const auto first = control_socket::open(path);
    ASSERT_TRUE(first.has_value()) << first.error();
    const auto second = control_socket::open(path);
    ASSERT_FALSE(second.has_value());
    EXPECT_NE(second.error().find("process " + std::to_string(::getpid())), std::string::npos)
        << second.error();
}

TEST(control_socket, takes_the_place_of_one_that_was_left_behind) {
    const auto path = path_of("c.sock");
    {
        const unique_fd dead{::socket(AF_UNIX, SOCK_STREAM, 0)};
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.native().copy(&address.sun_path[0], sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
                  0);
    }
    EXPECT_TRUE(std::filesystem::exists(path));
    const auto mine = control_socket::open(path);
    EXPECT_TRUE(mine.has_value()) << mine.error();
}

// Goal: a folder with a mistake in its name is not made.
TEST(control_socket, folders_of_others_are_not_made) {
    const auto path = path_of("nothing") / "d.sock";
    const auto refused = control_socket::open(path);
    ASSERT_FALSE(refused.has_value());
    EXPECT_TRUE(refused.error().ends_with("No such file or directory; make its folder first"))
        << refused.error();
    EXPECT_FALSE(std::filesystem::exists(path.parent_path()));
}

// Goal: a request that nobody reads now is not carried out later.
TEST(control_socket, a_stopped_guard_is_told_at_once) {
    const auto path = path_of("e.sock");
    const pid_t child = ::fork();
    if (child == 0) {
        const auto mine = control_socket::open(path);
        ::raise(SIGSTOP);
        ::_exit(mine ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, WUNTRACED), child);
    ASSERT_TRUE(WIFSTOPPED(status));
    const auto answer = ask_guard(path, R"({"do":"status"})");
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(
        answer.error(),
        fmt::format("the guard, process {0}, is stopped; kill -CONT {0} lets it go on", child));
}

TEST(control_socket, names_that_are_too_long_are_told) {
    const auto refused = control_socket::open(path_of(std::string(120, 'x').c_str()));
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().find("longer than the name of a socket"), std::string::npos);
}

}  // namespace
}  // namespace ringway::guard
