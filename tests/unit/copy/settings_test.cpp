#include <ringway/copy/settings.hpp>

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <set>
#include <string>

namespace ringway {
namespace {

constexpr std::uint64_t btrfs = 0x9123683E;
constexpr std::uint64_t mib = std::uint64_t{1} << 20U;

copy_facts file_of(std::uint64_t size, std::uint64_t file_system = EXT4_SUPER_MAGIC) {
    return {.size = size, .stored_bytes = size, .same_device = true, .file_system = file_system};
}

TEST(copy_settings, methods_have_names_of_their_own) {
    std::set<std::string> names;
    for (const copy_method each : copy_methods()) {
        EXPECT_TRUE(names.insert(std::string{name_of(each)}).second);
    }
    EXPECT_EQ(names.size(), 9U);
    EXPECT_FALSE(names.contains("unknown"));
}

TEST(plan_copy, small_files_are_read_and_written_by_one_lane) {
    const copy_plan plan = plan_copy({}, file_of(100'000));

    EXPECT_EQ(plan.method, copy_method::read_write);
    EXPECT_EQ(plan.lanes, 1U);
    EXPECT_FALSE(plan.preallocate || plan.find_holes || plan.stream || plan.try_reflink);
}

TEST(plan_copy, large_files_take_two_lanes_and_reserve_their_blocks) {
    const copy_plan plan = plan_copy({}, file_of(64 * mib));

    EXPECT_EQ(plan.lanes, 2U);
    EXPECT_TRUE(plan.preallocate);
    EXPECT_FALSE(plan_copy({}, file_of(64 * mib, TMPFS_MAGIC)).preallocate);
    EXPECT_FALSE(plan_copy({.preallocate = false}, file_of(64 * mib)).preallocate);
}

// Goal: from a disk, lanes that jump only disturb the kernel's reading ahead.
TEST(plan_copy, what_is_not_in_the_page_cache_takes_one_lane) {
    copy_facts facts = file_of(64 * mib);
    facts.resident = false;
    EXPECT_EQ(plan_copy({}, facts).lanes, 1U);
    EXPECT_TRUE(plan_copy({}, facts).preallocate);
}

// sendfile(2) writes at the position of the file, which lanes would share.
TEST(plan_copy, sendfile_has_one_lane) {
    EXPECT_EQ(plan_copy({.method = copy_method::sendfile}, file_of(64 * mib)).lanes, 1U);
}

TEST(plan_copy, reflinks_are_tried_where_they_may_work) {
    const copy_facts shares = file_of(mib, btrfs);
    copy_facts elsewhere = shares;
    elsewhere.same_device = false;

    EXPECT_TRUE(plan_copy({}, shares).try_reflink);
    EXPECT_FALSE(plan_copy({}, file_of(mib, EXT4_SUPER_MAGIC)).try_reflink);
    EXPECT_FALSE(plan_copy({}, elsewhere).try_reflink);
    EXPECT_FALSE(plan_copy({.reflink = reflink_mode::never}, shares).try_reflink);
    EXPECT_FALSE(plan_copy({.method = copy_method::splice}, shares).try_reflink);
    EXPECT_TRUE(plan_copy({.reflink = reflink_mode::always}, file_of(mib)).try_reflink);
    EXPECT_TRUE(plan_copy({.method = copy_method::reflink}, file_of(mib)).try_reflink);
}

// Holes that nobody may have, or zeros that are to become holes, are not for blocks that are
// shared.
TEST(plan_copy, other_holes_than_those_of_the_source_mean_no_reflink) {
    const copy_facts shares = file_of(mib, btrfs);

    EXPECT_FALSE(plan_copy({.sparse = sparse_mode::never}, shares).try_reflink);
    EXPECT_FALSE(plan_copy({.sparse = sparse_mode::always}, shares).try_reflink);
}

TEST(plan_copy, a_file_server_copies_by_itself) {
    copy_facts facts = file_of(mib, NFS_SUPER_MAGIC);
    EXPECT_EQ(plan_copy({}, facts).method, copy_method::copy_file_range);
    facts.same_device = false;
    EXPECT_EQ(plan_copy({}, facts).method, copy_method::read_write);
}

TEST(plan_copy, files_without_a_size_are_read_until_they_end) {
    EXPECT_TRUE(plan_copy({}, file_of(0)).stream);
    copy_facts pipe = file_of(0);
    pipe.is_regular = false;
    EXPECT_TRUE(plan_copy({.method = copy_method::copy_file_range}, pipe).stream);
}

TEST(plan_copy, holes_are_looked_for_where_there_are_some) {
    copy_facts sparse = file_of(64 * mib);
    sparse.stored_bytes = mib;
    EXPECT_TRUE(plan_copy({}, sparse).find_holes);
    EXPECT_FALSE(plan_copy({.sparse = sparse_mode::never}, sparse).find_holes);
    EXPECT_FALSE(plan_copy({}, file_of(64 * mib)).find_holes);
}

}  // namespace
}  // namespace ringway
