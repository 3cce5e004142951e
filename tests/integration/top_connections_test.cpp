// Goal: what `ringway top` tells of connections, and of those that have ended, is what the test
// did.
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "support/sockets.hpp"
#include "support/temporary_site.hpp"
#include "support/top_world.hpp"

namespace ringway::test {
namespace {

class top_connections : public top_world {
protected:
    // What --flows tells of a connection that has ended, by each end.
    struct both_ends {
        json ours;
        json theirs;
    };
    static both_ends ends_of(int port, const std::string& flows) {
        both_ends found;
        EXPECT_TRUE(eventually([&] {
            for (const json& each : lines_of_file(flows)) {
                found.ours = is_at(each, "remote", port) ? each : found.ours;
                found.theirs = is_at(each, "local", port) ? each : found.theirs;
            }
            return !found.ours.is_null() && !found.theirs.is_null();
        }));
        return found;
    }
};

TEST_F(top_connections, tells_bytes_owner_and_end_of_a_connection) {
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
    const auto [ours, theirs] = ends_of(port, flows);
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

TEST_F(top_connections, counts_retransmissions) {
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

TEST_F(top_connections, tells_resets) {
    const temporary_site site;
    const std::string flows = site.path() + "/flows";
    start({"--flows", flows});
    int port = 0;
    const unique_fd listener = listen_far(8, port);
    const unique_fd client = connect_near(port);
    unique_fd server{::accept(listener.get(), nullptr, nullptr)};
    reset_connection(server);
    const auto [ours, theirs] = ends_of(port, flows);
    EXPECT_EQ(ours["reason"], "reset by peer");
    EXPECT_EQ(theirs["reason"], "reset here");
}

TEST_F(top_connections, tells_the_end_of_a_connection_that_is_older) {
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
        for (const json& each : lines_of_file(flows)) {
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

}  // namespace
}  // namespace ringway::test
