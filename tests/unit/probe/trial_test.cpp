#include "probe/trial.hpp"

#include <cerrno>
#include <gtest/gtest.h>
#include <set>

#include <ringway/base/assert.hpp>

namespace ringway::probe {
namespace {

trial made(std::string_view fix) {
    return {"a.b",  topic::files, "b",
            "5.19", "trying",     "it matters",
            fix,    true,         [](const std::string&) { return found_yes(); }};
}

TEST(trial, kernels_are_compared_by_number) {
    EXPECT_TRUE(is_at_least("6.18.44-fc-v595", "6.9"));
    EXPECT_TRUE(is_at_least("6.1.0-13-amd64", "6.1"));
    EXPECT_TRUE(is_at_least("5.10.262", "2.6.33"));
    EXPECT_FALSE(is_at_least("5.10.262", "5.19"));
    EXPECT_FALSE(is_at_least("6.1.0-13-amd64", "6.10"));
    EXPECT_TRUE(is_at_least("5.19-rc1", "5.19"));
    EXPECT_TRUE(is_at_least("nonsense", ""));
}

TEST(trial, errors_are_named) {
    EXPECT_EQ(refused(EPERM).detail, "EPERM: Operation not permitted");
    EXPECT_EQ(refused(EPERM).has, state::no);
    EXPECT_EQ(error_text(-1), "?: ?");
}

TEST(trial, fixes_are_for_what_is_not_well) {
    const auto row = made("do it");
    EXPECT_EQ(finding_of(row, found_yes("well"), "6.1").fix, "");
    EXPECT_EQ(finding_of(row, found_no(), "6.1").fix, "do it");
    EXPECT_EQ(finding_of(row, found_no("", "do that"), "6.1").fix, "do that");
    EXPECT_EQ(finding_of(row, found_partial("half"), "6.1").fix, "do it");
}

TEST(trial, newer_kernels_are_a_fix_for_older_ones_only) {
    const auto row = made(fix_by_kernel);
    EXPECT_EQ(finding_of(row, refused(EINVAL), "5.10.2").fix, "run Linux 5.19 or newer");
    const auto new_enough = finding_of(row, refused(EPERM), "6.1.0-13-amd64");
    EXPECT_EQ(new_enough.fix, "");
    EXPECT_NE(new_enough.detail.find("this kernel is new enough"), std::string::npos);
    EXPECT_EQ(finding_of(row, found_partial("half"), "5.10.2").fix, "");
    EXPECT_EQ(finding_of(row, found_no("it came late"), "6.1").detail, "it came late");
}

TEST(trial, first_lines) {
    EXPECT_EQ(first_line_of("/nonexistent"), "");
    EXPECT_FALSE(first_line_of("/proc/self/stat").empty());
}

// Goal: rows can be told apart, and say how they were found and why they matter.
TEST(trial, tables_are_complete) {
    std::set<std::string> ids;
    std::size_t count = 0;
    for (const auto table : all_tables()) {
        for (const auto& each : table()) {
            SCOPED_TRACE(each.id);
            ids.insert(each.id);
            ++count;
            EXPECT_EQ(each.id.find(std::string{name_of(each.about)} + "."), 0U);
            EXPECT_FALSE(each.name.empty() || each.found_by.empty() || each.why.empty());
            EXPECT_LE(each.name.size(), 29U);
            EXPECT_NE(each.run, nullptr);
            EXPECT_NE(each.why.back(), '.');
        }
    }
    EXPECT_EQ(ids.size(), count);
    EXPECT_GT(count, 90U);
}

}  // namespace
}  // namespace ringway::probe
