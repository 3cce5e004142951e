// Goal: the server ends when it is told to: after what it is doing, but not much later.
#include <csignal>
#include <string>

#include <gtest/gtest.h>

#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class serve_drain : public ::testing::Test {
protected:
    serve_drain() : large_{site_.add_pattern("large", 8 << 20)} { site_.add("small", "content"); }

    // A download that has begun and waits for its reader.
    static http_client begin_download(const server_process& server) {
        http_client client = server.connect(4096);
        client.send(request_text("GET", "/large"));
        EXPECT_TRUE(client.receive_bytes(1) == "H");
        return client;
    }

    static bool has_said_drain(const server_process& server) {
        return eventually([&] { return server.said().find("draining") != std::string::npos; });
    }

    temporary_site site_;
    std::string large_;
};

TEST_F(serve_drain, idle_server_ends_at_once) {
    for (const int number : {SIGTERM, SIGINT}) {
        server_process server{site_.path()};
        EXPECT_EQ(server.get("/small").status, 200);
        const auto begin = steady_clock::now();
        server.signal(number);
        EXPECT_EQ(server.wait().exit_status, 0);
        EXPECT_LT(steady_clock::now() - begin, patience(3s));
    }
}

TEST_F(serve_drain, idle_connections_are_closed) {
    server_process server{site_.path()};
    http_client used = server.connect();
    EXPECT_EQ(used.get("/small").status, 200);
    http_client fresh = server.connect();
    const auto begin = steady_clock::now();
    server.signal(SIGTERM);
    EXPECT_EQ(used.receive_to_the_end(), "");
    EXPECT_EQ(fresh.receive_to_the_end(), "");
    EXPECT_EQ(server.wait().exit_status, 0);
    EXPECT_LT(steady_clock::now() - begin, patience(3s));
}

// The connection could stay for more requests; now it ends with this one, as soon as it is done.
TEST_F(serve_drain, running_download_is_finished) {
    server_process server{site_.path(), {"--drain", "1h"}};
    {
        http_client client = begin_download(server);
        server.signal(SIGTERM);
        ASSERT_TRUE(has_said_drain(server));
        const std::string rest = client.receive_to_the_end();
        EXPECT_TRUE(rest.substr(rest.find("\r\n\r\n") + 4) == large_);
    }
    EXPECT_EQ(server.wait().exit_status, 0);
}

TEST_F(serve_drain, request_whose_head_is_half_there_is_answered) {
    server_process server{site_.path(), {"--drain", "1h"}};
    {
        http_client client = server.connect();
        EXPECT_EQ(client.get("/small").status, 200);
        client.send(request_text("GET", "/small") + "GET /sm");
        EXPECT_EQ(client.receive().status, 200);
        server.signal(SIGTERM);
        ASSERT_TRUE(has_said_drain(server));
        client.send("all HTTP/1.1\r\nHost: h\r\n\r\n");
        const http_response got = client.receive();
        EXPECT_EQ(got.body, "content");
        EXPECT_TRUE(client.ends());
    }
    EXPECT_EQ(server.wait().exit_status, 0);
}

TEST_F(serve_drain, new_connections_are_refused) {
    server_process server{site_.path(), {"--drain", "1h"}};
    {
        http_client client = begin_download(server);
        server.signal(SIGTERM);
        EXPECT_TRUE(eventually([&] { return !connect_to_port(server.port()); }));
        EXPECT_GT(client.receive_to_the_end().size(), large_.size());
    }
    EXPECT_EQ(server.wait().exit_status, 0);
}

TEST_F(serve_drain, patience_ends) {
    server_process server{site_.path(), {"--drain", "500ms"}};
    http_client client = begin_download(server);
    const auto begin = steady_clock::now();
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait().exit_status, 0);
    EXPECT_GE(steady_clock::now() - begin, 490ms);
    EXPECT_LT(steady_clock::now() - begin, patience(5s));
    EXPECT_LT(client.receive_to_the_end().size(), large_.size());
}

// Several times, because the download is on another shard than the signals or on the same one.
TEST_F(serve_drain, second_signal_ends_at_once) {
    for (int i = 0; i < 6; ++i) {
        server_process server{site_.path(), {"--drain", "1h"}};
        http_client client = begin_download(server);
        server.signal(SIGTERM);
        ASSERT_TRUE(has_said_drain(server));
        EXPECT_FALSE(eventually([&] { return server.has_ended(); }, 20ms));
        server.signal(SIGINT);
        const auto begin = steady_clock::now();
        EXPECT_EQ(server.wait().exit_status, 0);
        ASSERT_LT(steady_clock::now() - begin, patience(3s));
    }
}

// Goal: an impatient supervisor never sees a death by signal, however late its last one comes.
TEST_F(serve_drain, signals_until_the_very_end) {
    for (int i = 0; i < 20; ++i) {
        server_process server{site_.path(), {}};
        while (!server.has_ended()) {
            server.signal(SIGTERM);
        }
        EXPECT_EQ(server.wait().exit_status, 0);
    }
}

TEST_F(serve_drain, drain_off_ends_at_once) {
    server_process server{site_.path(), {"--drain", "off"}};
    http_client client = begin_download(server);
    const auto begin = steady_clock::now();
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait().exit_status, 0);
    EXPECT_LT(steady_clock::now() - begin, patience(3s));
}

// Goal: as long as anything is being sent, who watches can see it. On either shard.
TEST_F(serve_drain, health_says_so) {
    for (int i = 0; i < 6; ++i) {
        server_process server{site_.path(), {"--drain", "1h", "--admin", "127.0.0.1:0"}};
        const auto health = [&] { return http_client{server.admin_port()}.get("/healthz"); };
        EXPECT_EQ(health().status, 200);
        EXPECT_EQ(health().body, "ok\n");
        {
            http_client client = begin_download(server);
            server.signal(SIGTERM);
            ASSERT_TRUE(eventually([&] { return health().status == 503; }));
            EXPECT_FALSE(eventually([&] { return health().status != 503; }, 20ms));
            EXPECT_EQ(server.metric("ringway_http_requests_in_flight"), 1);
            EXPECT_GT(client.receive_to_the_end().size(), large_.size());
        }
        EXPECT_EQ(server.wait().exit_status, 0);
    }
}

// Goal: an admin connection that stays open does not hold the end up.
TEST_F(serve_drain, admin_connections_are_closed) {
    server_process server{site_.path(), {"--admin", "127.0.0.1:0"}};
    http_client admin{server.admin_port()};
    EXPECT_EQ(admin.get("/healthz").status, 200);
    const auto begin = steady_clock::now();
    EXPECT_EQ(server.stop().exit_status, 0);
    EXPECT_LT(steady_clock::now() - begin, patience(5s));
}

}  // namespace
}  // namespace ringway::test
