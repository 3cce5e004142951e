#include "http/h3_guard.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "support/h3_wire.hpp"

namespace ringway::http::detail {
namespace {

using namespace std::chrono_literals;
using observe::abuse_kind;
using test::h3::frame;
using test::h3::number;
using test::h3::setting;

class h3_guard_test : public ::testing::Test {
protected:
    h3_verdict control(const std::string& bytes) {
        return guard_.on_bytes(control_, as_bytes(bytes), 1s);
    }
    // How often `bytes` may come.
    int endurance(h3_scanner& on, const std::string& bytes) {
        int count = 0;
        while (count < 100'000 && !guard_.on_bytes(on, as_bytes(bytes), 1s)) {
            ++count;
        }
        return count;
    }
    static h3_verdict with(abuse_kind why) { return h3_verdict{why}; }

    h3_guard guard_{budget_limits{.points_max = 1000, .points_per_second = 1}, {}};
    h3_scanner control_{h3_input::control};
    h3_scanner encoder_{h3_input::encoder};
    const bool begun_ = !control(frame(4));
};

TEST_F(h3_guard_test, requests_cost_nothing_but_hollow_frames_do) {
    for (int i = 0; i < 100'000; ++i) {
        ASSERT_FALSE(guard_.on_request_frame({1, 50}, true, 1s));
    }
    int count = 0;
    while (!guard_.on_request_frame({0, 0}, false, 1s)) {
        ++count;
    }
    EXPECT_EQ(count, 50);
    EXPECT_EQ(guard_.on_request_frame({0, 0}, false, 1s), with(abuse_kind::h3_control_flood));
}

TEST_F(h3_guard_test, priorities_have_an_end) {
    EXPECT_EQ(endurance(control_, test::h3::update_priority(0, "u=1")), 100);
}

TEST_F(h3_guard_test, unknown_frames_have_an_end) {
    EXPECT_EQ(endurance(control_, frame(0x21, "x")), 50);
}

TEST_F(h3_guard_test, instructions_of_qpack_have_an_end) {
    EXPECT_EQ(endurance(encoder_, "12345678"), 500);
    EXPECT_EQ(guard_.on_bytes(encoder_, as_bytes("12345678"), 1s),
              with(abuse_kind::h3_qpack_flood));
}

TEST_F(h3_guard_test, streams_have_an_end) {
    int count = 0;
    while (!guard_.on_uni_stream(1s)) {
        ++count;
    }
    EXPECT_EQ(count, 50);
}

TEST_F(h3_guard_test, work_pays) {
    for (int i = 0; i < 1000; ++i) {
        ASSERT_FALSE(control(test::h3::update_priority(0, "u=1")));
        ASSERT_FALSE(guard_.on_bytes(encoder_, as_bytes(std::string(100, 'x')), 1s));
        guard_.served();
    }
}

TEST_F(h3_guard_test, knows_where_a_priority_is_cut) {
    const std::string text = test::h3::update_priority(400, "u=1");
    const std::size_t fields = text.size() - 3;
    for (std::size_t size = 1; size < text.size(); ++size) {
        h3_guard guard{budget_limits{}, {}};
        h3_scanner scanner{h3_input::control};
        ASSERT_FALSE(guard.on_bytes(scanner, as_bytes(frame(4)), 1s));
        ASSERT_FALSE(guard.on_bytes(scanner, as_bytes(text.substr(0, size)), 1s));
        EXPECT_EQ(guard.between_fields(), size == fields) << size;
        ASSERT_FALSE(guard.on_bytes(scanner, as_bytes(text.substr(size)), 1s));
        EXPECT_FALSE(guard.between_fields());
    }
}

TEST_F(h3_guard_test, settings_come_once_each) {
    h3_guard guard{budget_limits{}, {}};
    h3_scanner scanner{h3_input::control};
    const std::string text = frame(4, setting(1, 100) + setting(6, 5) + setting(1, 100));
    const auto verdict = guard.on_bytes(scanner, as_bytes(text), 1s);
    ASSERT_TRUE(verdict.has_value());
    EXPECT_EQ(std::get<std::uint64_t>(*verdict), test::h3::settings_error);
}

}  // namespace
}  // namespace ringway::http::detail
