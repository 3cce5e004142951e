// Request heads: which are accepted and with what status the others are refused. The cases follow
// RFC 9112 sections 2 to 6, RFC 9110 sections 4, 5 and 7, and the lists of Http11Probe and
// http_strict.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "unit/wire/h1_support.hpp"

namespace ringway::wire {
namespace {

using namespace std::string_view_literals;
using status = h1_request_parser::status;

struct head_case {
    std::string_view name;
    std::string_view text;
    int reject_status;  // 0: accepted.
};

void expect_all(std::span<const head_case> cases) {
    for (const auto& [name, text, reject_status] : cases) {
        const auto whole = read_whole(text);
        EXPECT_EQ(whole.what, reject_status == 0 ? status::complete : status::bad) << name;
        EXPECT_EQ(whole.reject_status, reject_status) << name << ": " << whole.reason;
        EXPECT_EQ(whole.reason.empty(), reject_status == 0) << name;
        EXPECT_EQ(read_bytewise(text), whole) << name;
    }
}

// Goal: RFC 9112 section 3, the request line.
TEST(h1_syntax, request_lines) {
    constexpr head_case cases[] = {
        {"plain", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"http/1.0 without host", "GET / HTTP/1.0\r\n\r\n", 0},
        {"empty line before", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"bare lf before", "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"space before", " GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"tls client hello", "\x16\x03\x01\x02\0"sv, 400},
        {"nul first", "\0GET / HTTP/1.1\r\n\r\n"sv, 400},
        {"unknown method", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"lower-case method", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"method of odd token characters", "!#$%&'*+-.^_`|~ / HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"method with a separator", "GE(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"method with nul", "GE\0T / HTTP/1.1\r\nHost: h\r\n\r\n"sv, 400},
        {"overlong method", "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
        {"two spaces after the method", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"two spaces after the target", "GET /  HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"space after the version", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
        {"tab between", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"http/0.9", "GET /\r\n", 400},
        {"http/0.9 with version", "GET / HTTP/0.9\r\n\r\n", 505},
        {"http/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 0},
        {"http/1.9", "GET / HTTP/1.9\r\nHost: h\r\n\r\n", 0},
        {"http/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
        {"http/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"http/3.0", "GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505},
        {"http/2 without minor", "GET / HTTP/2\r\nHost: h\r\n\r\n", 400},
        {"two-digit minor", "GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400},
        {"two-digit major", "GET / HTTP/11.1\r\nHost: h\r\n\r\n", 400},
        {"lower-case version", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
        {"other protocol", "GET / ICE/1.0\r\nHost: h\r\n\r\n", 400},
        {"rtsp", "SETUP / RTSP/1.0\r\nHost: h\r\n\r\n", 400},
        {"space in the version", "GET / HTTP/ 1.1\r\nHost: h\r\n\r\n", 400},
        {"comma in the version", "GET / HTTP/1,1\r\nHost: h\r\n\r\n", 400},
        {"bare lf", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400},
        {"bare cr", "GET / HTTP/1.1\rHost: h\r\n\r\n", 400},
        {"cr cr lf", "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n", 400},
        {"cr in the target", "GET /\rx HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"vertical tab", "GET /\x0b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    };
    expect_all(cases);
}

// Goal: RFC 9112 section 3.2, the four forms of a target.
TEST(h1_syntax, targets) {
    constexpr head_case cases[] = {
        {"query", "GET /a?b=c&d HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"odd but visible", "GET /\"<>\\^`{|}[]'~ HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"bad escapes are for the path to judge", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"raw utf-8", "GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"nul", "GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n"sv, 400},
        {"del", "GET /a\x7f HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"space", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"relative", "GET ../x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"no slash", "GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"query only", "GET ?x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"absolute", "GET http://h/x HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"absolute, https", "GET HTTPS://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"absolute, no path", "GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"absolute, query only", "GET http://h?x HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"absolute, port and address", "GET http://[::1]:80/ HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"absolute, other host wins", "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", 0},
        {"absolute, without host field", "GET http://a/ HTTP/1.1\r\n\r\n", 400},
        {"absolute, in 1.0", "GET http://a/ HTTP/1.0\r\n\r\n", 0},
        {"absolute, no host", "GET http:///x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"absolute, user", "GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"absolute, bad port", "GET http://h:99999/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"other scheme", "GET ftp://h/x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"file scheme", "GET file:///etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"scheme without slashes", "GET http:h HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"asterisk for options", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 0},
        {"asterisk for get", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"asterisk and more", "OPTIONS *x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"authority for connect", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", 0},
        {"connect without port", "CONNECT h HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"connect with a path", "CONNECT /x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"connect with absolute", "CONNECT http://h:1/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"authority for get", "GET h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    };
    expect_all(cases);
}

// Goal: RFC 9112 section 5, field lines.
TEST(h1_syntax, field_lines) {
    constexpr head_case cases[] = {
        {"no white space", "GET / HTTP/1.1\r\nHost:h\r\n\r\n", 0},
        {"much white space", "GET / HTTP/1.1\r\nHost: \t h \t \r\n\r\n", 0},
        {"empty value", "GET / HTTP/1.1\r\nHost: h\r\nX:\r\n\r\n", 0},
        {"tab in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\tb\r\n\r\n", 0},
        {"obs-text in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: caf\xe9\r\n\r\n", 0},
        {"colons in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: :a:b\r\n\r\n", 0},
        {"space before the colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
        {"tab before the colon", "GET / HTTP/1.1\r\nHost\t: h\r\n\r\n", 400},
        {"space before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
        {"tab before the first field", "GET / HTTP/1.1\r\n\tX: y\r\nHost: h\r\n\r\n", 400},
        {"folded", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
        {"folded with a tab", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n", 400},
        {"folded empty value", "GET / HTTP/1.1\r\nHost: h\r\nX:\r\n b\r\n\r\n", 400},
        {"line of white space", "GET / HTTP/1.1\r\nHost: h\r\n \r\n\r\n", 400},
        {"no colon", "GET / HTTP/1.1\r\nHost: h\r\nX\r\n\r\n", 400},
        {"no name", "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400},
        {"separator in a name", "GET / HTTP/1.1\r\nHost: h\r\nX(: y\r\n\r\n", 400},
        {"space in a name", "GET / HTTP/1.1\r\nHost: h\r\nX Y: z\r\n\r\n", 400},
        {"obs-text in a name", "GET / HTTP/1.1\r\nHost: h\r\nX\xe9: y\r\n\r\n", 400},
        {"nul in a name", "GET / HTTP/1.1\r\nHost: h\r\nX\0: y\r\n\r\n"sv, 400},
        {"nul in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"sv, 400},
        {"control in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n", 400},
        {"escape in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: \x1b[31m\r\n\r\n", 400},
        {"del in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\x7f\r\n\r\n", 400},
        {"bare lf", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
        {"bare cr", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400},
        {"bare cr in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400},
        {"cr cr lf", "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n", 400},
        {"lf at the end", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400},
        {"cr and something at the end", "GET / HTTP/1.1\r\nHost: h\r\n\rX", 400},
        {"lf lf", "GET / HTTP/1.1\nHost: h\n\n", 400},
    };
    expect_all(cases);
}

// Goal: RFC 9112 section 3.2 and RFC 9110 section 7.2: one Host, and a valid one.
TEST(h1_syntax, hosts) {
    constexpr head_case cases[] = {
        {"port", "GET / HTTP/1.1\r\nHost: h:8080\r\n\r\n", 0},
        {"address", "GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n", 0},
        {"any case of the name", "GET / HTTP/1.1\r\nhOsT: h\r\n\r\n", 0},
        {"missing", "GET / HTTP/1.1\r\n\r\n", 400},
        {"missing in 1.2", "GET / HTTP/1.2\r\n\r\n", 400},
        {"empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        {"twice, different", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"twice, equal", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nhost: a\r\n\r\n", 400},
        {"twice in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"invalid in 1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400},
        {"space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
        {"user", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", 400},
        {"path", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400},
        {"scheme", "GET / HTTP/1.1\r\nHost: http://h\r\n\r\n", 400},
        {"large port", "GET / HTTP/1.1\r\nHost: h:99999\r\n\r\n", 400},
        {"port in words", "GET / HTTP/1.1\r\nHost: h:http\r\n\r\n", 400},
        {"open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
        {"bare ipv6", "GET / HTTP/1.1\r\nHost: ::1\r\n\r\n", 400},
        {"obs-text", "GET / HTTP/1.1\r\nHost: \xc3\xa9.org\r\n\r\n", 400},
    };
    expect_all(cases);
}

// Goal: RFC 9112 sections 6 and 11.2: no two readers may see different ends of a message.
TEST(h1_syntax, framing_fields) {
    constexpr std::string_view te = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: ";
    const auto coded = [te](std::string_view value) {
        return std::string{te} + std::string{value} + "\r\n\r\n0\r\n\r\n";
    };
    for (const std::string_view value :
         {"chunked", "Chunked", "CHUNKED", " chunked ", "\tchunked\t"}) {
        EXPECT_EQ(read_whole(coded(value)).what, status::complete) << value;
    }
    for (const std::string_view value :
         {"gzip, chunked", "gzip,Chunked", "deflate, gzip, chunked", "identity,chunked"}) {
        EXPECT_EQ(read_whole(coded(value)).reject_status, 501) << value;
        EXPECT_EQ(read_bytewise(coded(value)), read_whole(coded(value))) << value;
    }
    for (const std::string_view value : {"gzip",
                                         "identity",
                                         "xchunked",
                                         "chunkedx",
                                         "chunked-x",
                                         "cow",
                                         "deflate,gzip",
                                         "",
                                         ",",
                                         "chunked, chunked",
                                         "chunked, gzip",
                                         "chunked, identity",
                                         "chunked,",
                                         ",chunked",
                                         "\"chunked\"",
                                         "'chunked' x",
                                         "chunked;q=1",
                                         "gzip;q=1, chunked",
                                         "chun ked",
                                         "\x0b"
                                         "chunked",
                                         "chunked\x0c",
                                         "[chunked]",
                                         "gzip chunked",
                                         "chunk\xc3\xa9"
                                         "d"}) {
        EXPECT_EQ(read_whole(coded(value)).reject_status, 400) << value;
        EXPECT_EQ(read_bytewise(coded(value)), read_whole(coded(value))) << value;
    }
}

TEST(h1_syntax, smuggling_shapes) {
    constexpr head_case cases[] = {
        {"cl.te",
         "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"te.cl",
         "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
         400},
        {"te.te",
         "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked"
         "\r\n\r\n",
         400},
        {"te.te, hidden",
         "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
         "Transfer-encoding: x\r\n\r\n",
         400},
        {"te in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"te with a space", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n",
         400},
        {"te folded", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\n\r\n", 400},
        {"te behind a bare lf",
         "POST / HTTP/1.1\r\nHost: h\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"cl with a space", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n\r\n", 400},
        {"cl twice, equal",
         "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", 400},
        {"cl twice, different",
         "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\ncontent-length: 5\r\n\r\n", 400},
        {"cl list", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0, 0\r\n\r\n", 400},
        {"cl empty", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
        {"cl plus", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +0\r\n\r\n", 400},
        {"cl minus", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -0\r\n\r\n", 400},
        {"cl hex", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x0\r\n\r\n", 400},
        {"cl float", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0.0\r\n\r\n", 400},
        {"cl exponent", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1e1\r\n\r\n", 400},
        {"cl underscore", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1_0\r\n\r\n", 400},
        {"cl quoted", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \"0\"\r\n\r\n", 400},
        {"cl two numbers", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0 0\r\n\r\n", 400},
        {"cl beyond 64 bits",
         "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\n", 400},
        {"cl beyond everything",
         "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999999\r\n\r\n", 400},
        {"cl and te in one line",
         "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5 Transfer-Encoding: chunked\r\n\r\n", 400},
        {"upgrade is no framing",
         "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 0},
    };
    expect_all(cases);
}

TEST(h1_syntax, limits_have_their_own_status) {
    const auto get = [](std::string_view target, std::string_view fields) {
        return "GET " + std::string{target} + " HTTP/1.1\r\nHost: h\r\n" + std::string{fields} +
               "\r\n";
    };
    std::string many;
    for (int i = 0; i < 100; ++i) {
        many += "X: y\r\n";
    }
    EXPECT_EQ(read_whole(get("/" + std::string(8191, 'a'), "")).reject_status, 0);
    EXPECT_EQ(read_whole(get("/" + std::string(8192, 'a'), "")).reject_status, 414);
    EXPECT_EQ(read_whole(get("/", many.substr(6))).reject_status, 0);
    EXPECT_EQ(read_whole(get("/", many)).reject_status, 431);
    EXPECT_EQ(read_whole(get("/", "X: " + std::string(16'381, 'x') + "\r\n")).reject_status, 0);
    EXPECT_EQ(read_whole(get("/", "X: " + std::string(16'382, 'x') + "\r\n")).reject_status, 431);
    const auto large = "X: " + std::string(16'000, 'x') + "\r\n";
    EXPECT_EQ(read_whole(get("/", large + large)).reject_status, 0);
    EXPECT_EQ(read_whole(get("/", large + large + large)).reject_status, 431);
}

// Goal: a request is never understood to be shorter or longer than it is: a GET with a body is
// followed by the next request, not by its body.
TEST(h1_syntax, bodies_end_where_the_next_request_starts) {
    struct body_case {
        std::string_view fields;
        std::string_view body;
    };
    for (const auto& [fields, body] : {
             body_case{"Content-Length: 28\r\n", "GET /smuggled HTTP/1.1\r\nX: y"},
             body_case{"Transfer-Encoding: chunked\r\n",
                       "1c\r\nGET /smuggled HTTP/1.1\r\nX: y\r\n0\r\n\r\n"},
             body_case{"Transfer-Encoding: chunked\r\n", "0\r\nX: y\r\n\r\n"},
             body_case{"Content-Length: 0\r\n", ""},
             body_case{"", ""},
         }) {
        for (const std::string_view method : {"GET", "HEAD", "POST", "OPTIONS", "DELETE", "BREW"}) {
            const auto text = std::string{method} + " / HTTP/1.1\r\nHost: h\r\n" +
                              std::string{fields} + "\r\n" + std::string{body};
            const auto message = read_whole(text + "GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
            EXPECT_EQ(message.what, status::complete) << text;
            EXPECT_EQ(message.consumed, text.size()) << text;
            EXPECT_EQ(read_bytewise(text + "GET /next"), read_whole(text + "GET /next")) << text;
        }
    }
}

}  // namespace
}  // namespace ringway::wire
