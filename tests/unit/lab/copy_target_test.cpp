#include "lab/copy_target.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "support/file_systems.hpp"
#include "support/need_kernel.hpp"
#include "support/run_on_shard.hpp"

namespace ringway::lab {
namespace {

TEST(copy_target, knows_whether_it_was_copied_and_goes_away) {
    const test::scratch_directory directory;
    {
        const auto made = copy_target::make(directory.path(), 1500, 100, 1);
        ASSERT_TRUE(made.has_value()) << made.error();
        const copy_target& of = **made;
        EXPECT_EQ(of.count(), 1500U);
        EXPECT_EQ(of.bytes(), 150'000U);
        EXPECT_FALSE(of.is_copied());
        std::filesystem::copy(of.source(), of.destination(),
                              std::filesystem::copy_options::recursive);
        EXPECT_TRUE(of.is_copied());
        std::filesystem::resize_file(of.destination() + "/001/file-001234", 99);
        EXPECT_FALSE(of.is_copied());
        of.remove_copy();
        EXPECT_FALSE(std::filesystem::exists(of.destination()));
        // On the tmpfs of older kernels nobody can tell; cachestat(2) came with 6.5.
        EXPECT_EQ(of.make_resident(true).has_value(),
                  test::reads_without_waiting() || test::kernel_is_at_least(6, 5));
    }
    EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(copy_target, of_one_file_is_that_file) {
    const test::scratch_directory directory;
    const auto made = copy_target::make(directory.path(), 1, 3'000'000, 1);
    ASSERT_TRUE(made.has_value()) << made.error();
    EXPECT_TRUE(std::filesystem::is_regular_file((*made)->source()));
    std::filesystem::copy((*made)->source(), (*made)->destination());
    EXPECT_TRUE((*made)->is_copied());
}

TEST(copy_target, tells_why_it_can_not_be_written) {
    const auto made = copy_target::make("/proc", 1, 100, 1);
    ASSERT_FALSE(made.has_value());
    EXPECT_NE(made.error().find("--dir"), std::string::npos);
}

}  // namespace
}  // namespace ringway::lab
