// Goal: request bodies, which nobody here wants, never become requests and never block for ever.
#include <poll.h>
#include <string>

#include <gtest/gtest.h>

#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

class serve_bodies : public ::testing::Test {
protected:
    serve_bodies() {
        site_.add("a", "first\n");
        site_.add("b", "second\n");
    }

    static std::string with_length(std::string_view method, std::size_t size) {
        return request_text(method, "/a", "Content-Length: " + std::to_string(size) + "\r\n") +
               std::string(size, 'x');
    }

    temporary_site site_;
    server_process server_{site_.path()};
};

constexpr std::string_view chunked = "Transfer-Encoding: chunked\r\n";

TEST_F(serve_bodies, short_body_is_skipped_and_the_connection_goes_on) {
    http_client client = server_.connect();
    for (const std::size_t size : {1U, 100U, 10'000U, 60'000U}) {
        client.send(with_length("POST", size) + request_text("GET", "/b"));
        EXPECT_EQ(client.receive().status, 405);
        EXPECT_EQ(client.receive().body, "second\n") << size;
    }
}

// Goal: GET with a body is answered like any other, and the body is no request (servers.md 5).
TEST_F(serve_bodies, get_with_a_body_that_looks_like_a_request) {
    http_client client = server_.connect();
    const std::string inner = request_text("GET", "/missing");
    client.send(
        request_text("GET", "/a", "Content-Length: " + std::to_string(inner.size()) + "\r\n") +
        inner + request_text("GET", "/b"));
    EXPECT_EQ(client.receive().body, "first\n");
    EXPECT_EQ(client.receive().body, "second\n");
}

TEST_F(serve_bodies, body_that_comes_after_the_answer) {
    http_client client = server_.connect();
    const std::string inner = request_text("GET", "/missing");
    client.send(
        request_text("POST", "/a", "Content-Length: " + std::to_string(inner.size()) + "\r\n"));
    EXPECT_EQ(client.receive().status, 405);
    for (const char byte : inner) {
        client.send({&byte, 1});
    }
    EXPECT_EQ(client.get("/b").body, "second\n");
}

TEST_F(serve_bodies, chunked_body_that_is_there_is_skipped) {
    http_client client = server_.connect();
    client.send(request_text("POST", "/a", chunked) +
                "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nTrailer: x\r\n\r\n" + request_text("GET", "/b"));
    EXPECT_EQ(client.receive().status, 405);
    EXPECT_EQ(client.receive().body, "second\n");
}

TEST_F(serve_bodies, chunked_body_without_end_in_sight_closes) {
    http_client client = server_.connect();
    client.send(request_text("POST", "/a", chunked) + "5\r\nhel");
    const http_response got = client.receive();
    EXPECT_EQ(got.status, 405);
    EXPECT_EQ(got.field("Connection"), "close");
    EXPECT_TRUE(client.ends());
}

TEST_F(serve_bodies, broken_chunks_close_and_what_follows_is_no_request) {
    for (const char* const body :
         {"x\r\n", "5 \r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n", "-1\r\n", "0x5\r\nhello\r\n",
          "5\r\nhelloX0\r\n\r\n", "11111111111111111\r\n", "5;a=\"\n\r\nhello\r\n0\r\n\r\n"}) {
        http_client client = server_.connect();
        client.send(request_text("GET", "/a", chunked) + body + request_text("GET", "/b"));
        const http_response got = client.receive();
        EXPECT_EQ(got.status, 200) << body;  // The head was fine.
        EXPECT_EQ(got.field("Connection"), "close") << body;
        EXPECT_TRUE(client.ends()) << body;
    }
}

TEST_F(serve_bodies, huge_body_is_refused_by_closing) {
    http_client client = server_.connect();
    client.send(request_text("PUT", "/a", "Content-Length: 1000000000000\r\n") +
                std::string(100'000, 'x'));
    const http_response got = client.receive();
    EXPECT_EQ(got.status, 405);
    EXPECT_EQ(got.field("Connection"), "close");
    EXPECT_EQ(client.receive_to_the_end(), "");
}

// Goal: a client that sends all it has before it reads still gets the answer and not a reset.
TEST_F(serve_bodies, answer_is_not_lost_when_the_client_still_sends) {
    http_client client = server_.connect();
    client.send(request_text("POST", "/a", "Content-Length: 65537\r\n"));
    client.send(std::string(60'000, 'x'));
    EXPECT_EQ(client.receive().status, 405);
    EXPECT_TRUE(client.ends());
    EXPECT_FALSE(client.was_reset());
}

// Goal: bytes that come after the last response are read for a moment. Closing at once would reset
// the connection, and a reset may take the response away from a client that has not read it yet.
TEST_F(serve_bodies, late_bytes_do_not_reset_the_connection) {
    for (const std::string& last :
         {std::string{"nonsense\r\n"}, request_text("GET", "/a", "Connection: close\r\n"),
          request_text("POST", "/a", "Content-Length: 1000000\r\n"),
          request_text("POST", "/a", chunked)}) {
        http_client client = server_.connect();
        client.send(last);
        EXPECT_GT(client.receive().status, 0) << last;
        EXPECT_TRUE(client.ends()) << last;
        client.send("and more");
        pollfd reset{client.fd(), 0, 0};  // POLLERR and POLLHUP are always looked for.
        EXPECT_EQ(::poll(&reset, 1, 100), 0) << last;
    }
}

TEST_F(serve_bodies, who_asks_for_100_gets_the_final_answer_and_the_end) {
    http_client client = server_.connect();
    client.send(request_text("PUT", "/a", "Content-Length: 5\r\nExpect: 100-continue\r\n"));
    const http_response got = client.receive();
    EXPECT_EQ(got.status, 405);
    EXPECT_EQ(got.field("Connection"), "close");
    EXPECT_TRUE(client.ends());
}

TEST_F(serve_bodies, body_sent_without_waiting_for_100_is_no_request) {
    http_client client = server_.connect();
    const std::string inner = request_text("GET", "/b");
    client.send(request_text("GET", "/a",
                             "Expect: 100-continue\r\nContent-Length: " +
                                 std::to_string(inner.size()) + "\r\n") +
                inner);
    EXPECT_EQ(client.receive().body, "first\n");
    EXPECT_TRUE(client.ends());
}

TEST_F(serve_bodies, length_of_zero_is_no_body) {
    http_client client = server_.connect();
    client.send(request_text("GET", "/a", "Content-Length: 0\r\n") + request_text("GET", "/b"));
    EXPECT_EQ(client.receive().body, "first\n");
    EXPECT_EQ(client.receive().body, "second\n");
}

TEST_F(serve_bodies, client_that_leaves_in_the_middle_of_a_body_harms_nobody) {
    for (int i = 0; i < 20; ++i) {
        http_client client = server_.connect();
        client.send(request_text("POST", "/a", "Content-Length: 50000\r\n") + "xxx");
        EXPECT_EQ(client.receive().status, 405);
    }
    EXPECT_EQ(server_.get("/b").body, "second\n");
}

}  // namespace
}  // namespace ringway::test
