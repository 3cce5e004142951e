#include <ringway/probe/examine.hpp>

#include <algorithm>
#include <chrono>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "support/patience.hpp"

namespace ringway::probe {
namespace {

// Goal: whatever machine this is, there is a row for everything, with a reason where it is no yes.
TEST(examine, looks_at_everything) {
    const auto begin = std::chrono::steady_clock::now();
    const auto rows = examine({.time = test::patience(std::chrono::milliseconds{2500})});
    const auto took = std::chrono::steady_clock::now() - begin;

    std::set<std::string> ids;
    for (const auto& each : rows) {
        SCOPED_TRACE(each.id);
        EXPECT_TRUE(ids.insert(each.id).second);
        EXPECT_NE(each.about, topic::serving);
        EXPECT_FALSE(each.found_by.empty());
        if (each.has == state::unknown || each.has == state::partial) {
            EXPECT_FALSE(each.detail.empty());
        }
        if (each.has == state::yes) {
            EXPECT_EQ(each.fix, "");
        }
    }
    EXPECT_TRUE(std::ranges::is_sorted(rows, {}, &finding::about));
    EXPECT_LT(took, test::patience(std::chrono::seconds{3}));
    for (const auto* const id : {"files.sendfile", "files.mmap", "network.ecn", "limits.nofile"}) {
        EXPECT_EQ(ids.count(id), 1U) << id;
    }
}

// What this very test needs in order to run is there.
TEST(examine, finds_what_is_there) {
    const auto rows = examine({.time = test::patience(std::chrono::milliseconds{2500})});
    EXPECT_EQ(state_of(rows, "files.mmap"), state::yes);
    EXPECT_EQ(state_of(rows, "files.sendfile"), state::yes);
    EXPECT_NE(state_of(rows, "limits.cores"), state::no);
}

}  // namespace
}  // namespace ringway::probe
