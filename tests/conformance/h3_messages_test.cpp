// What RFC 9114 section 4 says of requests: which are malformed, and what others are answered with.
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/h3_world.hpp"

namespace ringway::test {
namespace {

using h3::data;
using h3::fields;
using h3::frame;
using h3::get;
using h3::head;
using std::string;

struct message_case {
    const char* name;
    const char* source;
    string bytes;
    int status = 0;  // Of the answer; 0: the stream is reset with H3_MESSAGE_ERROR.

    friend void PrintTo(const message_case& each, std::ostream* out) { *out << each.name; }
};

fields without(std::string_view name) {
    fields out = get("/one.txt");
    std::erase_if(out, [&](const auto& each) { return each.first == name; });
    return out;
}

fields with(const char* name, const string& value) { return get("/one.txt", {{name, value}}); }

fields late() {
    fields out = get("/one.txt", {{"x", "y"}});
    std::swap(out[3], out[4]);
    return out;
}

string post(const string& length, std::string_view body, int frames = 1) {
    fields list = get("/one.txt");
    list[0].second = "POST";
    if (!length.empty()) {
        list.emplace_back("content-length", length);
    }
    string out = head(list);
    const std::size_t part = body.size() / static_cast<std::size_t>(frames);
    for (int i = 0; i < frames; ++i) {
        out += frame(data, body.substr(static_cast<std::size_t>(i) * part, part));
    }
    return out;
}

std::vector<message_case> cases() {
    const string big(300, 'x');
    fields connect{{":method", "CONNECT"}, {":authority", "h:443"}};
    fields other_host = with("host", "elsewhere");
    fields many;
    for (int i = 0; i < 120; ++i) {
        many.emplace_back("x", "y");
    }
    return {
        // h3spec
        {"duplicate_pseudo", "9114 4.3", head(with(":path", "/"))},
        {"missing_method", "9114 4.3.1", head(without(":method"))},
        {"missing_scheme", "9114 4.3.1", head(without(":scheme"))},
        {"missing_path", "9114 4.3.1", head(without(":path"))},
        {"prohibited_pseudo", "9114 4.3", head(with(":status", "200"))},
        {"unknown_pseudo", "9114 4.3", head(with(":strange", "x"))},
        {"late_pseudo", "9114 4.3", head(late())},
        // more
        {"protocol_without_setting", "9220 3", head(with(":protocol", "websocket"))},
        {"upper_case", "9114 4.2", head(with("X-Upper", "y"))},
        {"connection_field", "9114 4.2", head(with("connection", "close"))},
        {"transfer_encoding", "9114 4.2", head(with("transfer-encoding", "chunked"))},
        {"te_gzip", "9114 4.2", head(with("te", "gzip"))},
        {"pseudo_in_trailers", "9114 4.3", head(get("/one.txt")) + head({{":path", "/"}})},
        {"empty_path", "9114 4.3.1", head(with("x", "y")).substr(0, 0) + head([] {
                                         fields f = get("");
                                         return f;
                                     }())},
        {"host_differs", "9114 4.3.1", head(other_host)},
        {"two_hosts", "9114 4.3.1", head(get("/one.txt", {{"host", "h"}, {"host", "h"}}))},
        {"length_too_short", "9114 4.1.2", post("3", "four")},
        {"length_too_short_in_parts", "9114 4.1.2", post("3", "four", 4)},
        {"length_too_long", "9114 4.1.2", post("5", "four")},
        {"length_is_no_number", "9110 8.6", post("4x", "four")},
        {"length_without_body", "9114 4.1.2", head(with("content-length", "4"))},
        {"name_empty", "9114 10.3", head(with("", "y"))},
        {"name_with_space", "9114 10.3", head(with("x y", "z"))},
        {"name_with_colon", "9114 10.3", head(with("x:y", "z"))},
        {"name_with_line_feed", "9114 10.3", head(with("x\n", "z"))},
        {"value_with_nul", "9114 10.3", head(with("x", string("y\0z", 3)))},
        {"value_with_line_end", "9114 10.3", head(with("x", "y\r\nz: injected"))},
        {"value_after_space", "9110 5.5", head(with("x", " y"))},
        {"value_before_tab", "9110 5.5", head(with("x", "y\t"))},
        {"host_with_space", "9114 4.3.1", head(with("host", "h h"))},
        // answered
        {"plain", "9114 4.1", head(get("/one.txt")), 200},
        {"te_trailers", "9114 4.2", head(with("te", "trailers")), 200},
        {"host_is_the_authority", "9114 4.3.1", head(with("host", "h")), 200},
        {"post", "9110 15.5.6", post("4", "four"), 405},
        {"post_in_parts", "9110 15.5.6", post("4", "four", 4), 405},
        {"post_without_length", "9110 15.5.6", post("", "four"), 405},
        {"missing_file", "9110 15.5.5", head(get("/none")), 404},
        {"range", "9110 14.2", head(get("/page.css", {{"range", "bytes=0-9"}})), 206},
        {"bad_range", "9110 14.4", head(get("/page.css", {{"range", "bytes=9999-"}})), 416},
        {"target_too_long", "9110 15.5.15", head(get("/" + string(9000, 'a'))), 414},
        {"too_many_fields", "6585 5", head(get("/one.txt", many)), 431},
        {"too_many_bytes", "6585 5", head(get("/one.txt", {{"x", string(40'000, 'y')}})), 431},
        {"unknown_method", "9110 15.6.2", head([&] {
             fields f = get("/");
             f[0].second = string(40, 'M');
             return f;
         }()),
         501},
        {"connect", "9114 4.4", head(connect), 405},
    };
}

class h3_messages : public ::testing::TestWithParam<message_case> {};

task<void> check(h3_world& world, const message_case& each) {
    SCOPED_TRACE(each.source);
    world.greet();
    world.quic.deliver(0, each.bytes, true);
    co_await world.settle();
    EXPECT_FALSE(world.quic.closed());
    const fake_quic::stream_state& stream = world.quic.stream(0);
    if (each.status == 0) {
        EXPECT_EQ(stream.reset, h3::message_error);
    } else {
        EXPECT_FALSE(stream.reset);
        EXPECT_EQ(world.response(0).status, each.status);
        EXPECT_TRUE(world.response(0).whole);
    }
    EXPECT_EQ(stream.delivered, stream.consumed);  // Windows shut for ever otherwise.
    world.ask(4, get("/small.html"));
    co_await world.settle();
    EXPECT_EQ(world.response(4).status, 200);
}

TEST_P(h3_messages, at_once) {
    run_h3({}, {}, [](h3_world& world) { return check(world, GetParam()); });
}

TEST_P(h3_messages, in_crumbs) {
    run_h3({}, {.piece_max = 7}, [](h3_world& world) { return check(world, GetParam()); });
}

INSTANTIATE_TEST_SUITE_P(rfc, h3_messages, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return string{info.param.name}; });

}  // namespace
}  // namespace ringway::test
