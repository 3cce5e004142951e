// Goal: what a file system says only when a file is closed is heard before the copy has its name.
#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "support/child_process.hpp"
#include "support/mounted.hpp"

namespace ringway::test {
namespace {

using std::string;

TEST(cp_late_refusal, leaves_no_copy_and_says_so) {
#ifdef RINGWAY_LATE_REFUSAL
    string why_not;
    auto disk = mounted::make("btrfs", 320, why_not);  // Not known to be local, as far as cp knows.
    if (disk == nullptr) {
        disk = mounted::make("xfs", 320, why_not);
    }
    if (disk == nullptr) {
        GTEST_SKIP() << "skipped: " << why_not;
    }
    const scratch_directory source;
    source.write("small", string(1000, 's'));
    source.write("large", string(6'000'000, 'l'));
    for (const string name : {"small", "large"}) {
        launch cp{.program = RINGWAY_BINARY,
                  .arguments = {"cp", "--reflink=never", source.at(name), disk->path()},
                  .environment = {{"LD_PRELOAD", RINGWAY_LATE_REFUSAL}}};
        const auto refused = run_program(cp);
        EXPECT_EQ(refused.exit_status, 1) << name;
        EXPECT_NE(refused.standard_error.find(name + ": the disk is full"), string::npos)
            << refused.standard_error;
        EXPECT_FALSE(std::filesystem::exists(disk->path() + "/" + name)) << name;
        cp.environment.clear();
        EXPECT_EQ(run_program(cp).exit_status, 0) << name;
    }
#else
    GTEST_SKIP() << "skipped: not with sanitizers";
#endif
}

}  // namespace
}  // namespace ringway::test
