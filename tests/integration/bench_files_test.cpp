// Goal: `ringway bench files` measures every row or says why not, and leaves nothing behind.
// Without fio, and on tmpfs without cold files, the warm rows are still there.
#include <gtest/gtest.h>
#include <string_view>

#include "support/bench_rows.hpp"
#include "support/file_systems.hpp"

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

}  // namespace
}  // namespace ringway::test
