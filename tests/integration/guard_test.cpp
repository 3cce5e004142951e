// The guard as a process: what it tells, what others may do to it, how it ends.
#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/child_process.hpp"
#include "support/need_bpf.hpp"
#include "support/patience.hpp"
#include "support/virtual_network.hpp"

namespace ringway::test {
namespace {

using words = std::vector<std::string>;

launch command_of(words arguments) {
    arguments.insert(arguments.begin(), "guard");
    return {.program = RINGWAY_BINARY, .arguments = std::move(arguments)};
}

std::string socket_path() {
    return testing::TempDir() + "guard_test_" + std::to_string(::getpid()) + ".sock";
}

std::string written(const char* name, const std::string& text) {
    const auto path = testing::TempDir() + name;
    std::ofstream{path} << text;
    return path;
}

// A second; longer where a program takes that long to begin.
int short_while() {
    return std::max(1, static_cast<int>(patience(std::chrono::milliseconds{200}).count() / 1000));
}

// A shell command that connects to a port of "near", and gives up after a short while.
std::string connect_to(int port) {
    return "timeout " + std::to_string(short_while()) + " bash -c 'exec 3<>/dev/tcp/10.77.0.1/" +
           std::to_string(port) + "' 2>/dev/null";
}

bool has_program(const virtual_network& network) {
    return network.run(net_side::near, "ip link show near | grep -q prog/xdp") == 0;
}

// The kernel completes handshakes whether or not anybody accepts.
unique_fd listening_at(std::uint16_t port) {
    unique_fd made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(port);
    here.sin_addr.s_addr = htonl(0x0a4d0001);  // 10.77.0.1
    EXPECT_EQ(::bind(made.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
    EXPECT_EQ(::listen(made.get(), 8), 0);
    return made;
}

class guard_test : public testing::Test {
protected:
    // Nothing when this build has no BPF or this machine no namespaces: the test is skipped then.
    bool ready() {
        const auto asked = run_program(command_of({"status", "--socket", "/nowhere"}));
        if (asked.standard_error.find("this build has no BPF programs") != std::string::npos) {
            return false;
        }
        std::string refused;
        network_ = virtual_network::make({}, refused);
        return network_ != nullptr;
    }

    // A guard on "near"; `more` are its options.
    void start(words more = {}) {
        words arguments{"near", "--socket", socket_path(), "--no-admin"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        network_->in(net_side::near, [&] { guard_.emplace(command_of(std::move(arguments))); });
        EXPECT_TRUE(eventually([&] {
            return guard_->standard_error().find("guarding near") != std::string::npos ||
                   guard_->has_ended();
        }));
        EXPECT_FALSE(guard_->has_ended()) << guard_->standard_error();
    }

    ended_process ask(words arguments) {
        arguments.insert(arguments.end(), {"--socket", socket_path()});
        return run_program(command_of(std::move(arguments)));
    }

    std::unique_ptr<virtual_network> network_;
    std::optional<child_process> guard_;
};

#define RW_NEED_NETWORK()                                 \
    RW_NEED_BPF();                                        \
    if (!ready()) {                                       \
        GTEST_SKIP() << "needs root, namespaces and BPF"; \
    }                                                     \
    static_assert(true)

TEST_F(guard_test, commands_and_a_clean_end) {
    RW_NEED_NETWORK();
    start();
    EXPECT_TRUE(has_program(*network_));
    const auto status = ask({"status"});
    EXPECT_EQ(status.exit_status, 0) << status.standard_error;
    EXPECT_NE(status.standard_output.find("near: guarded by process"), std::string::npos);
    EXPECT_NE(status.standard_output.find("kept ports: tcp/22"), std::string::npos);
    EXPECT_EQ(ask({"add", "block", "192.0.2.0/24", "--for", "10m"}).standard_output,
              "1 entries blocked\n");
    EXPECT_NE(ask({"list"}).standard_output.find("192.0.2.0/24"), std::string::npos);
    EXPECT_NE(ask({"stats"}).standard_output.find("packets passed"), std::string::npos);
    const auto wrong = ask({"add", "block", "192.0.2.0/33"});
    EXPECT_EQ(wrong.exit_status, 2);
    EXPECT_EQ(wrong.standard_error,
              "ringway: \"192.0.2.0/33\": the length of the prefix is 0 to 32\n");
    guard_->signal(SIGTERM);
    EXPECT_EQ(guard_->wait().exit_status, 0);
    EXPECT_FALSE(has_program(*network_));
    EXPECT_FALSE(std::filesystem::exists(socket_path()));
}

// Goal: however it dies, nothing of it stays on the interface. In the middle of loading lists too.
TEST_F(guard_test, nothing_stays_after_kill_9) {
    RW_NEED_NETWORK();
    std::string many;
    for (int i = 0; i < 200'000; ++i) {
        many += "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." +
                std::to_string(i & 255) + "\n";
    }
    const auto list = written("guard_many.txt", many);
    for (const bool loading : {false, true}) {
        SCOPED_TRACE(loading);
        start({"--block", list});
        EXPECT_TRUE(has_program(*network_));
        if (loading) {
            const child_process load{command_of({"load", "--socket", socket_path()})};
            ::usleep(30'000);
            guard_->signal(SIGKILL);
            EXPECT_EQ(guard_->wait().exit_status, 128 + SIGKILL);
        } else {
            guard_->signal(SIGKILL);
            EXPECT_EQ(guard_->wait().exit_status, 128 + SIGKILL);
        }
        EXPECT_TRUE(eventually([&] { return !has_program(*network_); }));
        guard_.reset();
    }
    // What is left of the socket is in nobody's way.
    start();
    EXPECT_EQ(ask({"status"}).exit_status, 0);
}

TEST_F(guard_test, a_second_one_is_refused_and_told_of_the_first) {
    RW_NEED_NETWORK();
    start();
    const auto second = [&](words more) {
        ended_process ended;
        more.insert(more.begin(), "near");
        network_->in(net_side::near, [&] { ended = run_program(command_of(std::move(more))); });
        return ended;
    };
    const auto same = second({"--socket", socket_path()});
    EXPECT_EQ(same.exit_status, 1);
    EXPECT_NE(same.standard_error.find("process " + std::to_string(guard_->id())),
              std::string::npos)
        << same.standard_error;
    const auto other = second({"--socket", socket_path() + "2"});
    EXPECT_EQ(other.exit_status, 1);
    EXPECT_NE(other.standard_error.find("has an XDP program already"), std::string::npos);
    EXPECT_NE(other.standard_error.find("\"guard\""), std::string::npos) << other.standard_error;
    EXPECT_EQ(ask({"status"}).exit_status, 0);
}

TEST_F(guard_test, files_with_mistakes_leave_what_is_in_force) {
    RW_NEED_NETWORK();
    const auto good = written("guard_good.txt", "10.0.0.0/8\n192.0.2.1 for 1h # him\n");
    const auto bad = written("guard_bad.txt", "10.0.0.0/8\nthose people\n");
    start({"--block", good});
    const auto refused = ask({"load", "--block", bad});
    EXPECT_EQ(refused.exit_status, 1);
    EXPECT_EQ(refused.standard_error, "ringway: " + bad +
                                          ":2: \"those\" is no IP address; the lists in force "
                                          "stay\n");
    EXPECT_NE(ask({"status"}).standard_output.find("2 blocked"), std::string::npos);
    written("guard_good.txt", "10.0.0.0/8\n");
    guard_->signal(SIGHUP);
    EXPECT_TRUE(eventually(
        [&] { return ask({"status"}).standard_output.find("1 blocked") != std::string::npos; }));
}

TEST_F(guard_test, entries_end_by_themselves) {
    RW_NEED_NETWORK();
    start();
    const std::string lifetime = std::to_string(short_while()) + "s";
    EXPECT_EQ(ask({"add", "block", "192.0.2.1", "--for", lifetime}).exit_status, 0);
    EXPECT_NE(ask({"list"}).standard_output.find("192.0.2.1"), std::string::npos);
    EXPECT_TRUE(eventually([&] { return ask({"list"}).standard_output.empty(); }));
}

// Goal: events that could not be written are counted, and told of once.
TEST_F(guard_test, events_without_room_are_counted) {
    RW_NEED_NETWORK();
    start({"--block", written("everybody.txt", "0.0.0.0/0\n"), "--events", "/dev/full"});
    EXPECT_EQ(network_->run(net_side::far,
                            "bash -c 'for i in {1..2000}; do echo x >/dev/udp/10.77.0.1/9; done'"),
              0);
    EXPECT_TRUE(eventually([&] {
        const auto stats = nlohmann::json::parse(ask({"stats", "--json"}).standard_output);
        return stats["events_lost"].get<int>() > 1;
    }));
    const std::string line =
        "ringway: --events /dev/full: No space left on device; events are lost";
    const auto said = guard_->standard_error();
    EXPECT_NE(said.find(line), std::string::npos) << said;
    EXPECT_EQ(said.find(line), said.rfind(line)) << said;
}

TEST_F(guard_test, metrics_are_served) {
    RW_NEED_NETWORK();
    start({"--metrics", "10.77.0.1:9101"});
    const auto script = written("guard_fetch.sh",
                                "exec 3<>/dev/tcp/10.77.0.1/9101\n"
                                "printf 'GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n"
                                "Connection: close\\r\\n\\r\\n' >&3\n"
                                "grep -q 'guard_packets_total{interface=\"near\"' <&3\n");
    EXPECT_EQ(network_->run(net_side::far, "timeout 10 bash " + script), 0);
}

// Goal: who believes to be guarded and is not hears of it.
TEST_F(guard_test, ends_when_its_interface_goes) {
    RW_NEED_NETWORK();
    start();
    EXPECT_EQ(network_->run(net_side::near, "ip link del near"), 0);
    const auto ended = guard_->wait();
    EXPECT_EQ(ended.exit_status, 1);
    EXPECT_NE(ended.standard_error.find("nothing guards near any more"), std::string::npos)
        << ended.standard_error;
}

// Goal: nobody locks themselves out, even with everything blocked.
TEST_F(guard_test, with_everything_blocked_ssh_and_the_operator_get_through) {
    RW_NEED_NETWORK();
    start({"--block", written("guard_all.txt", "0.0.0.0/0\n::/0\n")});
    unique_fd ssh;
    unique_fd web;
    network_->in(net_side::near, [&] {
        ssh = listening_at(22);
        web = listening_at(8080);
    });
    const auto connects = [&](int port) {
        return network_->run(net_side::far, connect_to(port)) == 0;
    };
    EXPECT_TRUE(connects(22));
    EXPECT_FALSE(connects(8080));
    EXPECT_EQ(ask({"add", "allow", "10.77.0.2"}).exit_status, 0);
    EXPECT_TRUE(connects(8080));
}

TEST_F(guard_test, without_privileges_it_says_what_is_missing) {
    RW_NEED_NETWORK();
    auto how = command_of({"near", "--socket", "/tmp/guard_test_nobody.sock"});
    how.user = 65534;
    ended_process ended;
    network_->in(net_side::near, [&] { ended = run_program(how); });
    EXPECT_EQ(ended.exit_status, 1);
    for (const char* const part : {"cap_bpf", "cap_net_admin", "cap_perfmon", "setcap"}) {
        EXPECT_NE(ended.standard_error.find(part), std::string::npos) << ended.standard_error;
    }
}

// Goal: root is not needed, three capabilities are.
TEST_F(guard_test, works_for_nobody_with_three_capabilities) {
    RW_NEED_NETWORK();
    if (!std::filesystem::exists("/usr/bin/setpriv")) {
        GTEST_SKIP() << "needs setpriv (util-linux)";
    }
    const auto folder = testing::TempDir() + "guard_nobody";
    std::filesystem::create_directories(folder);
    ASSERT_EQ(::chown(folder.c_str(), 65534, 65534), 0);
    const auto binary = folder + "/ringway";  // Where others may come.
    std::filesystem::copy_file(RINGWAY_BINARY, binary,
                               std::filesystem::copy_options::overwrite_existing);
    const std::string capabilities = "+bpf,+net_admin,+perfmon";
    network_->in(net_side::near, [&] {
        guard_.emplace(launch{
            .program = "/usr/bin/setpriv",
            .arguments = {"--reuid=65534", "--regid=65534", "--clear-groups",
                          "--inh-caps=-all," + capabilities, "--bounding-set=-all," + capabilities,
                          "--ambient-caps=-all," + capabilities, binary, "guard", "near", "--rate",
                          "1000", "--no-admin", "--socket", folder + "/guard.sock"}});
    });
    EXPECT_TRUE(eventually([&] {
        return guard_->standard_error().find("guarding near") != std::string::npos ||
               guard_->has_ended();
    }));
    EXPECT_EQ(guard_->standard_error().find("ringway: guarding near"), 0U)
        << guard_->standard_error();
    const auto status = run_program(command_of({"status", "--socket", folder + "/guard.sock"}));
    EXPECT_EQ(status.exit_status, 0) << status.standard_error;
    EXPECT_TRUE(has_program(*network_));
}

TEST_F(guard_test, without_a_guard_commands_say_so) {
    const auto nobody = ask({"status"});
    EXPECT_EQ(nobody.exit_status, 1);
    EXPECT_NE(nobody.standard_error.find("no guard listens at"), std::string::npos);
}

}  // namespace
}  // namespace ringway::test
