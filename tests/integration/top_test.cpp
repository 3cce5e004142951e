// Goal: `ringway top` as a process: what it may, what it leaves behind, and that nothing is lost
// uncounted.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "support/child_process.hpp"
#include "support/http_client.hpp"
#include "support/need_kernel.hpp"
#include "support/patience.hpp"
#include "support/prometheus_check.hpp"
#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"
#include "support/top_world.hpp"

namespace ringway::test {
namespace {

using top = top_world;

TEST_F(top, names_operations_of_io_uring) {
    if (const char* const driver = std::getenv("RINGWAY_DRIVER");
        driver != nullptr && std::string{driver} == "epoll") {
        GTEST_SKIP() << "the server runs without io_uring here";
    }
    start({"--watch", "io_uring"});
    const temporary_site site;
    site.add("file", "content");
    const server_process server{site.path()};
    EXPECT_EQ(server.get("/file").body, "content");
    const json row = find_row("io_uring", {{"op", "ACCEPT"}},
                              [](const json& each) { return each["submitted"] > 0; });
    EXPECT_TRUE(row["process"].is_string());
}

// Goal: nothing is lost uncounted.
TEST_F(top, counts_what_has_no_room) {
    start({"--table-size", "1", "--ring-size", "4096"});
    int port = 0;
    const unique_fd listener = listen_far(100, port);
    top_->signal(SIGSTOP);
    for (int i = 0; i < 40; ++i) {
        unique_fd client = connect_near(port);
        const unique_fd server{::accept(listener.get(), nullptr, nullptr)};
        reset_connection(client);
    }
    top_->signal(SIGCONT);
    EXPECT_TRUE(eventually([this] { return lost("ended connections") > 0; })) << look();
    EXPECT_GT(lost("connections without a place"), 0U);
    static_cast<void>(connect_near(9));
    static_cast<void>(connect_near(10));
    EXPECT_TRUE(eventually([this] { return lost("kinds of failed connects") > 0; }));
    fill_a_socket();  // So there are two reasons for drops.
    EXPECT_TRUE(eventually([this] { return lost("drops without a place") > 0; }));
}

TEST_F(top, leaves_nothing_behind_when_it_is_killed) {
    start();
    std::vector<std::string> ids;
    for (const json& each : look()["views"]["programs"]["rows"]) {
        if (each["whose"] == "top") {
            ids.push_back(std::to_string(each["id"].get<unsigned>()));
        }
    }
    ASSERT_GT(ids.size(), 5U);
    const auto is_there = [](const std::string& id) {
        const std::string command = "PATH=$PATH:/usr/sbin bpftool prog show id " + id + " >&2";
        return run_program({.program = "sh", .arguments = {"-c", command}}).exit_status == 0;
    };
    if (!is_there(ids.front())) {
        GTEST_SKIP() << "there is no bpftool here";
    }
    top_->signal(SIGKILL);
    static_cast<void>(top_->wait());
    for (const std::string& each : ids) {
        EXPECT_TRUE(eventually([&] { return !is_there(each); })) << each;
    }
}

TEST_F(top, serves_metrics) {
    net_->in(net_side::near, [this] {
        top_.emplace(
            launch{.program = RINGWAY_BINARY, .arguments = {"top", "--prometheus", "127.0.0.1:0"}});
    });
    const std::string before = "metrics at http://127.0.0.1:";
    ASSERT_TRUE(eventually([&] { return top_->standard_error().contains(before); }));
    const auto said = top_->standard_error();
    const int port = std::atoi(said.c_str() + said.find(before) + before.size());
    static_cast<void>(connect_near(9));
    http_response answer;
    net_->in(net_side::near, [&] { answer = http_client{port}.get("/metrics"); });
    EXPECT_EQ(answer.status, 200);
    const auto page = testing_support::check_prometheus(answer.body);
    EXPECT_EQ(page.problems, std::vector<std::string>{});
    EXPECT_GE(page.samples.at("ringway_top_tcp_connect_failures_total{reason=\"refused\"}"), 1);
    EXPECT_EQ(page.samples.at("ringway_top_view_up{view=\"connections\"}"), 1);
    top_->signal(SIGTERM);
    const auto ended = top_->wait();
    EXPECT_EQ(ended.exit_status, 0);
    EXPECT_FALSE(ended.standard_error.contains("warning")) << ended.standard_error;
}

// Goal: who lets other machines read everything is told.
TEST_F(top, warns_where_others_read_its_metrics) {
    net_->in(net_side::near, [this] {
        top_.emplace(
            launch{.program = RINGWAY_BINARY, .arguments = {"top", "--prometheus", "0.0.0.0:0"}});
    });
    EXPECT_TRUE(eventually([&] {
        return top_->standard_error().contains("--prometheus 0.0.0.0:0 lets other machines read");
    }));
    top_->signal(SIGTERM);
    EXPECT_EQ(top_->wait().exit_status, 0);
}

// Goal: the container is known although the process is in no container that this machine runs.
TEST_F(top, names_the_container) {
    const std::string id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const std::string mount = "$(awk '$3 == \"cgroup2\" {print $2; exit}' /proc/mounts)";
    const std::string group = mount + "/docker-" + id + ".scope";
    const auto in_shell = [](const std::string& command) {
        return run_program({.program = "sh", .arguments = {"-c", command}});
    };
    if (in_shell("test -d \"" + mount + "\" && mkdir " + group).exit_status != 0) {
        GTEST_SKIP() << "control groups (v2) can't be made here";
    }
    {
        std::optional<child_process> listener;
        net_->in(net_side::near, [&] {
            listener.emplace(launch{.program = "sh",
                                    .arguments = {"-c", "echo $$ > " + group +
                                                            "/cgroup.procs; exec '" RINGWAY_BINARY
                                                            "' top --prometheus 127.0.0.1:0"}});
        });
        start();
        find_row("queues", {{"process", "ringway"}, {"container", "docker:0123456789ab"}},
                 [](const json& each) { return each["protocol"] == "tcp"; });
        listener->signal(SIGTERM);
        EXPECT_EQ(listener->wait().exit_status, 0);
    }
    EXPECT_TRUE(eventually([&] { return in_shell("rmdir " + group).exit_status == 0; }));
}

// Goal: what a view can't have is said in its place, and the others work.
TEST_F(top, works_with_two_capabilities) {
    const std::string two = "-all,+bpf,+perfmon";
    std::vector<std::string> arguments{"--reuid", "65534", "--regid", "65534", "--clear-groups"};
    for (const char* const set : {"--bounding-set", "--inh-caps", "--ambient-caps"}) {
        arguments.insert(arguments.end(), {set, two});
    }
    const temporary_site site;  // The build's folder may be closed to others.
    const std::string copy = site.path() + "/ringway";
    std::filesystem::copy_file(RINGWAY_BINARY, copy);
    std::filesystem::permissions(site.path(), std::filesystem::perms{0755});
    arguments.insert(arguments.end(), {copy, "top", "--once", "--json", "-i", "200ms"});
    const auto ended = run_program({.program = "setpriv", .arguments = arguments});
    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    const json seen = json::parse(ended.standard_output);
    EXPECT_TRUE(seen["views"]["programs"]["missing"].get<std::string>().contains("CAP_SYS_ADMIN"));
    for (const char* const view : {"connections", "sources", "drops", "connects", "queues"}) {
        EXPECT_FALSE(seen["views"][view].contains("missing")) << view;
    }
}

// Goal: on an old kernel each view works, or names the kernel that has it.
TEST(top_command, names_the_kernel_that_has_a_view) {
    const auto ended = run_program(
        {.program = RINGWAY_BINARY, .arguments = {"top", "--once", "--json", "-i", "200ms"}});
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    const json views = json::parse(ended.standard_output)["views"];
    const auto missing = [&views](const char* view) { return views[view].value("missing", ""); };
    for (const char* const always : {"connections", "sources", "connects", "queues", "programs"}) {
        EXPECT_EQ(missing(always), "") << always;
    }
    const bool has_reasons = kernel_is_at_least(5, 17);
    EXPECT_EQ(missing("drops").contains("Linux 5.17 and later"), !has_reasons) << missing("drops");
    const bool has_requests = kernel_is_at_least(6, 0);
    EXPECT_EQ(missing("io_uring").contains("Linux 6.0 and later"), !has_requests)
        << missing("io_uring");
}

TEST_F(top, says_in_a_line_what_privilege_is_missing) {
    const auto ended =
        run_program({.program = RINGWAY_BINARY, .arguments = {"top", "--once"}, .user = 65534});
    EXPECT_EQ(ended.exit_status, 1);
    EXPECT_TRUE(ended.standard_error.contains("cap_bpf")) << ended.standard_error;
    EXPECT_EQ(std::ranges::count(ended.standard_error, '\n'), 1);
}

}  // namespace
}  // namespace ringway::test
