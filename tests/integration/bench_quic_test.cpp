// Goal: `ringway bench quic` runs its experiments with the real server and client, says what it
// found, and leaves nothing behind.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "lab/network.hpp"
#include "support/child_process.hpp"
#include "support/patience.hpp"
#include "support/server_process.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

class bench_quic : public ::testing::Test {
protected:
    void SetUp() override {
        if (const auto net = lab::network::make({}); !net) {
            GTEST_SKIP() << net.error();
        }
    }

    // The command with a directory for temporary files that only it uses.
    [[nodiscard]] launch bench(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"bench", "quic"});
        return {.program = RINGWAY_BINARY,
                .arguments = std::move(arguments),
                .environment = {{"TMPDIR", temporary_.path()}}};
    }

    [[nodiscard]] static nlohmann::json json_of(const std::string& path) {
        std::ifstream file{path};
        return nlohmann::json::parse(file, nullptr, false);
    }

    scratch_directory temporary_;
    scratch_directory out_;
};

TEST_F(bench_quic, relay_keeps_its_delay) {
    const auto ended = run_program(bench({"relay", "-n", "5", "-q", "--out", out_.path()}));
    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_TRUE(ended.standard_output.contains("round trip of a datagram"));
    const auto told = json_of(out_.at("relay.json"));
    ASSERT_EQ(told["data"]["added_us"].size(), 5U);
    for (const auto& added : told["data"]["added_us"]) {
        EXPECT_GE(added.get<double>(), 0);  // Never early, however busy the machine.
    }
    EXPECT_TRUE(std::filesystem::exists(out_.at("relay.svg")));
    EXPECT_TRUE(std::filesystem::is_empty(temporary_.path()));
}

TEST_F(bench_quic, handshakes_take_their_round_trips) {
    const auto ended = run_program(bench({"handshake", "-n", "1", "-q", "--out", out_.path()}));
    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    const auto told = json_of(out_.at("handshake.json"));
    const auto& h2 = told["data"]["h2"];
    EXPECT_EQ(h2["failures"], 0) << ended.standard_output;
    EXPECT_GE(h2["median_ms"].get<double>(), 150);  // Light is not faster on a busy machine.
    EXPECT_TRUE(std::filesystem::is_empty(temporary_.path()));
}

TEST_F(bench_quic, a_kill_leaves_nothing) {
    child_process running{bench({"relay", "-n", "100000"})};
    ASSERT_TRUE(eventually([this] { return !std::filesystem::is_empty(temporary_.path()); }));
    running.signal(SIGKILL);
    running.wait();
    EXPECT_TRUE(eventually([this] { return std::filesystem::is_empty(temporary_.path()); }));
}

TEST_F(bench_quic, results_that_cannot_be_written_are_a_failure) {
    const auto ended = run_program(bench({"relay", "-n", "1", "-q", "--out", "/proc/none"}));
    EXPECT_EQ(ended.exit_status, 1);
    EXPECT_TRUE(ended.standard_error.contains("/proc/none")) << ended.standard_error;
}

}  // namespace
}  // namespace ringway::test
