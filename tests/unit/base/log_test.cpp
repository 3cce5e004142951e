#include <ringway/base/log.hpp>

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway {
namespace {

// Sets a level for the time of a test.
class level_guard {
public:
    explicit level_guard(log_level level) { set_log_level(level); }
    ~level_guard() { set_log_level(log_level::info); }
    level_guard(const level_guard&) = delete;
    level_guard& operator=(const level_guard&) = delete;
};

std::string logged(log_level level, std::string_view text) {
    testing::internal::CaptureStderr();
    log_line(level, text);
    return testing::internal::GetCapturedStderr();
}

TEST(log, line_has_its_level_and_ends) {
    EXPECT_EQ(logged(log_level::error, "no"), "ringway: error: no\n");
    EXPECT_EQ(logged(log_level::warning, "hm"), "ringway: warning: hm\n");
    EXPECT_EQ(logged(log_level::info, "hello"), "ringway: hello\n");
}

TEST(log, less_important_lines_are_dropped) {
    EXPECT_FALSE(log_enabled(log_level::debug));
    EXPECT_EQ(logged(log_level::debug, "detail"), "");
    const level_guard only_errors{log_level::error};
    EXPECT_EQ(logged(log_level::warning, "hm"), "");
    EXPECT_EQ(logged(log_level::error, "no"), "ringway: error: no\n");
}

TEST(log, debug_lines_appear_when_asked_for) {
    const level_guard everything{log_level::debug};
    EXPECT_TRUE(log_enabled(log_level::debug));
    EXPECT_EQ(logged(log_level::debug, "detail"), "ringway: debug: detail\n");
}

// Goal: a peer can't forge lines or send escape sequences to the operator's terminal.
TEST(log, control_characters_are_escaped) {
    EXPECT_EQ(logged(log_level::info, "a\nb\x1b[31m\x7f"), "ringway: a\\x0ab\\x1b[31m\\x7f\n");
    EXPECT_EQ(logged(log_level::info, std::string_view{"\0", 1}), "ringway: \\x00\n");
    EXPECT_EQ(logged(log_level::info, "ä"), "ringway: ä\n");
}

TEST(log, long_line_is_cut_and_still_ends) {
    const auto line = logged(log_level::info, std::string(5000, 'x'));
    EXPECT_EQ(line.size(), 1024U);
    EXPECT_TRUE(line.ends_with("x\n"));
    EXPECT_TRUE(logged(log_level::info, std::string(5000, '\n')).ends_with("\n"));
}

}  // namespace
}  // namespace ringway
