#include "cli/cp_scan.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "support/run_on_shard.hpp"

namespace ringway::cli {
namespace {

TEST(cp_scan, adds_up_what_will_be_copied) {
    const test::scratch_directory directory;
    directory.write("file", std::string(1000, 'x'));
    directory.make_directory("tree");
    directory.write("tree/one", std::string(200, 'x'));
    directory.make_link("tree/link", "../file");
    const std::vector<std::string> sources{directory.at("file"), directory.at("tree")};
    std::atomic<bool> stop{false};

    EXPECT_EQ(count_bytes(sources, true, followed_links::none, stop), 1200U);
    EXPECT_EQ(count_bytes(sources, true, followed_links::all, stop), 2200U);
    EXPECT_EQ(count_bytes(sources, false, followed_links::all, stop), 1000U);
    EXPECT_EQ(count_bytes(std::vector<std::string>{directory.at("none")}, true,
                          followed_links::none, stop),
              0U);
    stop = true;
    EXPECT_EQ(count_bytes(sources, true, followed_links::none, stop), std::nullopt);
}

}  // namespace
}  // namespace ringway::cli
