// Goal: where libxdp's dispatcher runs the programs of others, the guard stands in front of them,
// and goes however it ends.
#include <csignal>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/child_process.hpp"
#include "support/need_bpf.hpp"
#include "support/patience.hpp"
#include "support/temporary_site.hpp"
#include "support/virtual_network.hpp"
#include "support/xdp_command.hpp"
#include "support/xdp_dispatcher.hpp"

namespace ringway::test {
namespace {

class guard_dispatcher : public ::testing::Test {
protected:
    void start(const virtual_network& network) {
        network.in(net_side::near, [&] {
            guard_.emplace(
                launch{.program = RINGWAY_BINARY,
                       .arguments = {"guard", "near", "--socket", socket(), "--no-admin"}});
        });
        ASSERT_TRUE(eventually([&] {
            return guard_->standard_error().contains("guarding near") || guard_->has_ended();
        }));
        ASSERT_FALSE(guard_->has_ended()) << guard_->standard_error();
        ASSERT_EQ(ask({"add", "block", "10.77.0.2"}).exit_status, 0);
    }

    [[nodiscard]] string socket() const { return state_.path() + "/guard.sock"; }

    [[nodiscard]] ended_process ask(words arguments) const {
        arguments.insert(arguments.begin(), "guard");
        arguments.insert(arguments.end(), {"--socket", socket()});
        return run_program({.program = RINGWAY_BINARY, .arguments = std::move(arguments)});
    }

    [[nodiscard]] json status() const {
        return json::parse(ask({"status", "--json"}).standard_output, nullptr, false);
    }

    void kill() {
        guard_->signal(SIGKILL);
        static_cast<void>(guard_->wait());
    }

    static bool answers(const virtual_network& network) { return answers_far(network); }

    static int times_listed(const virtual_network& network) {
        const string listed = programs_on(network);
        int count = 0;
        for (std::size_t at = listed.find(" guard "); at != string::npos;
             at = listed.find(" guard ", at + 1)) {
            ++count;
        }
        return count;
    }

    temporary_site state_;
    std::optional<child_process> guard_;
};

TEST_F(guard_dispatcher, is_joined_in_front_and_left) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    RW_MAKE_DISPATCHER(*network);
    start(*network);
    EXPECT_TRUE(guard_->standard_error().contains("in front of others in libxdp's dispatcher"));
    const json told = status();
    EXPECT_EQ(told["dispatched"], true);
    EXPECT_EQ(told["outlives_process"], false);
    const string listed = programs_on(*network);
    EXPECT_LT(listed.find(" guard "), listed.find("xdpfilt_alw_all")) << listed;
    EXPECT_FALSE(answers(*network));
    guard_->signal(SIGTERM);
    EXPECT_EQ(guard_->wait().exit_status, 0);
    EXPECT_TRUE(answers(*network));
    EXPECT_EQ(times_listed(*network), 0);
    EXPECT_TRUE(programs_on(*network).contains("xdpfilt_alw_all"));
}

TEST_F(guard_dispatcher, is_left_by_who_is_killed) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    RW_MAKE_DISPATCHER(*network);
    start(*network);
    EXPECT_FALSE(answers(*network));
    kill();
    EXPECT_TRUE(answers(*network));
    start(*network);  // Takes the dead one off the list.
    EXPECT_EQ(times_listed(*network), 1) << programs_on(*network);
    kill();
}

// Goal: a dispatcher that is made after the guard has died runs it again; the next guard ends that.
TEST_F(guard_dispatcher, ends_a_dead_one_that_was_linked_anew) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    RW_MAKE_DISPATCHER(*network);
    start(*network);
    kill();
    EXPECT_TRUE(answers(*network));
    ASSERT_EQ(network->run(net_side::near, "xdp-filter unload near"), 0);
    EXPECT_FALSE(answers(*network)) << "libxdp has changed: the gap is closed";
    start(*network);
    EXPECT_EQ(times_listed(*network), 1) << programs_on(*network);
    guard_->signal(SIGTERM);
    EXPECT_EQ(guard_->wait().exit_status, 0);
    EXPECT_TRUE(answers(*network));
}

TEST_F(guard_dispatcher, takes_its_hold_again_when_others_come_and_go) {
    RW_NEED_BPF();
    RW_MAKE_NETWORK(network);
    RW_MAKE_DISPATCHER(*network);
    start(*network);
    ASSERT_EQ(network->run(net_side::near, "xdp-filter unload near"), 0);
    EXPECT_FALSE(answers(*network));
    EXPECT_TRUE(eventually([&] {
        const json told = status();
        return told["attached"] == true && told["outlives_process"] == false;
    }));
    EXPECT_FALSE(guard_->has_ended()) << guard_->standard_error();
    EXPECT_TRUE(eventually([&] {  // A second is how often it looks.
        const auto look = status();
        return look["seconds"].get<double>() > 3;
    }));
    kill();
    EXPECT_TRUE(answers(*network));
}

}  // namespace
}  // namespace ringway::test
