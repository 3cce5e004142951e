// Goal: every limit holds, says so, and leaves the others alone.
#include <algorithm>
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <vector>

#include <gtest/gtest.h>

#include "support/patience.hpp"
#include "support/run_on_shard.hpp"
#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using namespace std::chrono_literals;

std::string fields(int count) {
    std::string all;
    for (int i = 0; i < count; ++i) {
        all += "X-" + std::to_string(i) + ": y\r\n";
    }
    return all;
}

TEST(serve_limits, size_of_heads) {
    const temporary_site site;
    site.add("a", "x");
    const server_process server{site.path(), {"--admin", "127.0.0.1:0"}};
    const auto status = [&](std::string_view target, const std::string& more) {
        http_client client = server.connect();
        const http_response got = client.get(target, more);
        EXPECT_EQ(got.field("Connection"), got.status == 200 ? "" : "close");
        EXPECT_TRUE(got.status == 200 || client.ends());
        return got.status;
    };
    const std::string long_value = "X: " + std::string(16'000, 'v') + "\r\n";
    EXPECT_EQ(status("/a", fields(99)), 200);
    EXPECT_EQ(status("/a", fields(100)), 431);
    EXPECT_EQ(status("/a", long_value), 200);
    EXPECT_EQ(status("/a", long_value + long_value + long_value), 431);
    EXPECT_EQ(status("/a?" + std::string(8'000, 'q'), ""), 200);
    EXPECT_EQ(status("/a?" + std::string(8'300, 'q'), ""), 414);
    EXPECT_EQ(server.metric("ringway_protocol_abuse_total{kind=\"head_too_large\"}"), 2);
    EXPECT_EQ(server.metric("ringway_protocol_abuse_total{kind=\"target_too_long\"}"), 1);
}

TEST(serve_limits, size_of_heads_as_the_operator_wants) {
    const temporary_site site;
    site.add("a", "x");
    const server_process server{
        site.path(), {"--max-headers", "5", "--max-header-bytes", "1K", "--max-target", "64"}};
    EXPECT_EQ(server.get("/a", fields(4)).status, 200);
    EXPECT_EQ(server.get("/a", fields(5)).status, 431);
    EXPECT_EQ(server.get("/a", "X: " + std::string(900, 'v') + "\r\n").status, 200);
    EXPECT_EQ(server.get("/a", "X: " + std::string(1100, 'v') + "\r\n").status, 431);
    EXPECT_EQ(server.get("/" + std::string(63, 'n')).status, 404);
    EXPECT_EQ(server.get("/" + std::string(64, 'n')).status, 414);
}

// A head without end costs no more than its limit.
TEST(serve_limits, head_without_end_is_refused) {
    const temporary_site site;
    const server_process server{site.path()};
    http_client client = server.connect();
    client.send("GET / HTTP/1.1\r\n");
    const std::string line = "X: " + std::string(1000, 'v') + "\r\n";
    for (int i = 0; i < 200; ++i) {
        client.send(line);
    }
    EXPECT_EQ(client.receive().status, 431);
}

TEST(serve_connection_limits, total) {
    const temporary_site site;
    site.add("a", "x");
    site.add("big", "");
    ASSERT_EQ(::truncate(site.at("big").c_str(), 256 << 20), 0);
    const server_process server{site.path(), {"--max-connections", "3", "--admin", "127.0.0.1:0"}};
    std::vector<http_client> inside;  // Busy: they read nothing of what they asked for.
    for (int i = 0; i < 3; ++i) {
        inside.push_back(server.connect());
        inside.back().send(request_text("GET", "/big"));
    }
    ASSERT_TRUE(eventually([&] {
        return server.metric("ringway_connections{transport=\"tcp\",state=\"active\"}") == 3;
    }));
    for (int i = 0; i < 3; ++i) {
        http_client outside = server.connect();
        const http_response refused = outside.receive();
        EXPECT_EQ(refused.status, 503);
        EXPECT_EQ(refused.field("Connection"), "close");
        EXPECT_TRUE(refused.has("Retry-After"));
        EXPECT_TRUE(outside.ends());
    }
    EXPECT_EQ(server.metric("ringway_connections_rejected_total{reason=\"limit_total\"}"), 3);
    EXPECT_EQ(server.metric("ringway_connections_evicted_total"), 0);
    inside.pop_back();
    EXPECT_TRUE(eventually([&] {
        http_client next = server.connect();
        next.send(request_text("GET", "/a"));
        return next.receive().status == 200;
    }));
}

TEST(serve_connection_limits, idle_connections_make_room) {
    const temporary_site site;
    site.add("a", "x");
    const server_process server{
        site.path(), {"--max-connections", "32", "--shards", "1", "--admin", "127.0.0.1:0"}};
    std::vector<http_client> idle;
    for (int i = 0; i < 28; ++i) {
        idle.push_back(server.connect());
        EXPECT_EQ(idle.back().get("/a").status, 200);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{1100});  // What counts as idle.
    for (int i = 0; i < 20; ++i) {                                 // More than there is room for.
        ASSERT_TRUE(eventually([&] {
            idle.push_back(server.connect());
            idle.back().send(request_text("GET", "/a"));
            return idle.back().receive().status == 200;
        }));
    }
    EXPECT_TRUE(idle.front().ends());
    EXPECT_GE(server.metric("ringway_connections_evicted_total"), 16);
}

TEST(serve_connection_limits, of_an_address_exempt_this_machine) {
    const temporary_site site;
    site.add("a", "x");
    const server_process server{site.path(), {"--max-connections-per-address", "1"}};
    std::vector<http_client> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(server.connect());
        EXPECT_EQ(clients.back().get("/a").status, 200);
    }
}

// An address of this machine that is not loopback; 0.0.0.0 if it has none.
in_addr own_address() {
    in_addr found{};
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) {
        return found;
    }
    for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_INET &&
            (each->ifa_flags & IFF_LOOPBACK) == 0 && (each->ifa_flags & IFF_UP) != 0) {
            found = reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr;
            break;
        }
    }
    ::freeifaddrs(all);
    return found;
}

http_client connect_to(in_addr host, int port) {
    unique_fd socket = tcp_socket();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr = host;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    return http_client{std::move(socket)};
}

TEST(serve_connection_limits, of_an_address_hold_for_others) {
    const in_addr host = own_address();
    if (host.s_addr == INADDR_ANY) {
        GTEST_SKIP() << "this machine has no address but loopback";
    }
    const temporary_site site;
    site.add("a", "x");
    const server_process server{site.path(),
                                {"--listen", ":0", "--max-connections-per-address", "2"}};
    http_client one = connect_to(host, server.port());
    http_client two = connect_to(host, server.port());
    EXPECT_EQ(one.get("/a").status, 200);
    EXPECT_EQ(two.get("/a").status, 200);
    EXPECT_EQ(connect_to(host, server.port()).receive().status, 503);
    EXPECT_EQ(server.get("/a").status, 200);  // From loopback.
    EXPECT_EQ(one.get("/a").status, 200);
}

// Goal: without descriptors the server pauses, serves who is connected, and recovers.
TEST(serve_shortage, of_descriptors_is_survived) {
    const temporary_site site;
    site.add("a", "x");
    server_process server{
        site.path(), {"--max-connections", "1000", "--cache-ttl", "1h"}, {.descriptors_max = 80}};
    {
        http_client connected = server.connect();
        EXPECT_EQ(connected.get("/a").status, 200);  // From now on in the cache.
        std::vector<http_client> many;
        for (int i = 0; i < 100; ++i) {
            many.push_back(server.connect());
        }
        EXPECT_TRUE(eventually(
            [&] { return server.said().find("accepting pauses") != std::string::npos; }));
        EXPECT_EQ(connected.get("/a").status, 200);
    }
    EXPECT_TRUE(eventually([&] { return server.get("/a").status == 200; }));
    const std::string said = server.said();
    EXPECT_TRUE(said.contains("80 file descriptors are all that is allowed here")) << said;
    std::size_t pauses = 0;
    for (auto at = said.find("accepting pauses"); at != std::string::npos;
         at = said.find("accepting pauses", at + 1)) {
        ++pauses;
    }
    EXPECT_LT(pauses, 200U) << "it spins";
}

// Goal: peers that send requests and read no answers cost their own connection, and not the
// receive buffers that everybody shares.
TEST(serve_shortage, of_receive_buffers_does_not_come_from_stalled_peers) {
    constexpr std::size_t count = 1100;
    if (!may_open(count + 100)) {
        GTEST_SKIP() << "not allowed to open that many files here";
    }
    const temporary_site site;
    site.add("small", "still here");
    site.add_pattern("large", 1 << 20);
    const server_process server{site.path(), {"--shards", "1"}};
    std::vector<http_client> stalled;
    const std::string requests = request_text("GET", "/large") + request_text("GET", "/large") +
                                 request_text("GET", "/large") + "GET /la";
    for (std::size_t i = 0; i < count; ++i) {
        stalled.push_back(server.connect(4096));
        stalled.back().send(requests);
    }
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(server.get("/small").body, "still here");
    }
    http_client last = std::move(stalled.back());  // Those who wake up are served on.
    EXPECT_EQ(last.receive().body.size(), 1U << 20);
    EXPECT_EQ(last.receive().body.size(), 1U << 20);
}

}  // namespace
}  // namespace ringway::test
