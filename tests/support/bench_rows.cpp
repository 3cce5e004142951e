#include "support/bench_rows.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/child_process.hpp"
#include "support/run_on_shard.hpp"

namespace ringway::test {

void expect_every_row(const std::string& table, const std::string& experiment,
                      std::size_t rows_min) {
    const scratch_directory files;
    const scratch_directory out;
    const auto json_path = out.at("found.json");
    const auto ended = run_program(
        {.program = RINGWAY_BINARY,
         .arguments = {"bench", table, experiment, "--quick", "-q", "--rounds", "1", "--seconds",
                       "100ms", "--dir", files.path(), "--json", json_path},
         .environment = {{"TMPDIR", out.path()}}});
    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    std::ifstream text{json_path};
    const auto all = nlohmann::json::parse(text, nullptr, false);
    ASSERT_FALSE(all.is_discarded());
    const auto& rows = all["experiments"][0]["rows"];
    ASSERT_GE(rows.size(), rows_min);
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
    EXPECT_GE(measured, 2U);
    EXPECT_TRUE(std::filesystem::is_empty(files.path()));
}

}  // namespace ringway::test
