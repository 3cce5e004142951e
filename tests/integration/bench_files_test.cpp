// Goal: `ringway bench files` measures every row or says why not, and leaves nothing behind.
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/child_process.hpp"
#include "support/file_systems.hpp"
#include "support/run_on_shard.hpp"

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
    const scratch_directory files;
    const scratch_directory out;
    const auto json_path = out.at("found.json");
    const auto ended = run_program(
        {.program = RINGWAY_BINARY,
         .arguments = {"bench", "files", GetParam(), "--quick", "-q", "--rounds", "1", "--seconds",
                       "100ms", "--dir", files.path(), "--json", json_path},
         .environment = {{"TMPDIR", out.path()}}});
    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    std::ifstream text{json_path};
    const auto all = nlohmann::json::parse(text, nullptr, false);
    ASSERT_FALSE(all.is_discarded());
    const auto& rows = all["experiments"][0]["rows"];
    ASSERT_GE(rows.size(), 8U);
    std::size_t measured = 0;
    for (const auto& row : rows) {
        const bool has_rounds = row.contains("rounds") && !row["rounds"].empty();
        const bool has_reason = !row.value("not_measured", std::string{}).empty();
        EXPECT_TRUE(has_rounds || has_reason) << row.dump();
        measured += has_rounds ? 1 : 0;
        for (const auto& round : has_rounds ? row["rounds"] : nlohmann::json::array()) {
            EXPECT_EQ(round.value("failed", 0), 0) << row.dump();
        }
    }
    // Without fio, and on tmpfs without cold files, the warm rows are still there.
    EXPECT_GE(measured, 2U);
    EXPECT_TRUE(std::filesystem::is_empty(files.path()));
}

}  // namespace
}  // namespace ringway::test
