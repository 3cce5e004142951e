// Goal: metrics tell what was asked for, no more and no less.
#include <string>

#include <gtest/gtest.h>

#include "support/patience.hpp"
#include "support/prometheus_check.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

class serve_admin : public ::testing::Test {
protected:
    serve_admin() {
        site_.add("a", std::string(1000, 'x'));
        site_.add("a.gz", std::string(10, 'z'));
        site_.add_pattern("large", 100'000);
    }

    // A response is counted when it has been sent, which may be after it was received.
    bool becomes(std::string_view name, double value) {
        return eventually([&] { return server_.metric(name) == value; });
    }

    temporary_site site_;
    server_process server_{site_.path(), {"--admin", "127.0.0.1:0"}};
};

TEST_F(serve_admin, requests_by_method_and_status) {
    EXPECT_EQ(server_.metric("ringway_http_requests_total"), 0);
    http_client client = server_.connect();
    for (int i = 0; i < 7; ++i) {
        client.get("/a");
    }
    client.ask("HEAD", "/a");
    client.get("/missing");
    client.get("/missing");
    client.ask("POST", "/a");
    client.send("GET /a HTTP/1.0\r\n\r\n");
    client.receive_to_the_end();
    const auto name = [](const char* protocol, const char* method, const char* code) {
        return std::string{"ringway_http_requests_total{proto=\""} + protocol + "\",method=\"" +
               method + "\",code=\"" + code + "\"}";
    };
    EXPECT_TRUE(becomes("ringway_http_requests_total", 12));
    EXPECT_EQ(server_.metric(name("http/1.1", "GET", "200")), 7);
    EXPECT_EQ(server_.metric(name("http/1.1", "HEAD", "200")), 1);
    EXPECT_EQ(server_.metric(name("http/1.1", "GET", "404")), 2);
    EXPECT_EQ(server_.metric(name("http/1.1", "POST", "405")), 1);
    EXPECT_EQ(server_.metric(name("http/1.0", "GET", "200")), 1);
    EXPECT_EQ(server_.metric("ringway_http_request_duration_seconds_count"), 12);
    EXPECT_EQ(server_.metric("ringway_http_requests_in_flight"), 0);
}

TEST_F(serve_admin, bytes_and_where_they_came_from) {
    http_client client = server_.connect();
    for (int i = 0; i < 3; ++i) {
        client.get("/a");
        client.get("/large");
    }
    client.get("/a", "Accept-Encoding: gzip\r\n");
    EXPECT_TRUE(becomes("ringway_http_requests_total", 7));
    EXPECT_EQ(server_.metric("ringway_http_response_bytes_total"), 3 * 101'000 + 10);
    EXPECT_EQ(server_.metric("ringway_http_response_bytes_total"
                             "{proto=\"http/1.1\",encoding=\"gzip\"}"),
              10);
    EXPECT_EQ(server_.metric("ringway_file_cache_hits_total{tier=\"miss\"}"), 2);
    EXPECT_EQ(server_.metric("ringway_file_cache_hits_total{tier=\"body\"}"), 3);
    EXPECT_EQ(server_.metric("ringway_file_cache_hits_total{tier=\"fd\"}"), 2);
    EXPECT_EQ(server_.metric("ringway_file_cache_entries"), 2);
    EXPECT_GT(server_.metric("ringway_file_cache_bytes"), 1000);
}

TEST_F(serve_admin, connections) {
    EXPECT_EQ(server_.metric("ringway_connections"), 0);
    {
        http_client one = server_.connect();
        http_client two = server_.connect();
        one.get("/a");
        two.get("/a");
        EXPECT_TRUE(becomes("ringway_connections{transport=\"tcp\",state=\"idle\"}", 2));
        http_client three = server_.connect(4096);
        site_.add_pattern("huge", 16 << 20);
        three.send(request_text("GET", "/huge"));
        EXPECT_TRUE(becomes("ringway_connections{transport=\"tcp\",state=\"active\"}", 1));
        EXPECT_EQ(server_.metric("ringway_http_requests_in_flight"), 1);
    }
    EXPECT_TRUE(becomes("ringway_connections", 0));
    EXPECT_EQ(server_.metric("ringway_http_requests_in_flight"), 0);
    EXPECT_EQ(server_.metric("ringway_connections_accepted_total{transport=\"tcp\"}"), 3);
}

TEST_F(serve_admin, abuse_is_counted) {
    for (const char* const text : {"GET  /\r\n", "GET / HTTP/2.0\r\n"}) {
        http_client client = server_.connect();
        client.send(text);
        client.receive_to_the_end();
    }
    EXPECT_TRUE(becomes("ringway_protocol_abuse_total{kind=\"malformed_head\"}", 1));
    EXPECT_TRUE(becomes("ringway_protocol_abuse_total{kind=\"unsupported_version\"}", 1));
}

TEST_F(serve_admin, page_is_what_prometheus_reads) {
    http_client client = server_.connect();
    client.get("/a");
    http_client admin{server_.admin_port()};
    const http_response page = admin.get("/metrics");
    EXPECT_EQ(page.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    const auto problems = testing_support::check_prometheus(page.body).problems;
    EXPECT_TRUE(problems.empty()) << problems.front();
    EXPECT_EQ(admin.ask("HEAD", "/metrics").status, 200);
    EXPECT_EQ(admin.get("/").status, 404);
    EXPECT_EQ(admin.ask("POST", "/metrics").status, 405);
    EXPECT_EQ(server_.get("/metrics").status, 404);  // Not for everybody.
}

}  // namespace
}  // namespace ringway::test
