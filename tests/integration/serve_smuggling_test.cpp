// Goal: what two readers could understand differently is refused, the connection ends, and nothing
// behind it is answered (RFC 9112 section 11.2; the cases of Http11Probe and http_strict).
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using namespace std::string_view_literals;

struct probe {
    std::string_view name;
    std::string_view text;
    int status;
};

constexpr probe refused[] = {
    // The request line.
    {"two empty lines first", "\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"bare lf first", "\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"space first", " GET /a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"tls hello", "\x16\x03\x01\x02\x00\x01\x00"sv, 400},
    {"nul first", "\0GET /a HTTP/1.1\r\nHost: h\r\n\r\n"sv, 400},
    {"bare lf after the line", "GET /a HTTP/1.1\nHost: h\r\n\r\n", 400},
    {"bare cr after the line", "GET /a HTTP/1.1\rHost: h\r\n\r\n", 400},
    {"two spaces", "GET  /a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"tab for space", "GET\t/a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"space at the end", "GET /a HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
    {"no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"nul in the target", "GET /a\0 HTTP/1.1\r\nHost: h\r\n\r\n"sv, 400},
    {"raw bytes in the target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"asterisk for get", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"connect without port", "CONNECT h HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"http/0.9", "GET /a\r\n", 400},
    {"http/2.0", "GET /a HTTP/2.0\r\nHost: h\r\n\r\n", 505},
    {"http/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"lower-case version", "GET /a http/1.1\r\nHost: h\r\n\r\n", 400},
    {"version of two digits", "GET /a HTTP/1.10\r\nHost: h\r\n\r\n", 400},
    {"other protocol", "GET /a ICAP/1.0\r\nHost: h\r\n\r\n", 400},
    // Field lines.
    {"folded", "GET /a HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
    {"folded by a tab", "GET /a HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n", 400},
    {"space before the first field", "GET /a HTTP/1.1\r\n Host: h\r\n\r\n", 400},
    {"space before the colon", "GET /a HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n", 400},
    {"no colon", "GET /a HTTP/1.1\r\nHost: h\r\nX\r\n\r\n", 400},
    {"no name", "GET /a HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400},
    {"nul in a value", "GET /a HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"sv, 400},
    {"control in a value", "GET /a HTTP/1.1\r\nHost: h\r\nX: \x1b[1m\r\n\r\n", 400},
    {"bare cr in a value", "GET /a HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400},
    {"bare lf between fields", "GET /a HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
    {"cr cr lf", "GET /a HTTP/1.1\r\nHost: h\r\r\n\r\n", 400},
    {"lf lf at the end", "GET /a HTTP/1.1\nHost: h\n\n", 400},
    {"separator in a name", "GET /a HTTP/1.1\r\nHost: h\r\nX(y): z\r\n\r\n", 400},
    // Host.
    {"no host", "GET /a HTTP/1.1\r\n\r\n", 400},
    {"empty host", "GET /a HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"two hosts", "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"two equal hosts", "GET /a HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400},
    {"space in the host", "GET /a HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"open bracket", "GET /a HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
    {"port 99999", "GET /a HTTP/1.1\r\nHost: h:99999\r\n\r\n", 400},
    {"user in the host", "GET /a HTTP/1.1\r\nHost: u@h\r\n\r\n", 400},
    {"path in the host", "GET /a HTTP/1.1\r\nHost: h/x\r\n\r\n", 400},
    // Framing.
    {"cl.te",
     "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
     "0\r\n\r\n",
     400},
    {"te.cl",
     "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
     "0\r\n\r\n",
     400},
    {"two te",
     "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
     400},
    {"te in 1.0", "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"te before a space", "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n",
     400},
    {"te folded", "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\n\r\n", 400},
    {"te behind a vertical tab",
     "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0b"
     "chunked\r\n\r\n",
     400},
    {"te unknown", "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 400},
    {"te gzip, chunked", "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
     501},
    {"te chunked, identity",
     "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n", 400},
    {"two equal cl",
     "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", 400},
    {"two cl", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\ncontent-length: 9\r\n\r\n",
     400},
    {"cl list", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0, 0\r\n\r\n", 400},
    {"cl plus", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: +0\r\n\r\n", 400},
    {"cl minus", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
    {"cl hexadecimal", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0x0\r\n\r\n", 400},
    {"cl empty", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
    {"cl beyond 64 bits",
     "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\n", 400},
};

constexpr probe accepted[] = {
    {"one empty line first", "\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n", 200},
    {"http/1.2", "GET /a HTTP/1.2\r\nHost: h\r\n\r\n", 200},
    {"no space behind the colon", "GET /a HTTP/1.1\r\nHost:h\r\n\r\n", 200},
    {"much space around a value", "GET /a HTTP/1.1\r\nHost: \t h \t\r\n\r\n", 200},
    {"empty value", "GET /a HTTP/1.1\r\nHost: h\r\nX:\r\n\r\n", 200},
    {"obs-text in a value", "GET /a HTTP/1.1\r\nHost: h\r\nX: \xe9\r\n\r\n", 200},
    {"upgrade is ignored",
     "GET /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 200},
    {"length of zero", "GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 200},
    {"no chunks", "GET /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200},
    {"chunk extension",
     "GET /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\nz\r\n0\r\n\r\n",
     200},
    {"trailer", "GET /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
     200},
    {"host in brackets", "GET /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200},
};

class serve_smuggling : public ::testing::Test {
protected:
    serve_smuggling() {
        site_.add("a", "the file\n");
        site_.add("trap", "SMUGGLED\n");
    }

    temporary_site site_;
    server_process server_{site_.path()};
    std::string trap_ = request_text("GET", "/trap");
};

enum class arrival : bool { at_once, byte_by_byte };

void send(http_client& client, std::string_view text, arrival how) {
    if (how == arrival::at_once) {
        client.send(text);
        return;
    }
    for (const char& byte : text) {
        client.send({&byte, 1});
    }
}

TEST_F(serve_smuggling, bad_requests_end_the_connection) {
    for (const arrival how : {arrival::at_once, arrival::byte_by_byte}) {
        for (const probe& each : refused) {
            http_client client = server_.connect();
            send(client, each.text, how);
            send(client, trap_, how);
            const http_response got = client.receive();
            EXPECT_EQ(got.status, each.status) << each.name;
            EXPECT_EQ(got.field("Connection"), "close") << each.name;
            EXPECT_TRUE(got.complete) << each.name;
            EXPECT_EQ(client.receive_to_the_end(), "") << each.name;
            EXPECT_FALSE(client.was_reset()) << each.name;
        }
    }
}

// Goal: the answer does not wait for the rest of what is bad already.
TEST_F(serve_smuggling, bad_requests_are_answered_without_their_end) {
    for (const std::string_view text :
         {"GET /a HTTP/1.1\r\nHost: a b\r\nX"sv, "GET  "sv, "\x16"sv, "GET /a HTTP/3.0"sv,
          "GET /a HTTP/1.1\r\nHost: h\r\nX : "sv}) {
        http_client client = server_.connect();
        client.send(text);
        EXPECT_GE(client.receive().status, 400) << text;
        EXPECT_EQ(client.receive_to_the_end(), "") << text;
    }
}

// Goal: a good request before a bad one is answered, and before it.
TEST_F(serve_smuggling, good_before_bad) {
    http_client client = server_.connect();
    client.send(request_text("GET", "/a") + request_text("GET", "/a") +
                "GET /a HTTP/1.1\r\nHost: a b\r\n\r\n" + trap_);
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_EQ(client.receive().status, 400);
    EXPECT_EQ(client.receive_to_the_end(), "");
}

// Goal: what a client has sent into a tunnel that was refused is not taken for requests.
TEST_F(serve_smuggling, a_refused_tunnel_ends_the_connection) {
    http_client client = server_.connect();
    client.send("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n" + trap_);
    EXPECT_EQ(client.receive().status, 405);
    EXPECT_EQ(client.receive_to_the_end(), "");
}

TEST_F(serve_smuggling, odd_but_clear_requests_are_served) {
    for (const arrival how : {arrival::at_once, arrival::byte_by_byte}) {
        for (const probe& each : accepted) {
            http_client client = server_.connect();
            send(client, each.text, how);
            const http_response got = client.receive();
            EXPECT_EQ(got.status, each.status) << each.name;
            EXPECT_EQ(got.body, "the file\n") << each.name;
            if (got.field("Connection") != "close") {
                EXPECT_EQ(client.get("/trap").body, "SMUGGLED\n") << each.name;
            }
        }
    }
}

}  // namespace
}  // namespace ringway::test
