// Goal: the screen of `ringway top` in a real terminal: sizes, keys, and what is left of it.
#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/child_process.hpp"
#include "support/need_kernel.hpp"
#include "support/patience.hpp"

namespace ringway::test {
namespace {

class top_screen : public ::testing::Test {
protected:
    void SetUp() override {
        const auto tried =
            run_program({.program = RINGWAY_BINARY, .arguments = {"top", "--once", "-i", "100ms"}});
        if (tried.exit_status != 0) {
            GTEST_SKIP() << tried.standard_error;
        }
        if (run_program({.program = "tmux", .arguments = {"-V"}}).exit_status != 0) {
            GTEST_SKIP() << "there is no tmux here";
        }
        socket_ = "ringway-top-" + std::to_string(::getpid());
    }
    void TearDown() override { static_cast<void>(tmux({"kill-server"})); }

    ended_process tmux(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"-L", socket_, "-f", "/dev/null"});
        return run_program({.program = "tmux",
                            .arguments = std::move(arguments),
                            .environment = {{"TERM", "xterm-256color"}, {"LC_ALL", "C.UTF-8"}}});
    }

    void start(const std::string& size_x, const std::string& size_y) {
        const std::string command =
            "'" RINGWAY_BINARY "' top -i 200ms; s=$?; echo; echo ENDED $s; stty -a; exec sleep 60";
        ASSERT_EQ(
            tmux({"new-session", "-d", "-s", "t", "-x", size_x, "-y", size_y, command}).exit_status,
            0);
    }
    void press(const std::string& keys) const { tmux({"send-keys", "-t", "t", keys}); }
    std::string screen() const { return tmux({"capture-pane", "-p", "-t", "t"}).standard_output; }
    bool shows(const std::string& text) const {
        return eventually([&] { return screen().contains(text); });
    }
    std::vector<std::string> lines() const {
        std::vector<std::string> out(1);
        for (const char c : screen()) {
            if (c == '\n') {
                out.emplace_back();
            } else {
                out.back() += c;
            }
        }
        out.pop_back();
        return out;
    }

    std::string socket_;
};

TEST_F(top_screen, fits_80x24_and_follows_its_terminal) {
    start("80", "24");
    ASSERT_TRUE(shows("lost: ")) << screen();
    ASSERT_TRUE(shows("LOCAL")) << screen();
    auto seen = lines();
    ASSERT_EQ(seen.size(), 24U);
    EXPECT_TRUE(seen[0].starts_with("ringway top  connections")) << screen();
    EXPECT_TRUE(seen[1].starts_with("1 connections 2 sources")) << screen();
    EXPECT_TRUE(seen[23].contains("q quit")) << screen();
    tmux({"resize-window", "-t", "t", "-x", "120", "-y", "40"});
    EXPECT_TRUE(eventually([this] {
        const auto now = lines();
        return now.size() == 40 && now[39].contains("q quit") && !now[23].contains("q quit");
    })) << screen();
    EXPECT_TRUE(shows("CONTAINER"));
    tmux({"resize-window", "-t", "t", "-x", "40", "-y", "10"});
    EXPECT_TRUE(eventually([this] {
        const auto now = lines();
        return now.size() == 10 && now[0].starts_with("ringway top");
    })) << screen();
}

TEST_F(top_screen, obeys_keys) {
    start("100", "30");
    ASSERT_TRUE(shows("lost: "));
    const auto since = [](int major, int minor, const char* head) {
        return kernel_is_at_least(major, minor) ? head : "Linux ";  // "not here: ... later do"
    };
    for (const auto& [key, head] : {std::pair{"2", "SOURCE"},
                                    {"3", since(5, 17, "REASON")},
                                    {"4", "TO"},
                                    {"5", "WAITING"},
                                    {"6", since(6, 0, "OPERATION")},
                                    {"7", "WHOSE"}}) {
        press(key);
        EXPECT_TRUE(shows(head)) << key << screen();
    }
    press("/");
    press("no_such_program");
    EXPECT_TRUE(shows("nothing passes the filter")) << screen();
    press("Escape");
    EXPECT_TRUE(shows("on_state")) << screen();
    press("?");
    EXPECT_TRUE(shows("Any key leads back."));
    press("x");
    EXPECT_TRUE(shows("on_state"));
    press("p");
    EXPECT_TRUE(shows("PAUSED"));
}

TEST_F(top_screen, gives_the_terminal_back) {
    const std::vector<std::pair<std::string, std::string>> ends{{"", "ENDED 0"},
                                                                {"TERM", "ENDED 0"},
                                                                {"INT", "ENDED 0"},
                                                                {"SEGV", "ENDED 139"},
                                                                {"ABRT", "ENDED 134"}};
    for (const auto& [signal, said] : ends) {
        start("90", "30");
        ASSERT_TRUE(shows("lost: "));
        if (signal.empty()) {
            press("q");
        } else {
            const std::string kill = "for p in $(ps -o pid= --ppid $(tmux -L " + socket_ +
                                     " list-panes -t t -F '#{pane_pid}')); do kill -" + signal +
                                     " $p; done";
            static_cast<void>(run_program({.program = "sh", .arguments = {"-c", kill}}));
        }
        EXPECT_TRUE(shows(said)) << signal << screen();
        EXPECT_TRUE(shows(" icanon")) << screen();
        EXPECT_TRUE(screen().contains(" echo ")) << screen();
        EXPECT_FALSE(screen().contains("lost: ")) << screen();
        static_cast<void>(tmux({"kill-server"}));
        socket_ += "x";  // The old server may take a moment to go.
    }
}

}  // namespace
}  // namespace ringway::test
