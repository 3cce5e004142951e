// Goal: nobody holds a connection for longer than the operator allows.
#include <string>

#include <poll.h>

#include <gtest/gtest.h>

#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class serve_timeouts : public ::testing::Test {
protected:
    serve_timeouts() { site_.add("a", "content"); }
    temporary_site site_;
};

// Sends one byte of `text` every few milliseconds until all is sent or the server answers.
void drip(http_client& client, std::string_view text) {
    pollfd readable{client.fd(), POLLIN, 0};
    for (const char& byte : text) {
        client.send({&byte, 1});
        if (::poll(&readable, 1, 10) > 0) {
            return;
        }
    }
}

TEST_F(serve_timeouts, half_a_head_gets_408) {
    const server_process server{site_.path(),
                                {"--header-timeout", "300ms", "--admin", "127.0.0.1:0"}};
    http_client client = server.connect();
    const auto begin = steady_clock::now();
    client.send("GET /a HTTP/1.1\r\nHost: h\r\n");
    const http_response got = client.receive();
    EXPECT_GE(steady_clock::now() - begin, 290ms);
    EXPECT_LT(steady_clock::now() - begin, patience(3s));
    EXPECT_EQ(got.status, 408);
    EXPECT_EQ(got.field("Connection"), "close");
    EXPECT_TRUE(client.ends());
    EXPECT_EQ(server.metric("ringway_timeouts_total{kind=\"header\"}"), 1);
}

// Goal: slowloris: bytes that trickle in do not move the deadline.
TEST_F(serve_timeouts, trickling_head_gets_408) {
    const server_process server{site_.path(), {"--header-timeout", "300ms"}};
    http_client client = server.connect();
    drip(client, "GET /a HTTP/1.1\r\nX: " + std::string(3000, 'x'));
    EXPECT_EQ(client.receive().status, 408);
    EXPECT_EQ(client.receive_to_the_end(), "");
}

TEST_F(serve_timeouts, head_of_a_later_request_has_the_same_deadline) {
    const server_process server{site_.path(), {"--header-timeout", "300ms"}};
    http_client client = server.connect();
    EXPECT_EQ(client.get("/a").status, 200);
    client.send(request_text("GET", "/a") + "GET /a");
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_EQ(client.receive().status, 408);
    EXPECT_TRUE(client.ends());
}

TEST_F(serve_timeouts, silence_from_the_start_ends_in_silence) {
    const server_process server{site_.path(), {"--header-timeout", "200ms"}};
    http_client client = server.connect();
    EXPECT_EQ(client.receive_to_the_end(), "");
}

TEST_F(serve_timeouts, idle_connection_ends_in_silence) {
    const server_process server{site_.path(),
                                {"--idle-timeout", "200ms", "--admin", "127.0.0.1:0"}};
    http_client client = server.connect();
    EXPECT_EQ(client.get("/a").status, 200);
    EXPECT_EQ(client.receive_to_the_end(), "");
    EXPECT_EQ(server.metric("ringway_timeouts_total{kind=\"idle\"}"), 1);
}

// Goal: a connection that is used does not end, however long it lives.
TEST_F(serve_timeouts, used_connection_stays) {
    const server_process server{site_.path(), {"--idle-timeout", "1s", "--header-timeout", "1s"}};
    http_client client = server.connect();
    pollfd readable{client.fd(), POLLIN, 0};
    for (int i = 0; i < 15; ++i) {
        ASSERT_EQ(client.get("/a").status, 200);
        ASSERT_EQ(::poll(&readable, 1, 100), 0) << "it ended after " << i;
    }
}

// Goal: the deadline of a head is not that of a body or of the response.
TEST_F(serve_timeouts, slow_reader_is_not_cut_off_by_them) {
    const std::string content = site_.add_pattern("large", 4 << 20);
    const server_process server{site_.path(),
                                {"--idle-timeout", "200ms", "--header-timeout", "200ms"}};
    http_client client = server.connect(4096);
    client.send(request_text("GET", "/large"));
    std::string got = client.receive_bytes(1000);
    pollfd nothing{-1, 0, 0};
    ::poll(&nothing, 1, 600);  // Reads nothing for longer than both.
    got += client.receive_bytes(content.size());
    const std::size_t head = got.find("\r\n\r\n") + 4;
    got += client.receive_bytes(head);
    EXPECT_TRUE(got.substr(head) == content);
}

TEST_F(serve_timeouts, off_is_off) {
    const server_process server{site_.path(), {"--idle-timeout", "off", "--header-timeout", "off"}};
    http_client client = server.connect();
    client.send("GET /a HTTP/1.1\r\n");
    pollfd readable{client.fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&readable, 1, 300), 0);
    client.send("Host: h\r\n\r\n");
    EXPECT_EQ(client.receive().status, 200);
    ASSERT_EQ(::poll(&readable, 1, 300), 0);
    EXPECT_EQ(client.get("/a").status, 200);
}

}  // namespace
}  // namespace ringway::test
