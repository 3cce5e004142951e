// Goal: an HTTP/2 server that goes away loses no request, and repeats none that it may have seen.
#include <atomic>
#include <string>

#include <gtest/gtest.h>

#include "support/get_command.hpp"
#include "support/scripted_server.hpp"

namespace ringway::test {
namespace {

using std::string;

// A frame of RFC 9113 section 4.1, shorter than 256 bytes.
string frame(char type, char flags, char stream, const string& payload) {
    string out{"\0\0", 2};
    out += static_cast<char>(payload.size());
    out += type;
    out += flags;
    out += string(3, '\0') + stream;
    return out + payload;
}

const string settings = frame(4, 0, 0, "");
const string ok_hello = frame(1, 4, 1, "\x88") + frame(0, 1, 1, "hello");

string going_away(char last_stream, char code = 0) {
    return frame(7, 0, 0, string(3, '\0') + last_stream + string(3, '\0') + code);
}

// The connection preface is taken for heads of HTTP/1.1: "PRI * HTTP/2.0", then "SM".
bool is_new_connection(const string& head) { return head.starts_with("PRI "); }

TEST(get_h2, what_was_not_looked_at_is_asked_again_elsewhere) {
    const get_command get;
    std::atomic<int> connections{0};
    const scripted_server server{[&](const string& head) -> string {
                                     if (!is_new_connection(head)) {
                                         return "";
                                     }
                                     return settings +
                                            (++connections == 1 ? going_away(0) : ok_hello);
                                 },
                                 true};
    const auto ended = get.run({"--http2", server.url("/f")});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(get.file("f"), "hello");
    EXPECT_EQ(connections, 2);
}

TEST(get_h2, what_is_under_way_is_finished) {
    const get_command get;
    std::atomic<int> connections{0};
    const scripted_server server{[&](const string& head) -> string {
                                     if (!is_new_connection(head)) {
                                         return "";
                                     }
                                     ++connections;
                                     return settings + going_away(1) + ok_hello;
                                 },
                                 true};
    const auto ended = get.run({"--http2", server.url("/f")});
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(get.file("f"), "hello");
    EXPECT_EQ(connections, 1);
}

TEST(get_h2, a_server_that_always_goes_away_is_given_up) {
    const get_command get;
    std::atomic<int> connections{0};
    const scripted_server server{[&](const string& head) -> string {
                                     if (!is_new_connection(head)) {
                                         return "";
                                     }
                                     ++connections;
                                     return settings + going_away(0, 11);
                                 },
                                 true};
    const auto ended = get.run({"--http2", server.url("/f")});
    EXPECT_EQ(ended.exit_status, 1) << ended.standard_error;
    EXPECT_EQ(get.file("f"), "(none)");
    EXPECT_EQ(connections, 3);
}

}  // namespace
}  // namespace ringway::test
