// Goal: `ringway bench copy` measures every row or says why not, and leaves nothing behind.
// Without rsync, and on tmpfs without cold files, the warm rows are still there.
#include <gtest/gtest.h>
#include <string>

#include "support/bench_rows.hpp"

namespace ringway::test {
namespace {

class bench_copy : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(experiment, bench_copy, ::testing::Values("large", "medium", "small"),
                         [](const auto& info) { return std::string{info.param}; });

TEST_P(bench_copy, measures_every_row_or_says_why_not) { expect_every_row("copy", GetParam(), 8); }

}  // namespace
}  // namespace ringway::test
