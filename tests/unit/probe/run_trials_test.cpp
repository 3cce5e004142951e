#include "probe/run_trials.hpp"

#include <array>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ringway::probe {
namespace {

using argument = const std::string&;

trial made(std::string id, outcome (*run)(argument), std::string given = {}) {
    return {std::move(id), topic::files, "name", "1.0", "trying",
            "it matters",  "a fix",      true,   run,   std::move(given)};
}

outcome well(argument given) { return found_yes(given); }

outcome hangs(argument) {
    for (;;) {
        ::poll(nullptr, 0, -1);
    }
}

outcome is_killed(argument) {
    ::raise(SIGKILL);
    return found_yes();
}

outcome leaves(argument) { ::_exit(3); }

outcome is_filtered(argument) {
    std::array<sock_filter, 4> program{
        sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_getppid},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    const sock_fprog filter{program.size(), program.data()};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        return found_nothing("no filter");
    }
    ::syscall(SYS_getppid);
    return found_yes();
}

TEST(run_trials, outcomes_become_rows) {
    const std::vector trials{made("a", well, "one"),
                             made("b", [](argument) { return found_no("two", "do it"); })};
    const auto rows = run_trials(trials);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].id, "a");
    EXPECT_EQ(rows[0].has, state::yes);
    EXPECT_EQ(rows[0].detail, "one");
    EXPECT_EQ(rows[0].fix, "");
    EXPECT_TRUE(rows[0].for_serve);
    EXPECT_EQ(rows[1].has, state::no);
    EXPECT_EQ(rows[1].fix, "do it");
}

// Goal: whatever a trial does to its process, the others are run, and it has a row.
TEST(run_trials, the_rest_goes_on) {
    const std::vector trials{made("a", is_killed),   made("b", well),  made("c", leaves),
                             made("d", well),        made("e", hangs), made("f", well),
                             made("g", is_filtered), made("h", well),  made("i", leaves)};
    const auto rows = run_trials(trials, {.each = std::chrono::milliseconds{100}});
    ASSERT_EQ(rows.size(), trials.size());
    EXPECT_EQ(rows[0].has, state::unknown);
    EXPECT_EQ(rows[0].detail, "the trial was ended by SIGKILL");
    EXPECT_EQ(rows[2].detail, "the trial's process ended early");
    EXPECT_EQ(rows[4].detail, "no answer within 100 ms");
    EXPECT_EQ(rows[6].has, state::no);
    EXPECT_EQ(rows[6].detail, "a seccomp filter kills the process that tries");
    EXPECT_EQ(rows[8].has, state::unknown);
    for (const std::size_t i : {1U, 3U, 5U, 7U}) {
        EXPECT_EQ(rows[i].has, state::yes) << i;
    }
}

TEST(run_trials, time_is_limited) {
    const std::vector trials(50, made("a", hangs));
    const auto rows = run_trials(
        trials, {.each = std::chrono::milliseconds{20}, .all = std::chrono::milliseconds{100}});
    ASSERT_EQ(rows.size(), trials.size());
    EXPECT_EQ(rows.back().detail, "there was no time left for it");
    EXPECT_EQ(rows.back().has, state::unknown);
}

TEST(run_trials, long_texts_are_cut) {
    const std::vector trials{made("a", [](argument) { return found_yes(std::string(9000, 'x')); }),
                             made("b", well)};
    const auto rows = run_trials(trials);
    EXPECT_EQ(rows[0].detail, std::string(1500, 'x'));
    EXPECT_EQ(rows[1].has, state::yes);
}

TEST(run_trials, descriptors_are_given_back) {
    const int before = ::dup(0);
    ::close(before);
    static_cast<void>(run_trials(std::vector{made("a", is_killed), made("b", well)}));
    const int after = ::dup(0);
    ::close(after);
    EXPECT_EQ(before, after);
}

TEST(run_trials, children_yield_their_status) {
    EXPECT_EQ(run_in_child([] { return 7; }), 7);
    EXPECT_EQ(run_in_child([] { return ::raise(SIGKILL); }), -1);
}

}  // namespace
}  // namespace ringway::probe
