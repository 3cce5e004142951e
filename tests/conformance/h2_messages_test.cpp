// RFC 9113 section 8: requests as HTTP/2 has them.
#include <string>
#include <vector>

#include "conformance/h2_case.hpp"

namespace ringway::test {
namespace {

using namespace h2;

fields without(const char* name) {
    fields list = get("/a");
    std::erase_if(list, [&](const auto& each) { return each.first == name; });
    return list;
}

fields with(const char* name, const char* value) {
    fields list = get("/a");
    for (auto& each : list) {
        if (each.first == name) {
            each.second = value;
        }
    }
    return list;
}

frames_case malformed(const char* name, const char* source, const fields& list) {
    return {name, source, ask(list), reaction::reset, {protocol_error}};
}

frames_case fine(const char* name, const char* source, const fields& list) {
    return {name, source, ask(list), reaction::answer, {}};
}

fields begun_with(const char* name, const char* value) {
    fields list = get("/a");
    list.insert(list.begin(), {name, value});
    return list;
}

fields late_pseudo_field() {
    fields list = get("/a");
    list.insert(list.begin() + 1, {"accept", "*/*"});
    return list;
}

const std::vector<frames_case> good_messages{
    fine("get", "8.3.1", get("/a")),
    fine("https_scheme", "8.3.1", with(":scheme", "https")),
    fine("host_alone", "8.3.1",
         {{":method", "GET"}, {":scheme", "http"}, {":path", "/a"}, {"host", "h"}}),
    fine("host_same", "8.3.1", get("/a", {{"host", "h"}})),
    fine("options_asterisk", "8.3.1",
         {{":method", "OPTIONS"}, {":scheme", "http"}, {":path", "*"}, {":authority", "h"}}),
    fine("connect", "8.5", {{":method", "CONNECT"}, {":authority", "h:443"}}),
    fine("te_trailers", "8.2.2", get("/a", {{"te", "trailers"}})),
    fine("cookie_crumbs", "8.2.3", get("/a", {{"cookie", "a=b"}, {"cookie", "c=d"}})),
    fine("query", "8.3.1", get("/a?x=1")),
    fine("empty_value", "8.2.1", get("/a", {{"x", ""}})),
    fine("obs_text", "8.2.1", get("/a", {{"x", "\xc3\xa4"}})),
    fine("unknown_method", "8.3.1", with(":method", "BREW")),
    fine("host_case", "8.3.1", get("/a", {{"host", "H"}})),
};

const std::vector<frames_case> bad_messages{
    malformed("upper_case_name", "8.2.1", get("/a", {{"X-Test", "x"}})),
    malformed("space_in_name", "8.2.1", get("/a", {{"x test", "x"}})),
    malformed("colon_in_name", "8.2.1", get("/a", {{"x:test", "x"}})),
    malformed("empty_name", "8.2.1", get("/a", {{"", "x"}})),
    malformed("nul_in_value", "8.2.1", get("/a", {{"x", string("a\0b", 3)}})),
    malformed("lf_in_value", "8.2.1", get("/a", {{"x", "a\nb"}})),
    malformed("cr_in_value", "8.2.1", get("/a", {{"x", "a\rb"}})),
    malformed("space_before_value", "8.2.1", get("/a", {{"x", " a"}})),
    malformed("space_behind_value", "8.2.1", get("/a", {{"x", "a "}})),
    malformed("tab_behind_value", "8.2.1", get("/a", {{"x", "a\t"}})),
    malformed("control_in_value", "8.2.1", get("/a", {{"x", "a\x01"}})),
    malformed("connection", "8.2.2", get("/a", {{"connection", "close"}})),
    malformed("keep_alive", "8.2.2", get("/a", {{"keep-alive", "1"}})),
    malformed("proxy_connection", "8.2.2", get("/a", {{"proxy-connection", "close"}})),
    malformed("transfer_encoding", "8.2.2", get("/a", {{"transfer-encoding", "chunked"}})),
    malformed("upgrade", "8.2.2", get("/a", {{"upgrade", "h2c"}})),
    malformed("te_gzip", "8.2.2", get("/a", {{"te", "trailers, deflate"}})),
    malformed("pseudo_after_field", "8.3", late_pseudo_field()),
    malformed("unknown_pseudo", "8.3", begun_with(":test", "x")),
    malformed("response_pseudo", "8.3", begun_with(":status", "200")),
    malformed("no_method", "8.3.1", without(":method")),
    malformed("no_scheme", "8.3.1", without(":scheme")),
    malformed("no_path", "8.3.1", without(":path")),
    malformed("no_authority", "8.3.1", without(":authority")),
    malformed("empty_path", "8.3.1", with(":path", "")),
    malformed("relative_path", "8.3.1", with(":path", "a")),
    malformed("asterisk_path", "8.3.1", with(":path", "*")),
    malformed("absolute_path", "8.3.1", with(":path", "http://h/a")),
    malformed("fragment_in_path", "8.3.1", with(":path", "/a#b")),
    malformed("space_in_path", "8.3.1", with(":path", "/a b")),
    malformed("control_in_path", "8.3.1", with(":path", "/a\x01")),
    malformed("non_ascii_path", "8.3.1", with(":path", "/\xc3\xa4")),
    malformed("method_twice", "8.3", begun_with(":method", "GET")),
    malformed("path_twice", "8.3", begun_with(":path", "/a")),
    malformed("scheme_twice", "8.3", begun_with(":scheme", "http")),
    malformed("authority_twice", "8.3", begun_with(":authority", "h")),
    malformed("empty_method", "8.3.1", with(":method", "")),
    malformed("space_in_method", "8.3.1", with(":method", "GE T")),
    malformed("empty_scheme", "8.3.1", with(":scheme", "")),
    malformed("other_scheme", "8.3.1", with(":scheme", "ftp")),
    malformed("empty_authority", "8.3.1", with(":authority", "")),
    malformed("bad_authority", "8.3.1", with(":authority", "a b")),
    malformed("userinfo", "8.3.1", with(":authority", "u@h")),
    malformed("port_too_large", "8.3.1", with(":authority", "h:99999")),
    malformed("open_bracket", "8.3.1", with(":authority", "[::1")),
    malformed("host_differs", "8.3.1", get("/a", {{"host", "other"}})),
    malformed("host_twice", "8.3.1", get("/a", {{"host", "h"}, {"host", "h"}})),
    malformed("connect_with_path", "8.5",
              {{":method", "CONNECT"}, {":authority", "h:443"}, {":path", "/"}}),
    malformed("connect_with_scheme", "8.5",
              {{":method", "CONNECT"}, {":authority", "h:443"}, {":scheme", "http"}}),
    malformed("connect_without_port", "8.5", {{":method", "CONNECT"}, {":authority", "h"}}),
    malformed("content_length_twice", "8.1.1",
              get("/a", {{"content-length", "0"}, {"content-length", "0"}})),
    malformed("content_length_words", "8.1.1", get("/a", {{"content-length", "zero"}})),
    malformed("content_length_sign", "8.1.1", get("/a", {{"content-length", "+0"}})),
    malformed("content_length_without_body", "8.1.1", get("/a", {{"content-length", "4"}})),
};

string with_length(const char* length) {
    return frame(headers, end_headers, 1, post_head + block({{"content-length", length}}));
}

std::vector<frames_case> body_cases() {
    const string trailers = block({{"x-sum", "1"}});
    return {
        {"body_of_its_length",
         "8.1.1",
         with_length("4") + frame(data, end_stream, 1, "test"),
         reaction::answer,
         {}},
        {"body_too_long",
         "8.1.1",
         with_length("1") + frame(data, end_stream, 1, "test"),
         reaction::reset,
         {protocol_error}},
        {"body_too_short",
         "8.1.1",
         with_length("5") + frame(data, end_stream, 1, "test"),
         reaction::reset,
         {protocol_error}},
        {"body_too_long_in_parts",
         "8.1.1",
         with_length("5") + frame(data, 0, 1, "test") + frame(data, end_stream, 1, "test"),
         reaction::reset,
         {protocol_error}},
        {"trailers",
         "8.1",
         open_post + frame(data, 0, 1, "test") +
             frame(headers, end_headers | end_stream, 1, trailers),
         reaction::answer,
         {}},
        {"trailers_without_end",
         "8.1",
         open_post + frame(data, 0, 1, "test") + frame(headers, end_headers, 1, trailers),
         reaction::reset,
         {protocol_error}},
        {"pseudo_in_trailers",
         "8.1",
         open_post + frame(data, 0, 1, "test") +
             frame(headers, end_headers | end_stream, 1, block({{":method", "GET"}})),
         reaction::reset,
         {protocol_error}},
        {"upper_case_in_trailers",
         "8.1",
         open_post + frame(headers, end_headers | end_stream, 1, block({{"X", "y"}})),
         reaction::reset,
         {protocol_error}},
        {"empty_data_ends",
         "8.1",
         open_post + frame(data, end_stream, 1, ""),
         reaction::answer,
         {}},
        {"expect_continue",
         "8.1",
         frame(headers, end_headers, 1, post_head + block({{"expect", "100-continue"}})),
         reaction::answer,
         {}},
    };
}

class h2_messages : public h2_frames {};

TEST_P(h2_messages, reaction_is_right) { check_case(server_->port(), GetParam()); }

INSTANTIATE_TEST_SUITE_P(good, h2_messages, ::testing::ValuesIn(good_messages), name_of_case);
INSTANTIATE_TEST_SUITE_P(bad, h2_messages, ::testing::ValuesIn(bad_messages), name_of_case);
INSTANTIATE_TEST_SUITE_P(bodies, h2_messages, ::testing::ValuesIn(body_cases()), name_of_case);

}  // namespace
}  // namespace ringway::test
