// Goal: connections live and end as RFC 9112 section 9 says, and answers come in order.
#include <string>

#include <gtest/gtest.h>

#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

class serve_connections : public ::testing::Test {
protected:
    serve_connections() {
        for (int i = 0; i < 50; ++i) {
            site_.add("f" + std::to_string(i), "content of " + std::to_string(i) + "\n");
        }
        large_ = site_.add_pattern("large", 200'000);
    }

    temporary_site site_;
    std::string large_;
    server_process server_{site_.path()};
};

TEST_F(serve_connections, many_requests_on_one) {
    http_client client = server_.connect();
    for (int i = 0; i < 500; ++i) {
        const int file = i % 50;
        const http_response got = client.get("/f" + std::to_string(file));
        ASSERT_EQ(got.body, "content of " + std::to_string(file) + "\n");
        ASSERT_FALSE(got.has("Connection"));
    }
}

TEST_F(serve_connections, close_when_asked_to) {
    http_client client = server_.connect();
    const http_response got = client.get("/f1", "Connection: close\r\n");
    EXPECT_EQ(got.body, "content of 1\n");
    EXPECT_EQ(got.field("Connection"), "close");
    EXPECT_TRUE(client.ends());
}

TEST_F(serve_connections, close_among_other_options) {
    http_client client = server_.connect();
    EXPECT_EQ(client.get("/f1", "Connection: TE, Close\r\n").field("Connection"), "close");
    EXPECT_TRUE(client.ends());
}

// Goal: nothing behind a last request is answered.
TEST_F(serve_connections, close_leaves_later_requests_unanswered) {
    http_client client = server_.connect();
    client.send(request_text("GET", "/f1", "Connection: close\r\n") + request_text("GET", "/f2"));
    EXPECT_EQ(client.receive().body, "content of 1\n");
    EXPECT_TRUE(client.ends());
}

TEST_F(serve_connections, http_1_0_closes) {
    http_client client = server_.connect();
    client.send("GET /f1 HTTP/1.0\r\n\r\n");
    const http_response got = client.receive();
    EXPECT_EQ(got.body, "content of 1\n");
    EXPECT_EQ(got.field("Connection"), "close");
    EXPECT_TRUE(client.ends());
}

TEST_F(serve_connections, http_1_0_stays_when_asked_to) {
    http_client client = server_.connect();
    for (int i = 0; i < 3; ++i) {
        client.send("GET /f1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        const http_response got = client.receive();
        EXPECT_EQ(got.body, "content of 1\n");
        EXPECT_EQ(got.field("Connection"), "keep-alive");
    }
    client.send("GET /f1 HTTP/1.0\r\n\r\n");
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_TRUE(client.ends());
}

TEST_F(serve_connections, pipelined_requests_in_one_write_are_answered_in_order) {
    http_client client = server_.connect();
    std::string all;
    for (int i = 0; i < 50; ++i) {
        all += request_text("GET", "/f" + std::to_string(i));
    }
    client.send(all);
    for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(client.receive().body, "content of " + std::to_string(i) + "\n");
    }
    EXPECT_EQ(client.get("/f0").status, 200);
}

// Goal: requests that go the long way (HEAD, conditions, errors, large files) keep the order too.
TEST_F(serve_connections, pipelined_requests_of_all_kinds_are_answered_in_order) {
    http_client client = server_.connect();
    std::string all;
    for (int i = 0; i < 10; ++i) {
        all += request_text("GET", "/f1") + request_text("HEAD", "/f2") +
               request_text("GET", "/missing") + request_text("GET", "/large") +
               request_text("GET", "/f3", "Range: bytes=0-6\r\n") + request_text("OPTIONS", "/f4");
    }
    client.send(all);
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(client.receive().body, "content of 1\n");
        const http_response head = client.receive(true);
        ASSERT_EQ(head.status, 200);
        ASSERT_EQ(head.field("Content-Length"), "13");
        ASSERT_EQ(client.receive().status, 404);
        ASSERT_TRUE(client.receive().body == large_);
        ASSERT_EQ(client.receive().body, "content");
        ASSERT_EQ(client.receive().status, 204);
    }
}

TEST_F(serve_connections, requests_byte_by_byte) {
    http_client client = server_.connect();
    const std::string all = request_text("GET", "/f1") + request_text("GET", "/f2") + "\r\n" +
                            request_text("GET", "/large");
    for (const char byte : all) {
        client.send({&byte, 1});
    }
    EXPECT_EQ(client.receive().body, "content of 1\n");
    EXPECT_EQ(client.receive().body, "content of 2\n");
    EXPECT_TRUE(client.receive().body == large_);
}

// Goal: a client that has said all it wants to say is still answered.
TEST_F(serve_connections, half_closed_client_gets_its_answers) {
    http_client client = server_.connect();
    client.send(request_text("GET", "/f1") + request_text("GET", "/large"));
    client.end_sending();
    EXPECT_EQ(client.receive().body, "content of 1\n");
    EXPECT_TRUE(client.receive().body == large_);
    EXPECT_TRUE(client.ends());
}

TEST_F(serve_connections, client_that_says_nothing_is_let_go_in_silence) {
    http_client client = server_.connect();
    client.end_sending();
    EXPECT_TRUE(client.ends());
}

TEST_F(serve_connections, half_a_request_and_the_end_is_no_request) {
    http_client client = server_.connect();
    client.send("GET /f1 HTTP/1.1\r\nHost: x");
    client.end_sending();
    EXPECT_EQ(client.receive_to_the_end(), "");
}

TEST_F(serve_connections, options_name_the_methods) {
    http_client client = server_.connect();
    for (const char* const target : {"/f1", "*", "/missing", "/"}) {
        const http_response got = client.ask("OPTIONS", target);
        EXPECT_EQ(got.status, 204) << target;
        EXPECT_EQ(got.field("Allow"), "GET, HEAD, OPTIONS");
        EXPECT_FALSE(got.has("Content-Length"));
    }
}

TEST_F(serve_connections, other_methods_are_refused_and_the_connection_stays) {
    http_client client = server_.connect();
    for (const char* const method : {"POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"}) {
        const http_response got = client.ask(method, "/f1");
        EXPECT_EQ(got.status, 405) << method;
        EXPECT_EQ(got.field("Allow"), "GET, HEAD, OPTIONS");
    }
    for (const char* const method : {"BREW", "get", "G"}) {
        EXPECT_EQ(client.ask(method, "/f1").status, 501) << method;
    }
    EXPECT_EQ(client.get("/f1").status, 200);
    const http_response tunnel = client.ask("CONNECT", "localhost:443");
    EXPECT_EQ(tunnel.status, 405);
    EXPECT_EQ(tunnel.field("Connection"), "close");  // What follows was meant for the tunnel.
}

TEST_F(serve_connections, absolute_form_is_served) {
    http_client client = server_.connect();
    EXPECT_EQ(client.get("http://localhost/f1").body, "content of 1\n");
    EXPECT_EQ(client.get("http://elsewhere:99/f2?query").body, "content of 2\n");
    EXPECT_EQ(client.get("http://localhost").status, 200);  // The listing of the root.
}

// RFC 9110 section 7.4: without TLS nobody vouches for the origin of an https address.
TEST_F(serve_connections, https_is_refused_without_tls) {
    http_client client = server_.connect();
    EXPECT_EQ(client.get("/f1").status, 200);
    EXPECT_EQ(client.get("https://localhost/f1").status, 421);
    EXPECT_EQ(client.get("HTTPS://localhost").status, 421);
    EXPECT_EQ(client.get("/f1").status, 200);
}

// RFC 9110 section 9.3.2: not even a refusal has content for HEAD.
TEST_F(serve_connections, refused_heads_have_no_body) {
    for (const std::string_view text :
         {"HEAD * HTTP/1.1\r\nHost: x\r\n\r\n", "HEAD /f1 HTTP/1.1\r\n\r\n",
          "\r\nHEAD /f1 HTTP/2.0\r\nHost: x\r\n\r\n"}) {
        http_client client = server_.connect();
        client.send(text);
        const std::string got = client.receive_to_the_end();
        EXPECT_TRUE(got.starts_with("HTTP/1.1 ")) << got;
        EXPECT_TRUE(got.ends_with("\r\n\r\n")) << got;
    }
}

TEST(serve_max_requests, is_told_before_it_is_reached) {
    const temporary_site site;
    site.add("a", "x");
    const server_process server{site.path(), {"--max-requests", "3"}};
    http_client client = server.connect();
    EXPECT_FALSE(client.get("/a").has("Connection"));
    EXPECT_FALSE(client.get("/a").has("Connection"));
    EXPECT_EQ(client.get("/a").field("Connection"), "close");
    EXPECT_TRUE(client.ends());
}

}  // namespace
}  // namespace ringway::test
