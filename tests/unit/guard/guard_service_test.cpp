#include "guard/guard_service.hpp"

#include <arpa/inet.h>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "support/guard_world.hpp"
#include "support/need_bpf.hpp"
#include "support/virtual_network.hpp"

namespace ringway::guard {
namespace {

using nlohmann::json;
using test::net_side;
using test::range_of;

constexpr time_point start{std::chrono::hours{5}};

std::string write_list(const char* name, const std::string& text) {
    const auto path = testing::TempDir() + name;
    std::ofstream{path} << text;
    return path;
}

json ask(guard_service& asked, const json& request, time_point now = start) {
    const auto text = asked.answer(request.dump(), now);
    EXPECT_TRUE(text.ends_with('\n'));
    return json::parse(text);
}

std::unique_ptr<guard_service> started(guard_options options) {
    options.interface = "near";
    auto made = guard_service::start(std::move(options), start);
    EXPECT_TRUE(made.has_value()) << made.error();
    return made ? *std::move(made) : nullptr;
}

sockaddr_in near_address() {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(9000);
    out.sin_addr.s_addr = htonl(0x0a4d0001);  // 10.77.0.1
    return out;
}

// Sends three datagrams to near_address() from the other side; whether one arrives at `receiver`.
bool send_three(const test::virtual_network& network, int receiver) {
    network.in(net_side::far, [] {
        const unique_fd sender{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
        const sockaddr_in to = near_address();
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(::sendto(sender.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to),
                               sizeof to),
                      1);
        }
    });
    pollfd wait{.fd = receiver, .events = POLLIN, .revents = 0};
    bool any = false;
    std::array<char, 16> bytes{};
    while (::poll(&wait, 1, any ? 0 : 300) == 1 &&
           ::recv(receiver, bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) {
        any = true;
    }
    return any;
}

TEST(guard_service, adds_lists_and_takes_out) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto made = started({});
        ASSERT_NE(made, nullptr);
        EXPECT_EQ(ask(*made, {{"do", "add"}, {"ranges", {"10.0.0.0/8", "192.0.2.1 for 5m"}}}),
                  (json{{"ok", true}, {"entries", 2}}));
        EXPECT_EQ(
            ask(*made, {{"do", "add"}, {"list", "allow"}, {"ranges", {"::1"}}, {"for", "9s"}}),
            (json{{"ok", true}, {"entries", 1}}));
        const auto listed = ask(*made, {{"do", "list"}}, start + seconds{60})["entries"];
        ASSERT_EQ(listed.size(), 2U);
        EXPECT_EQ(listed[0], (json{{"range", "10.0.0.0/8"}, {"from", "command"}, {"hits", 0}}));
        EXPECT_EQ(
            listed[1],
            (json{
                {"range", "192.0.2.1"}, {"from", "command"}, {"hits", 0}, {"seconds_left", 240}}));
        EXPECT_EQ(ask(*made, {{"do", "del"}, {"ranges", {"10.0.0.0/8"}}}),
                  (json{{"ok", true}, {"entries", 1}}));
        EXPECT_EQ(ask(*made, {{"do", "del"}, {"ranges", {"10.0.0.0/8"}}}),
                  (json{{"ok", false}, {"error", "10.0.0.0/8 is not on the list"}}));
    });
}

TEST(guard_service, entries_end_in_the_program_too) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto made = started({});
        ASSERT_NE(made, nullptr);
        const auto quiet = [](const guard_event&) { return true; };
        ASSERT_TRUE(made->ban(range_of("10.1.2.3"), seconds{30}, start));
        EXPECT_EQ(made->entries(list_kind::block), 1U);
        (void)made->tick(start + seconds{29}, quiet);
        EXPECT_EQ(made->entries(list_kind::block), 1U);
        EXPECT_LE(made->tick(start + std::chrono::milliseconds{29'990}, quiet),
                  start + seconds{30});
        (void)made->tick(start + seconds{30}, quiet);
        EXPECT_EQ(made->entries(list_kind::block), 0U);
        EXPECT_EQ(ask(*made, {{"do", "status"}})["expired"], 1);
    });
}

TEST(guard_service, a_mistake_in_a_file_leaves_the_lists_in_force) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto good = write_list("gs_good.txt", "10.0.0.0/8\n");
        const auto bad = write_list("gs_bad.txt", "10.0.0.0/8\n# x\n10.0.0.0/40\n");
        const auto made = started({.block_files = {good}});
        ASSERT_NE(made, nullptr);
        const auto refused = ask(*made, {{"do", "load"}, {"block", {bad}}});
        EXPECT_EQ(refused["ok"], false);
        EXPECT_EQ(refused["error"], bad +
                                        ":3: \"10.0.0.0/40\": the length of the prefix is 0 to "
                                        "32; the lists in force stay");
        EXPECT_EQ(made->entries(list_kind::block), 1U);
        // What was asked for in vain is not what the next load reads.
        write_list("gs_good.txt", "10.0.0.0/8\n172.16.0.0/12\n");
        EXPECT_EQ(ask(*made, {{"do", "load"}})["block_entries"], 2);
    });
}

TEST(guard_service, a_file_with_a_mistake_keeps_it_from_starting) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto bad = write_list("gs_bad2.txt", "nobody\n");
        const auto made = guard_service::start({.interface = "near", .block_files = {bad}}, start);
        ASSERT_FALSE(made.has_value());
        EXPECT_EQ(made.error(), bad + ":1: \"nobody\" is no IP address");
        EXPECT_EQ(bpf::query_xdp(bpf::find_interface("near")->index)->program, 0U);
    });
}

TEST(guard_service, the_operator_is_neither_banned_nor_taken_out) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto made = started({.admin = {range_of("198.51.100.0/24")}});
        ASSERT_NE(made, nullptr);
        EXPECT_FALSE(made->ban(range_of("198.51.100.7"), seconds{30}, start));
        EXPECT_TRUE(made->ban(range_of("198.51.101.7"), seconds{30}, start));
        EXPECT_FALSE(made->ban(range_of("198.51.101.7"), seconds{20}, start));
        EXPECT_EQ(ask(*made, {{"do", "status"}})["bans"], 1);
        const auto refused =
            ask(*made, {{"do", "del"}, {"list", "allow"}, {"ranges", {"198.51.100.0/24"}}});
        EXPECT_EQ(refused["ok"], false);
        EXPECT_NE(refused["error"].get<std::string>().find("--no-admin"), std::string::npos);
    });
}

TEST(guard_service, a_second_one_is_refused_and_the_first_is_named) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto first = started({});
        ASSERT_NE(first, nullptr);
        const auto second = guard_service::start({.interface = "near"}, start);
        ASSERT_FALSE(second.has_value());
        EXPECT_NE(second.error().find("\"guard\""), std::string::npos) << second.error();
    });
}

TEST(guard_service, blocked_packets_do_not_arrive_and_others_do) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [&network] {
        const auto made = started({});
        ASSERT_NE(made, nullptr);
        const unique_fd receiver{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
        const sockaddr_in here = near_address();
        ASSERT_EQ(::bind(receiver.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
        const auto arrives = [&] { return send_three(*network, receiver.get()); };
        EXPECT_TRUE(arrives());
        (void)ask(*made, {{"do", "add"}, {"ranges", {"10.77.0.2"}}});
        EXPECT_FALSE(arrives());
        EXPECT_GE(ask(*made, {{"do", "stats"}})["reasons"]["blocked"]["packets"], 3);
        EXPECT_GE(ask(*made, {{"do", "list"}})["entries"][0]["hits"], 3);
        (void)ask(*made, {{"do", "del"}, {"ranges", {"10.77.0.2"}}});
        EXPECT_TRUE(arrives());
    });
}

TEST(guard_service, requests_that_make_no_sense_are_answered) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto made = started({});
        ASSERT_NE(made, nullptr);
        for (const char* const bad :
             {"", "{", "[]", "7", R"({"do":7})", R"({"do":"fly"})", R"({"do":"add","list":"x"})",
              R"({"do":"add","ranges":[7]})", R"({"do":"add","ranges":["x"]})",
              R"({"do":"add","ranges":["::1"],"for":"ever"})", R"({"do":"add"})",
              R"({"do":"add","ranges":["::1"],"for":600})", R"({"do":"add","ranges":"::1"})",
              R"({"do":"add","ranges":["::1"],"list":7})", R"({"do":"del","ranges":[]})",
              R"({"do":"load","block":"/etc/hosts"})", R"({"do":"stats","top":"many"})"}) {
            const auto answer = json::parse(made->answer(bad, start));
            EXPECT_EQ(answer["ok"], false) << bad;
            EXPECT_FALSE(answer["error"].get<std::string>().empty()) << bad;
        }
        EXPECT_EQ(made->entries(list_kind::block), 0U);
    });
}

TEST(guard_service, writes_metrics) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    network->in(net_side::near, [] {
        const auto made = started({.firewall = {.dry_run = true}});
        ASSERT_NE(made, nullptr);
        (void)ask(*made, {{"do", "add"}, {"ranges", {"10.0.0.0/8"}}});
        (void)made->tick(start, [](const guard_event&) { return true; });
        std::string page;
        made->write_metrics(page);
        for (const char* const line :
             {R"(ringway_guard_list_entries{interface="near",list="block"} 1)",
              R"(verdict="would_drop",reason="blocked")", R"(verdict="pass",reason="plain")"}) {
            EXPECT_NE(page.find(line), std::string::npos) << page;
        }
    });
}

}  // namespace
}  // namespace ringway::guard
