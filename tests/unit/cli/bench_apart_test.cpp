// Goal: what an experiment found is kept, whatever becomes of its process.
#include "cli/bench_apart.hpp"

#include <csignal>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

lab::bench_run_record record_of(const std::string& version) { return {.version = version}; }

struct ended {
    std::vector<std::string> versions;
    std::string problem;
};

ended run(const std::function<void(const result_sink&)>& work) {
    ended found;
    found.problem = run_apart(
        work, [&](const lab::bench_run_record& one) { found.versions.push_back(one.version); });
    return found;
}

TEST(bench_apart, records_come_in_order) {
    const auto found = run([](const result_sink& tell) {
        // More than a pipe holds.
        tell(record_of(std::string(300'000, 'a')));
        tell(record_of("b"));
    });
    EXPECT_EQ(found.problem, "");
    ASSERT_EQ(found.versions.size(), 2U);
    EXPECT_EQ(found.versions[0].size(), 300'000U);
    EXPECT_EQ(found.versions[1], "b");
}

TEST(bench_apart, it_is_another_process) {
    int here = 1;
    const auto found = run([&](const result_sink& tell) {
        here = 2;
        tell(record_of(std::to_string(::getpid())));
    });
    EXPECT_EQ(here, 1);
    EXPECT_NE(found.versions.at(0), std::to_string(::getpid()));
}

TEST(bench_apart, a_crash_keeps_what_was_told) {
    const auto found = run([](const result_sink& tell) {
        tell(record_of("first"));
        ::raise(SIGKILL);
    });
    EXPECT_EQ(found.versions, std::vector<std::string>{"first"});
    EXPECT_TRUE(found.problem.contains("signal 9")) << found.problem;
}

TEST(bench_apart, a_status_is_told) {
    const auto found = run([](const result_sink&) { ::_exit(3); });
    EXPECT_EQ(found.problem, "it ended with status 3");
}

}  // namespace
}  // namespace ringway::cli
