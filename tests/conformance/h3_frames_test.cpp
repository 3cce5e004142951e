// What RFC 9114 and RFC 9204 say of frames, streams and settings: the HTTP/3 cases of h3spec and
// more, with raw bytes.
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/h3_world.hpp"

namespace ringway::test {
namespace {

using h3::block;
using h3::control;
using h3::data;
using h3::frame;
using h3::get;
using h3::grease;
using h3::head;
using h3::headers;
using h3::number;
using h3::setting;
using h3::settings;
using std::string;

constexpr quic::stream_id request = 0;
constexpr quic::stream_id first_uni = 2;
constexpr quic::stream_id second_uni = 6;
constexpr quic::stream_id third_uni = 10;

struct piece {
    quic::stream_id stream;
    string bytes;
    bool fin = false;
};

struct h3_case {
    const char* name;
    const char* source;
    std::vector<piece> pieces;
    // The code that the connection ends with; none: it goes on, and answers another request.
    std::optional<std::uint64_t> code;
    // The code that the request is reset with.
    std::optional<std::uint64_t> reset = {};

    friend void PrintTo(const h3_case& each, std::ostream* out) { *out << each.name; }
};

const string get_one = head(get("/one.txt"));

// The HTTP/3 cases of h3spec.
std::vector<h3_case> cases_of_h3spec() {
    return {
        {"data_before_headers", "9114 4.1", {{request, frame(data, "x")}}, h3::frame_unexpected},
        {"control_without_settings",
         "9114 6.2.1",
         {{first_uni, number(0) + frame(h3::goaway, number(0))}},
         h3::missing_settings},
        {"second_settings",
         "9114 7.2.4",
         {{first_uni, control() + frame(settings)}},
         h3::frame_unexpected},
        {"setting_twice",
         "9114 7.2.4",
         {{first_uni, control(setting(7, 100) + setting(6, 1000) + setting(7, 100))}},
         h3::settings_error},
        {"unknown_setting_twice",
         "9114 7.2.4",
         {{first_uni, control(setting(0x21, 1) + setting(0x21, 1))}},
         h3::settings_error},
        {"setting_of_http2",
         "9114 7.2.4.1",
         {{first_uni, control(setting(3, 100))}},
         h3::settings_error},
        {"cancel_push_on_request",
         "9114 7.2.5",
         {{request, frame(h3::cancel_push, number(0))}},
         h3::frame_unexpected},
        {"data_on_control",
         "9114 7.2.1",
         {{first_uni, control() + frame(data, "x")}},
         h3::frame_unexpected},
        {"headers_on_control",
         "9114 7.2.2",
         {{first_uni, control() + get_one}},
         h3::frame_unexpected},
        {"bad_static_index",
         "9204 3.1",
         {{request, frame(headers, string{"\0\0\xff\x24", 4})}},
         h3::qpack_decompression_failed},
        {"capacity_over_limit",
         "9204 4.1.3",
         {{first_uni, control()}, {second_uni, number(2) + string{"\x3f\xe1\x7f", 3}}},
         h3::qpack_encoder_stream_error},
        {"control_closed",
         "9114 6.2.1",
         {{first_uni, control(), true}},
         h3::closed_critical_stream},
        {"encoder_closed",
         "9204 4.2",
         {{second_uni, number(2) + string{"\x20", 1}, true}},
         h3::closed_critical_stream},
        {"insert_count_zero",
         "9204 4.4.3",
         {{second_uni, number(3) + string(1, '\0')}},
         h3::qpack_decoder_stream_error},
    };
}

// More of the control stream.
std::vector<h3_case> control_cases() {
    return {
        {"setting_cut_off", "9114 7.1", {{first_uni, control(number(6))}}, h3::frame_error},
        {"two_control_streams",
         "9114 6.2.1",
         {{first_uni, control()}, {second_uni, control()}},
         h3::stream_creation_error},
        {"two_encoder_streams",
         "9204 4.2",
         {{first_uni, number(2) + "\x20"}, {second_uni, number(2) + "\x20"}},
         h3::stream_creation_error},
        {"push_stream_of_a_client",
         "9114 6.2.2",
         {{first_uni, number(1) + number(0)}},
         h3::stream_creation_error},
        {"cancel_push_of_nothing",
         "9114 7.2.3",
         {{first_uni, control() + frame(h3::cancel_push, number(0))}},
         h3::id_error},
        {"push_promise_of_a_client",
         "9114 7.2.5",
         {{first_uni, control() + frame(h3::push_promise, "xx")}},
         h3::frame_unexpected},
        {"frame_of_http2",
         "9114 7.2.8",
         {{first_uni, control() + frame(6, "01234567")}},
         h3::frame_unexpected},
        {"max_push_id_goes_down",
         "9114 7.2.7",
         {{first_uni,
           control() + frame(h3::max_push_id, number(9)) + frame(h3::max_push_id, number(8))}},
         h3::id_error},
        {"max_push_id_with_a_rest",
         "9114 7.1",
         {{first_uni, control() + frame(h3::max_push_id, number(9) + number(9))}},
         h3::frame_error},
        {"empty_max_push_id",
         "9114 7.1",
         {{first_uni, control() + frame(h3::max_push_id)}},
         h3::frame_error},
        {"goaway_goes_up",
         "9114 5.2",
         {{first_uni, control() + frame(h3::goaway, number(0)) + frame(h3::goaway, number(4))}},
         h3::id_error},
        {"priority_of_a_push",
         "9218 7.2",
         {{first_uni, control() + frame(h3::priority_update_push, number(0) + string{"u=1"})}},
         h3::id_error},
        {"priority_of_no_request",
         "9218 7.2",
         {{first_uni, control() + h3::update_priority(3, "u=1")}},
         h3::id_error},
        {"priority_beyond_the_limit",
         "9218 7.2",
         {{first_uni, control() + h3::update_priority(4 * 1000, "u=1")}},
         h3::id_error},
    };
}

// More of requests.
std::vector<h3_case> request_cases() {
    return {
        {"settings_on_request", "9114 7.2.4", {{request, frame(settings)}}, h3::frame_unexpected},
        {"goaway_on_request",
         "9114 7.2.6",
         {{request, frame(h3::goaway, number(0))}},
         h3::frame_unexpected},
        {"priority_on_request",
         "9218 7.2",
         {{request, h3::update_priority(0, "u=1")}},
         h3::frame_unexpected},
        {"frame_cut_off",
         "9114 7.1",
         {{request, get_one.substr(0, get_one.size() - 1), true}},
         h3::frame_error},
        {"frame_head_cut_off", "9114 7.1", {{request, get_one + "\x40", true}}, h3::frame_error},
        {"headers_after_trailers",
         "9114 4.1",
         {{request, get_one + head({{"x", "y"}}) + head({{"x", "y"}})}},
         h3::frame_unexpected},
        {"data_after_trailers",
         "9114 4.1",
         {{request, get_one + head({{"x", "y"}}) + frame(data, "x")}},
         h3::frame_unexpected},
    };
}

std::vector<h3_case> allowed_cases() {
    return {
        {"nothing_strange", "9114 4.1", {{first_uni, control()}, {request, get_one, true}}, {}},
        {"grease_everywhere",
         "9114 7.2.8, 6.2.3",
         {{first_uni, control(setting(0x21, 5)) + frame(grease, "xyz")},
          {second_uni, number(0x21) + string{"anything"}},
          {third_uni, number(0x4040) + string{"x"}, true},
          {request, frame(grease, "x") + get_one + frame(grease), true}},
         {}},
        {"max_push_id_goes_up",
         "9114 7.2.7",
         {{first_uni,
           control() + frame(h3::max_push_id, number(1)) + frame(h3::max_push_id, number(70))}},
         {}},
        {"goaway_of_the_client",
         "9114 5.2",
         {{first_uni, control() + frame(h3::goaway, number(8)) + frame(h3::goaway, number(0))}},
         {}},
        {"priority_without_a_value",
         "9218 7.1",
         {{first_uni, control() + h3::update_priority(0, "")}, {request, get_one, true}},
         {}},
        {"priority_of_a_high_stream",
         "9218 7.1",
         {{first_uni, control() + h3::update_priority(396, "u=7") + h3::update_priority(396, "i")},
          {request, get_one, true}},
         {}},
        {"priority_first",
         "9218 7.1",
         {{first_uni, control() + h3::update_priority(0, "u=0, i")}, {request, get_one, true}},
         {}},
        {"long_settings",
         "9114 7.2.4",
         {{first_uni, control(setting(6, 1U << 20U) + setting(8, 0) + setting(0x33, 1) +
                              setting(0x1234567, 9) + setting(0x3fffffff, 1))}},
         {}},
        {"trailers", "9114 4.1", {{request, get_one + head({{"x", "y"}}), true}}, {}},
        {"uni_stream_without_a_type", "9114 6.2", {{first_uni, "", true}}, {}},
        // Of one request only:
        {"nothing_asked", "9114 4.1", {{request, "", true}}, {}, h3::request_incomplete},
        {"only_grease_asked",
         "9114 4.1",
         {{request, frame(grease, "x"), true}},
         {},
         h3::request_incomplete},
    };
}

std::vector<h3_case> cases() {
    std::vector<h3_case> all;
    for (const auto& part :
         {cases_of_h3spec(), control_cases(), request_cases(), allowed_cases()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

class h3_frames : public ::testing::TestWithParam<h3_case> {};

task<void> check(h3_world& world, const h3_case& each) {
    SCOPED_TRACE(each.source);
    world.quic.handshake_ends();
    bool has_control = false;
    for (const piece& part : each.pieces) {
        has_control = has_control || part.stream == first_uni;
        world.quic.deliver(part.stream, part.bytes, part.fin);
        co_await world.settle();
    }
    EXPECT_EQ(world.quic.closed(), each.code);
    EXPECT_EQ(world.quic.stream(request).reset, each.reset);
    if (each.code) {
        EXPECT_EQ(world.metrics.abuse.get(observe::abuse_kind::h3_protocol_error), 1U);
        co_return;
    }
    world.ask(400, get("/small.html"));
    co_await world.settle();
    EXPECT_EQ(world.response(400).status, 200);
    EXPECT_TRUE(world.response(400).whole);
}

TEST_P(h3_frames, at_once) {
    run_h3({}, {}, [](h3_world& world) { return check(world, GetParam()); });
}

TEST_P(h3_frames, byte_by_byte) {
    run_h3({}, {.piece_max = 1}, [](h3_world& world) { return check(world, GetParam()); });
}

INSTANTIATE_TEST_SUITE_P(rfc, h3_frames, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return string{info.param.name}; });

}  // namespace
}  // namespace ringway::test
