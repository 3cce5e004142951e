// Goal: what `ringway top` tells is what the test did, in namespaces of its own.
#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
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
#include "support/virtual_network.hpp"

namespace ringway::test {
namespace {

using nlohmann::json;

constexpr const char* near_address = "10.77.0.1";
constexpr const char* far_address = "10.77.0.2";

sockaddr_in v4(const std::string& address, int port) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, address.c_str(), &made.sin_addr);
    return made;
}

const sockaddr* any(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

class top : public ::testing::Test {
protected:
    void SetUp() override {
        RW_NEED_KERNEL(5, 17, "all of what top shows");  // But for io_uring: 6.0.
        const auto tried =
            run_program({.program = RINGWAY_BINARY, .arguments = {"top", "--once", "-i", "100ms"}});
        if (tried.exit_status != 0) {
            GTEST_SKIP() << tried.standard_error;
        }
        std::string why_not;
        net_ = virtual_network::make({}, why_not);
        if (!net_) {
            GTEST_SKIP() << why_not;
        }
    }

    // Starts it in the near namespace; it is at work when this returns.
    void start(std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"top", "--json", "-i", "200ms"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        net_->in(net_side::near,
                 [&] { top_.emplace(launch{.program = RINGWAY_BINARY, .arguments = arguments}); });
        ASSERT_TRUE(eventually([this] { return top_->standard_output().contains('\n'); }))
            << top_->standard_error();
    }

    // The last look that is there as a whole.
    json look() const {
        const auto text = top_->standard_output();
        const auto end = text.rfind('\n');
        const auto begin = end == 0 ? end : text.rfind('\n', end - 1);
        const auto from = begin == std::string::npos ? 0 : begin + 1;
        return json::parse(text.substr(from, end - from), nullptr, false);
    }

    // The rows of the view for which all of `wanted` is so.
    std::vector<json> rows(const std::string& view, const json& wanted) const {
        std::vector<json> found;
        const json seen = look();
        if (seen.is_discarded()) {
            return found;
        }
        for (const json& row : seen["views"][view]["rows"]) {
            bool same = true;
            for (const auto& each : wanted.items()) {
                same = same && row[each.key()] == each.value();
            }
            if (same) {
                found.push_back(row);
            }
        }
        return found;
    }

    // Waits for a row with `wanted` for which `is_right` holds.
    json find_row(const std::string& view, const json& wanted,
                  const std::function<bool(const json&)>& is_right) const {
        json found;
        EXPECT_TRUE(eventually([&] {
            for (const json& each : rows(view, wanted)) {
                if (is_right(each)) {
                    found = each;
                    return true;
                }
            }
            return false;
        })) << view
            << " " << wanted << " in " << look();
        return found;
    }

    std::uint64_t lost(const std::string& what) const {
        for (const json& each : look()["lost"]) {
            if (each["what"] == what) {
                return each["count"];
            }
        }
        ADD_FAILURE() << "there is no counter of " << what;
        return 0;
    }

    unique_fd socket_at(net_side side, int type) const {
        unique_fd made;
        net_->in(side, [&] { made = unique_fd{::socket(AF_INET, type | SOCK_CLOEXEC, 0)}; });
        EXPECT_TRUE(bool{made});
        return made;
    }

    // Listens at the far side; `port` is chosen.
    unique_fd listen_far(int backlog, int& port) const {
        unique_fd made = socket_at(net_side::far, SOCK_STREAM);
        const auto where = v4(far_address, 0);
        EXPECT_EQ(::bind(made.get(), any(where), sizeof where), 0);
        EXPECT_EQ(::listen(made.get(), backlog), 0);
        port = port_of(made.get());
        return made;
    }

    unique_fd connect_near(int port, const std::string& to = far_address, int flags = 0) const {
        unique_fd made = socket_at(net_side::near, SOCK_STREAM | flags);
        const auto where = v4(to, port);
        static_cast<void>(::connect(made.get(), any(where), sizeof where));
        return made;
    }

    // What near sends is lost on the wire from now on.
    void lose_packets_to(const char* address) const {
        ASSERT_EQ(net_->run(net_side::near, std::string{"ip neigh replace "} + address +
                                                " lladdr 02:00:00:00:00:99 dev near nud permanent"),
                  0);
    }

    std::unique_ptr<virtual_network> net_;
    std::optional<child_process> top_;
};

std::string remote(int port) { return std::string{far_address} + ":" + std::to_string(port); }

// Records are of all namespaces, where others use the same ports.
bool is_at(const json& flow, const std::string& end, int port) {
    return flow.is_object() && flow[end] == far_address && flow[end + "_port"] == port;
}

std::vector<json> lines_of(const std::string& path) {
    std::vector<json> lines;
    std::ifstream in{path};
    for (std::string line; std::getline(in, line);) {
        lines.push_back(json::parse(line, nullptr, false));
    }
    return lines;
}

TEST_F(top, tells_bytes_owner_and_end_of_a_connection) {
    const temporary_site site;
    const std::string flows = site.path() + "/flows";
    start({"--flows", flows});
    int port = 0;
    const unique_fd listener = listen_far(8, port);
    unique_fd client = connect_near(port);
    unique_fd server{::accept(listener.get(), nullptr, nullptr)};
    put(client.get(), std::string(12'345, 'a'));
    EXPECT_EQ(get(server.get(), 12'345).size(), 12'345U);
    put(server.get(), std::string(678, 'b'));
    EXPECT_EQ(get(client.get(), 678).size(), 678U);

    const json row = find_row("connections", {{"remote", remote(port)}, {"state", "ESTAB"}},
                              [](const json& each) { return each["out_bytes"] == 12'345; });
    EXPECT_EQ(row["in_bytes"], 678);
    EXPECT_EQ(row["pid"], ::getpid());
    EXPECT_EQ(row["process"].get<std::string>().substr(0, 11), "integration");
    EXPECT_GT(row["rtt_us"], 0);
    EXPECT_EQ(row["retransmits"], 0);
    EXPECT_GE(row["age_s"], 0);

    client.reset();
    EXPECT_EQ(get(server.get(), 1), "");
    server.reset();
    json ours;
    json theirs;
    EXPECT_TRUE(eventually([&] {
        for (const json& each : lines_of(flows)) {
            ours = is_at(each, "remote", port) ? each : ours;
            theirs = is_at(each, "local", port) ? each : theirs;
        }
        return !ours.is_null() && !theirs.is_null();
    }));
    EXPECT_EQ(ours["out_bytes"], 12'345);
    EXPECT_EQ(ours["in_bytes"], 678);
    EXPECT_EQ(ours["direction"], "out");
    EXPECT_EQ(ours["reason"], "closed here");
    EXPECT_EQ(ours["pid"], ::getpid());
    EXPECT_GT(ours["connect_us"], 0);
    EXPECT_EQ(theirs["out_bytes"], 678);
    EXPECT_EQ(theirs["in_bytes"], 12'345);
    EXPECT_EQ(theirs["direction"], "in");
    EXPECT_EQ(theirs["reason"], "closed by peer");
    EXPECT_EQ(theirs["pid"], ::getpid());
    EXPECT_NE(ours["netns"], theirs["netns"]);
}

TEST_F(top, counts_retransmissions) {
    start();
    int port = 0;
    const unique_fd listener = listen_far(8, port);
    const unique_fd client = connect_near(port);
    const unique_fd server{::accept(listener.get(), nullptr, nullptr)};
    lose_packets_to(far_address);
    put(client.get(), "lost");
    const json row = find_row("connections", {{"remote", remote(port)}}, [](const json& each) {
        return each["retransmits"].is_number() && each["retransmits"] >= 2;
    });
    EXPECT_EQ(row["out_bytes"], 4);  // Each byte counts once.
    EXPECT_EQ(row["unsent_bytes"], 4);
    EXPECT_FALSE(rows("drops", {{"reason", "OTHERHOST"}}).empty());
}

TEST_F(top, tells_resets) {
    const temporary_site site;
    const std::string flows = site.path() + "/flows";
    start({"--flows", flows});
    int port = 0;
    const unique_fd listener = listen_far(8, port);
    const unique_fd client = connect_near(port);
    unique_fd server{::accept(listener.get(), nullptr, nullptr)};
    reset_connection(server);
    json ours;
    json theirs;
    EXPECT_TRUE(eventually([&] {
        for (const json& each : lines_of(flows)) {
            ours = is_at(each, "remote", port) ? each : ours;
            theirs = is_at(each, "local", port) ? each : theirs;
        }
        return !ours.is_null() && !theirs.is_null();
    }));
    EXPECT_EQ(ours["reason"], "reset by peer");
    EXPECT_EQ(theirs["reason"], "reset here");
}

TEST_F(top, tells_connects_that_fail) {
    start();
    static_cast<void>(connect_near(9));
    static_cast<void>(connect_near(9));
    const json refused = find_row("connects", {{"remote", remote(9)}},
                                  [](const json& each) { return each["failed"] == 2; });
    EXPECT_EQ(refused["reason"], "refused");
    EXPECT_EQ(refused["pid"], ::getpid());

    lose_packets_to("10.77.0.99");
    unique_fd waiting = socket_at(net_side::near, SOCK_STREAM);
    const int tries = 1;  // The first after a second, the end two seconds later.
    ASSERT_EQ(::setsockopt(waiting.get(), IPPROTO_TCP, TCP_SYNCNT, &tries, sizeof tries), 0);
    const auto nowhere = v4("10.77.0.99", 80);
    EXPECT_EQ(::connect(waiting.get(), any(nowhere), sizeof nowhere), -1);
    EXPECT_EQ(errno, ETIMEDOUT);
    const json timed_out = find_row("connects", {{"remote", "10.77.0.99:80"}},
                                    [](const json& each) { return each["failed"] == 1; });
    EXPECT_EQ(timed_out["reason"], "timed out");
    EXPECT_GT(timed_out["took_us"], 2'000'000);

    unique_fd given_up = connect_near(81, "10.77.0.99", SOCK_NONBLOCK);
    given_up.reset();
    find_row("connects", {{"remote", "10.77.0.99:81"}},
             [](const json& each) { return each["reason"] == "given up"; });
}

TEST_F(top, shows_a_full_accept_queue) {
    start();
    int port = 0;
    const unique_fd listener = listen_far(1, port);
    std::vector<unique_fd> clients;
    for (int i = 0; i < 6; ++i) {
        clients.push_back(connect_near(port, far_address, SOCK_NONBLOCK));
    }
    const json row = find_row("queues", {{"local", remote(port)}},
                              [](const json& each) { return each["drops"] > 0; });
    EXPECT_EQ(row["waiting"], 2);
    EXPECT_EQ(row["limit"], 1);
    EXPECT_EQ(row["filled"], 100);
    EXPECT_EQ(row["pid"], ::getpid());
}

TEST_F(top, tells_who_sends_and_what_is_dropped) {
    start();
    const unique_fd sender = socket_at(net_side::near, SOCK_DGRAM);
    const auto nobody = v4(far_address, 9);
    for (int i = 0; i < 7; ++i) {
        // An answer by ICMP makes the next call fail once.
        static_cast<void>(::sendto(sender.get(), "x", 1, 0, any(nobody), sizeof nobody) ||
                          ::sendto(sender.get(), "x", 1, 0, any(nobody), sizeof nobody));
        ASSERT_TRUE(eventually([&] {
            const auto found = rows("drops", {{"last_to", remote(9)}});
            return !found.empty() && found[0]["packets"] == i + 1;
        })) << look();
    }
    const auto drops = rows("drops", {{"last_to", remote(9)}});
    EXPECT_EQ(drops[0]["reason"], "NO_SOCKET");
    EXPECT_EQ(drops[0]["protocol"], "udp");
    EXPECT_EQ(drops[0]["interface"], "far");

    struct stat far{};  // Other tests may have a network like this one.
    ASSERT_EQ(::fstat(net_->fd(net_side::far), &far), 0);
    const auto sources = rows("sources", {{"source", near_address}, {"netns", far.st_ino}});
    ASSERT_EQ(sources.size(), 1U);
    EXPECT_GE(sources[0]["packets"], 7);
    EXPECT_LT(sources[0]["packets"], 30);  // A few of the neighbours' are among them.
    EXPECT_EQ(sources[0]["missed_at_most"], 0);
}

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
    EXPECT_EQ(top_->wait().exit_status, 0);
}

// Goal: the container is known although the process is in no container that this machine runs.
TEST_F(top, names_the_container) {
    const std::string id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const std::string group =
        "$(awk '$3 == \"cgroup2\" {print $2; exit}' /proc/mounts)/docker-" + id + ".scope";
    const auto in_shell = [](const std::string& command) {
        return run_program({.program = "sh", .arguments = {"-c", command}});
    };
    if (in_shell("mkdir " + group).exit_status != 0) {
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

TEST_F(top, tells_the_end_of_a_connection_that_is_older) {
    const temporary_site site;
    const std::string flows = site.path() + "/flows";
    int port = 0;
    const unique_fd listener = listen_far(8, port);
    unique_fd client = connect_near(port);
    unique_fd server{::accept(listener.get(), nullptr, nullptr)};
    put(client.get(), "before");
    EXPECT_EQ(get(server.get(), 6), "before");
    start({"--flows", flows});
    const json row = find_row("connections", {{"remote", remote(port)}},
                              [](const json& each) { return each["out_bytes"] == 6; });
    EXPECT_EQ(row["age_s"], nullptr);
    EXPECT_EQ(row["out_bytes_s"], 0);
    client.reset();
    EXPECT_EQ(get(server.get(), 1), "");
    server.reset();
    json ours;
    EXPECT_TRUE(eventually([&] {
        for (const json& each : lines_of(flows)) {
            ours = is_at(each, "remote", port) ? each : ours;
        }
        return !ours.is_null();
    }));
    EXPECT_EQ(ours["reason"], "closed here");
    EXPECT_EQ(ours["begin"], nullptr);
    EXPECT_EQ(ours["lifetime_us"], nullptr);
    EXPECT_EQ(ours["out_bytes"], 6);
    EXPECT_EQ(ours["pid"], ::getpid());
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
