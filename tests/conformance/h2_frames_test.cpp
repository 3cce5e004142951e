// RFC 9113, RFC 7541 and RFC 9218 as a table: frames in, the reaction that is expected.
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/h2_client.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;
using namespace h2;

enum class reaction {
    answer,           // A response to stream 1 with END_STREAM, and the connection lives.
    nothing,          // The connection lives.
    living_or_ended,  // PING is answered, or the connection is closed.
    reset,            // RST_STREAM for the stream, or GOAWAY, with one of the codes.
    end,              // GOAWAY with one of the codes.
};

struct frames_case {
    const char* name;
    const char* source;
    string bytes;
    reaction want;
    std::vector<std::uint32_t> codes;
    std::uint32_t stream = 1;

    friend void PrintTo(const frames_case& each, std::ostream* out) { *out << each.name; }
};

const string get_a = request(1, get("/a"));
const string post_head =
    block({{":method", "POST"}, {":scheme", "http"}, {":path", "/a"}, {":authority", "h"}});
const string open_post = frame(headers, end_headers, 1, post_head);

string ask(const fields& list) { return request(1, list); }
string zeros(std::size_t count) { return string(count, '\0'); }

std::vector<frames_case> frame_cases() {
    return {
        {"unknown_type", "4.1", frame(0xfa, 0, 0, "12345678") + get_a, reaction::answer, {}},
        {"unknown_flags", "4.1", ping_frame("12345678", 0xfe), reaction::nothing, {}},
        {"reserved_bit", "4.1", frame(ping, 0, 0x80000000, "12345678"), reaction::nothing, {}},
        {"frame_of_16384",
         "4.2",
         open_post + frame(data, end_stream, 1, string(16384, 'x')),
         reaction::answer,
         {}},
        {"data_over_16384",
         "4.2",
         open_post + frame(data, end_stream, 1, string(16385, 'x')),
         reaction::reset,
         {frame_size_error}},
        {"headers_over_16384",
         "4.2",
         frame(headers, end_headers | end_stream, 1, string(16385, 'x')),
         reaction::end,
         {frame_size_error}},
        {"bad_block",
         "4.3",
         frame(headers, end_headers | end_stream, 1, "\xff\xff\xff\xff\xff\xff"),
         reaction::end,
         {compression_error}},
        {"priority_within_block",
         "4.3",
         frame(headers, end_stream, 1, block(get("/a"))) + frame(priority, 0, 1, zeros(4) + "x"),
         reaction::end,
         {protocol_error}},
        {"other_stream_within_block",
         "4.3",
         frame(headers, end_stream, 1, block(get("/a"))) + request(3, get("/a")),
         reaction::end,
         {protocol_error}},
        {"data_idle",
         "5.1",
         frame(data, end_stream, 1, "x"),
         reaction::end,
         {protocol_error, stream_closed}},
        {"rst_idle", "5.1", frame(rst_stream, 0, 1, u32(cancel)), reaction::end, {protocol_error}},
        {"window_update_idle",
         "5.1",
         frame(window_update, 0, 1, u32(100)),
         reaction::end,
         {protocol_error}},
        {"continuation_idle",
         "5.1",
         frame(continuation, end_headers, 1, block(get("/a"))),
         reaction::end,
         {protocol_error}},
        {"data_half_closed",
         "5.1",
         get_a + frame(data, end_stream, 1, "x"),
         reaction::reset,
         {stream_closed, protocol_error}},
        {"headers_half_closed",
         "5.1",
         get_a + get_a,
         reaction::reset,
         {stream_closed, protocol_error}},
        {"continuation_half_closed",
         "5.1",
         get_a + frame(continuation, end_headers, 1, ""),
         reaction::end,
         {protocol_error, stream_closed}},
        {"headers_after_rst",
         "5.1",
         open_post + frame(rst_stream, 0, 1, u32(cancel)) + get_a,
         reaction::reset,
         {stream_closed, protocol_error}},
        {"even_stream", "5.1.1", request(2, get("/a")), reaction::end, {protocol_error}, 2},
        {"lower_stream",
         "5.1.1",
         request(5, get("/a")) + request(3, get("/a")),
         reaction::end,
         {protocol_error, stream_closed},
         3},
        {"stream_zero_data",
         "6.1",
         frame(data, end_stream, 0, "x"),
         reaction::end,
         {protocol_error}},
        {"data_padding",
         "6.1",
         open_post + frame(data, end_stream | padded, 1, "\x02xyz" + zeros(1)),
         reaction::answer,
         {}},
        {"data_padding_too_long",
         "6.1",
         open_post + frame(data, end_stream | padded, 1, "\x09xyz"),
         reaction::end,
         {protocol_error}},
        {"headers_stream_zero", "6.2", request(0, get("/a")), reaction::end, {protocol_error}},
        {"headers_padding",
         "6.2",
         frame(headers, end_stream | end_headers | padded, 1, "\x03" + block(get("/a")) + zeros(3)),
         reaction::answer,
         {}},
        {"headers_padding_too_long",
         "6.2",
         frame(headers, end_stream | end_headers | padded, 1, "\xff" + block(get("/a"))),
         reaction::end,
         {protocol_error}},
        {"headers_with_priority",
         "6.2",
         frame(headers, end_stream | end_headers | with_priority, 1,
               u32(0) + "x" + block(get("/a"))),
         reaction::answer,
         {}},
        {"priority", "6.3", frame(priority, 0, 1, u32(0) + "x") + get_a, reaction::answer, {}},
        {"priority_stream_zero",
         "6.3",
         frame(priority, 0, 0, u32(0) + "x"),
         reaction::end,
         {protocol_error}},
        {"priority_length",
         "6.3",
         frame(priority, 0, 1, u32(0)),
         reaction::reset,
         {frame_size_error}},
        {"rst_stream_zero",
         "6.4",
         frame(rst_stream, 0, 0, u32(cancel)),
         reaction::end,
         {protocol_error}},
        {"rst_length",
         "6.4",
         open_post + frame(rst_stream, 0, 1, "abc"),
         reaction::end,
         {frame_size_error}},
        {"rst_then_ping",
         "6.4",
         open_post + frame(rst_stream, 0, 1, u32(cancel)),
         reaction::nothing,
         {}},
        {"settings_ack_with_payload",
         "6.5",
         frame(settings, ack, 0, setting(1, 1)),
         reaction::end,
         {frame_size_error}},
        {"settings_on_stream",
         "6.5",
         frame(settings, 0, 1, setting(1, 1)),
         reaction::end,
         {protocol_error}},
        {"settings_length", "6.5", frame(settings, 0, 0, "abc"), reaction::end, {frame_size_error}},
        {"settings_enable_push_2",
         "6.5.2",
         frame(settings, 0, 0, setting(2, 2)),
         reaction::end,
         {protocol_error}},
        {"settings_window_too_large",
         "6.5.2",
         frame(settings, 0, 0, setting(4, 0x80000000)),
         reaction::end,
         {flow_control_error}},
        {"settings_frame_size_too_small",
         "6.5.2",
         frame(settings, 0, 0, setting(5, 16383)),
         reaction::end,
         {protocol_error}},
        {"settings_frame_size_too_large",
         "6.5.2",
         frame(settings, 0, 0, setting(5, 1 << 24)),
         reaction::end,
         {protocol_error}},
        {"settings_unknown",
         "6.5.2",
         frame(settings, 0, 0, setting(0xff, 1)) + get_a,
         reaction::answer,
         {}},
        {"settings_header_table_0",
         "6.5.2",
         frame(settings, 0, 0, setting(1, 0)) + get_a,
         reaction::answer,
         {}},
        {"push_promise_from_client",
         "6.6",
         frame(push_promise, end_headers, 1, u32(2) + block(get("/a"))),
         reaction::end,
         {protocol_error}},
        {"ping_on_stream", "6.7", frame(ping, 0, 1, "12345678"), reaction::end, {protocol_error}},
        {"ping_length", "6.7", frame(ping, 0, 0, "123456"), reaction::end, {frame_size_error}},
        {"ping_ack_unasked", "6.7", ping_frame("unasked!", ack), reaction::nothing, {}},
        {"goaway_on_stream",
         "6.8",
         frame(goaway, 0, 1, u32(0) + u32(0)),
         reaction::end,
         {protocol_error}},
        {"goaway_length", "6.8", frame(goaway, 0, 0, u32(0)), reaction::end, {frame_size_error}},
        {"window_update_0_connection",
         "6.9",
         frame(window_update, 0, 0, u32(0)),
         reaction::end,
         {protocol_error}},
        {"window_update_0_stream",
         "6.9",
         open_post + frame(window_update, 0, 1, u32(0)),
         reaction::reset,
         {protocol_error}},
        {"window_update_length",
         "6.9",
         frame(window_update, 0, 0, "abc"),
         reaction::end,
         {frame_size_error}},
        {"window_overflow_connection",
         "6.9.1",
         frame(window_update, 0, 0, u32(0x7fffffff)) + frame(window_update, 0, 0, u32(0x7fffffff)),
         reaction::end,
         {flow_control_error}},
        {"window_overflow_stream",
         "6.9.1",
         open_post + frame(window_update, 0, 1, u32(0x7fffffff)) +
             frame(window_update, 0, 1, u32(0x7fffffff)),
         reaction::reset,
         {flow_control_error}},
        {"window_overflow_by_settings",
         "6.9.2",
         open_post + frame(window_update, 0, 1, u32(0x7fff0000)) +
             frame(settings, 0, 0, setting(4, 0x7fffffff)),
         reaction::reset,
         {flow_control_error}},
        {"two_continuations",
         "6.10",
         frame(headers, end_stream, 1, block(get("/a")).substr(0, 5)) +
             frame(continuation, 0, 1, block(get("/a")).substr(5, 5)) +
             frame(continuation, end_headers, 1, block(get("/a")).substr(10)),
         reaction::answer,
         {}},
        {"continuation_stream_zero",
         "6.10",
         frame(headers, end_stream, 1, block(get("/a"))) + frame(continuation, end_headers, 0, ""),
         reaction::end,
         {protocol_error}},
        {"continuation_after_end_headers",
         "6.10",
         get_a + frame(continuation, end_headers, 1, ""),
         reaction::end,
         {protocol_error}},
        {"continuation_after_data",
         "6.10",
         open_post + frame(data, 0, 1, "x") + frame(continuation, end_headers, 1, ""),
         reaction::end,
         {protocol_error}},
        {"data_within_block",
         "6.10",
         frame(headers, 0, 1, post_head) + frame(data, end_stream, 1, "x"),
         reaction::end,
         {protocol_error}},
        {"goaway_unknown_code",
         "7",
         frame(goaway, 0, 0, u32(0) + u32(0xff)),
         reaction::living_or_ended,
         {}},
        {"rst_unknown_code",
         "7",
         open_post + frame(rst_stream, 0, 1, u32(0xff)),
         reaction::nothing,
         {}},
        {"priority_update",
         "RFC 9218 7.1",
         frame(priority_update, 0, 0, u32(1) + "u=1") + get_a,
         reaction::answer,
         {}},
        {"priority_update_on_stream",
         "RFC 9218 7.1",
         frame(priority_update, 0, 1, u32(1) + "u=1"),
         reaction::end,
         {protocol_error}},
        {"priority_update_of_zero",
         "RFC 9218 7.1",
         frame(priority_update, 0, 0, u32(0) + "u=1"),
         reaction::end,
         {protocol_error}},
        {"priority_update_nonsense",
         "RFC 9218 7.1",
         frame(priority_update, 0, 0, u32(1) + "u=\"") + get_a,
         reaction::answer,
         {}},
    };
}

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

std::vector<frames_case> message_cases() {
    fields late = get("/a");
    std::swap(late[0], late[3]);
    late.insert(late.begin(), {"accept", "*/*"});
    fields method_twice = get("/a");
    method_twice.insert(method_twice.begin(), {":method", "GET"});
    fields path_twice = get("/a");
    path_twice.insert(path_twice.begin(), {":path", "/a"});
    fields scheme_twice = get("/a");
    scheme_twice.insert(scheme_twice.begin(), {":scheme", "http"});
    fields authority_twice = get("/a");
    authority_twice.insert(authority_twice.begin(), {":authority", "h"});
    fields unknown_pseudo = get("/a");
    unknown_pseudo.insert(unknown_pseudo.begin(), {":test", "x"});
    fields response_pseudo = get("/a");
    response_pseudo.insert(response_pseudo.begin(), {":status", "200"});
    const fields options{
        {":method", "OPTIONS"}, {":scheme", "http"}, {":path", "*"}, {":authority", "h"}};
    const fields connect{{":method", "CONNECT"}, {":authority", "h:443"}};
    return {
        fine("get", "8.3.1", get("/a")),
        fine("https_scheme", "8.3.1", with(":scheme", "https")),
        fine("host_alone", "8.3.1",
             {{":method", "GET"}, {":scheme", "http"}, {":path", "/a"}, {"host", "h"}}),
        fine("host_same", "8.3.1", get("/a", {{"host", "h"}})),
        fine("options_asterisk", "8.3.1", options),
        fine("connect", "8.5", connect),
        fine("te_trailers", "8.2.2", get("/a", {{"te", "trailers"}})),
        fine("cookie_crumbs", "8.2.3", get("/a", {{"cookie", "a=b"}, {"cookie", "c=d"}})),
        fine("query", "8.3.1", get("/a?x=1")),
        fine("empty_value", "8.2.1", get("/a", {{"x", ""}})),
        fine("obs_text", "8.2.1", get("/a", {{"x", "\xc3\xa4"}})),
        fine("unknown_method", "8.3.1", with(":method", "BREW")),
        fine("host_case", "8.3.1", get("/a", {{"host", "H"}})),
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
        malformed("pseudo_after_field", "8.3", late),
        malformed("unknown_pseudo", "8.3", unknown_pseudo),
        malformed("response_pseudo", "8.3", response_pseudo),
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
        malformed("method_twice", "8.3", method_twice),
        malformed("path_twice", "8.3", path_twice),
        malformed("scheme_twice", "8.3", scheme_twice),
        malformed("authority_twice", "8.3", authority_twice),
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
}

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

// Header blocks as bytes: RFC 7541.
std::vector<frames_case> compression_cases() {
    const auto ask_block = [](string bytes) {
        return frame(headers, end_headers | end_stream, 1, bytes);
    };
    // :method GET, :scheme http, :path /, :authority h; all but the last from the static table.
    const string indexed = string("\x82\x86\x84\x41\x01h", 6);
    const std::vector<std::uint32_t> bad{compression_error};
    return {
        {"indexed", "RFC 7541 6.1", ask_block(indexed), reaction::answer, {}},
        {"huffman",
         "RFC 7541 5.2",
         ask_block(string("\x82\x86\x84\x41\x81\x9f", 6)),
         reaction::answer,
         {}},
        {"never_indexed",
         "RFC 7541 6.2.3",
         ask_block(indexed + string("\x10\x01x\x01y", 5)),
         reaction::answer,
         {}},
        {"index_zero", "RFC 7541 6.1", ask_block("\x80"), reaction::end, bad},
        {"index_out_of_table", "RFC 7541 2.3.3", ask_block(indexed + "\xc6"), reaction::end, bad},
        {"literal_index_out_of_table", "RFC 7541 2.3.3", ask_block(indexed + "\x7f\x20\x01y"),
         reaction::end, bad},
        {"padding_of_8_bits", "RFC 7541 5.2", ask_block(indexed + string("\0\x01x\x82\x9f\xff", 6)),
         reaction::end, bad},
        {"padding_of_zeros", "RFC 7541 5.2", ask_block(indexed + string("\0\x01x\x81\x98", 5)),
         reaction::end, bad},
        {"eos_in_string", "RFC 7541 5.2",
         ask_block(indexed + string("\0\x01x\x84\xff\xff\xff\xff", 8)), reaction::end, bad},
        {"table_size_too_large", "RFC 7541 6.3", ask_block("\x3f\xe2\x1f" + indexed), reaction::end,
         bad},
        {"table_size_at_end", "RFC 7541 4.2", ask_block(indexed + "\x20"), reaction::end, bad},
        {"table_size_zero", "RFC 7541 6.3", ask_block("\x20" + indexed), reaction::answer, {}},
        {"integer_too_large", "RFC 7541 5.1", ask_block("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
         reaction::end, bad},
        {"block_ends_early", "RFC 7541 3.1", ask_block(indexed + string("\0\x05x", 3)),
         reaction::end, bad},
    };
}

class h2_frames : public ::testing::TestWithParam<frames_case> {
protected:
    static void SetUpTestSuite() {
        site_ = std::make_unique<temporary_site>();
        site_->add("a", "content");
        server_ = std::make_unique<server_process>(site_->path(), server_process::options{"--h2c"});
    }
    static void TearDownTestSuite() {
        server_.reset();
        site_.reset();
    }

    static std::unique_ptr<temporary_site> site_;
    static std::unique_ptr<server_process> server_;
};
std::unique_ptr<temporary_site> h2_frames::site_;
std::unique_ptr<server_process> h2_frames::server_;

bool is_end_of_answer(const h2_frame& got, std::uint32_t stream) {
    return got.stream == stream && (got.type == data || got.type == headers) && got.has(end_stream);
}

bool has_code(const frames_case& each, const h2_frame& got) {
    return std::ranges::find(each.codes, got.code()) != each.codes.end();
}

TEST_P(h2_frames, reaction_is_right) {
    const frames_case& each = GetParam();
    SCOPED_TRACE(each.source);
    h2_client client{server_->port()};
    client.send(each.bytes);
    if (each.want == reaction::nothing) {
        EXPECT_TRUE(client.answers_ping());
        return;
    }
    if (each.want == reaction::living_or_ended) {
        EXPECT_TRUE(client.answers_ping() || client.ends());
        return;
    }
    for (;;) {
        const auto got = client.next();
        ASSERT_TRUE(got.has_value()) << "nothing more came";
        if (got->type == goaway) {
            EXPECT_TRUE(each.want == reaction::end || each.want == reaction::reset);
            EXPECT_TRUE(has_code(each, *got)) << "code " << got->code();
            EXPECT_TRUE(client.ends());
            return;
        }
        if (got->type == rst_stream && got->stream == each.stream && got->code() != no_error) {
            EXPECT_EQ(each.want, reaction::reset);
            EXPECT_TRUE(has_code(each, *got)) << "code " << got->code();
            EXPECT_TRUE(client.answers_ping());
            return;
        }
        if (each.want == reaction::answer && is_end_of_answer(*got, each.stream)) {
            EXPECT_TRUE(client.answers_ping());
            return;
        }
    }
}

string name_of_case(const ::testing::TestParamInfo<frames_case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(frames, h2_frames, ::testing::ValuesIn(frame_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(messages, h2_frames, ::testing::ValuesIn(message_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(bodies, h2_frames, ::testing::ValuesIn(body_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(blocks, h2_frames, ::testing::ValuesIn(compression_cases()), name_of_case);

class h2_preface : public h2_frames {};

TEST_F(h2_preface, another_preface_is_http_1_or_the_end) {
    h2_client client{server_->port(), {}, false};
    client.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + frame(settings, 0, 0));
    EXPECT_TRUE(client.ends());
}

TEST_F(h2_preface, first_frame_has_to_be_settings) {
    h2_client client{server_->port(), {}, false};
    client.send(string{preface} + ping_frame());
    const auto got = client.next_of(goaway);
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->code(), protocol_error);
}

TEST_F(h2_preface, byte_by_byte) {
    h2_client client{server_->port(), {}, false};
    for (const char& each : string{preface} + frame(settings, 0, 0) + get_a) {
        client.send({&each, 1});
    }
    EXPECT_EQ(client.body_of(1), "content");
}

}  // namespace
}  // namespace ringway::test
