// Goal: `ringway bench files` measures every row or says why not, and leaves nothing behind.
// Without fio, and on tmpfs without cold files, the warm rows are still there.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include <gtest/gtest.h>

#include "support/bench_rows.hpp"
#include "support/child_process.hpp"
#include "support/file_systems.hpp"
#include "support/patience.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

class bench_files : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(experiment, bench_files,
                         ::testing::Values("random", "buffered", "sequential", "small"),
                         [](const auto& info) { return std::string{info.param}; });

TEST_P(bench_files, measures_every_row_or_says_why_not) {
    if (std::string_view{GetParam()} == "random" && !reads_past_the_page_cache()) {
        GTEST_SKIP() << "no direct I/O in the temporary folder (tmpfs before Linux 6.6)";
    }
    expect_every_row("files", GetParam(), 8);
}

bool has_a_file(const std::string& below) {
    std::error_code failed;
    const std::filesystem::recursive_directory_iterator all{below, failed};
    return !failed && std::ranges::any_of(begin(all), end(all), [&failed](const auto& each) {
        return each.is_regular_file(failed);
    });
}

// Goal: who does not wait for the end of what is being measured leaves nothing behind either.
TEST(bench_files_ended, a_second_signal_leaves_nothing) {
    const scratch_directory files;
    const scratch_directory out;
    child_process running{{.program = RINGWAY_BINARY,
                           .arguments = {"bench", "files", "buffered", "--quick", "-q", "--seconds",
                                         "1m", "--dir", files.path()},
                           .environment = {{"TMPDIR", out.path()}}}};
    ASSERT_TRUE(eventually([&] { return has_a_file(files.path()); }));
    ASSERT_TRUE(eventually([&] {
        running.signal(SIGTERM);
        return running.has_ended();
    }));
    EXPECT_EQ(running.wait().exit_status, 128 + SIGTERM);
    EXPECT_TRUE(eventually([&] { return std::filesystem::is_empty(files.path()); }));
    EXPECT_TRUE(eventually([&] { return std::filesystem::is_empty(out.path()); }));
}

}  // namespace
}  // namespace ringway::test
