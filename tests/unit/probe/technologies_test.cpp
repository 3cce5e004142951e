#include <ringway/probe/examine.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ringway::probe {
namespace {

finding row(const char* id, state has, const char* fix = "") {
    return {.id = id, .about = topic::io_uring, .name = id, .has = has, .fix = fix};
}

finding judged(const std::vector<finding>& rows, const std::string& id) {
    const auto all = technologies_of(rows);
    const auto* const found = find(all, "technologies." + id);
    EXPECT_NE(found, nullptr);
    return found == nullptr ? finding{} : *found;
}

TEST(technologies, without_knowledge_all_is_unknown) {
    const auto all = technologies_of({});
    EXPECT_GT(all.size(), 10U);
    EXPECT_TRUE(
        std::ranges::all_of(all, [](const finding& each) { return each.has == state::unknown; }));
}

TEST(technologies, what_must_be_there_decides) {
    EXPECT_EQ(judged({row("files.sendfile", state::yes)}, "sendfile").has, state::yes);
    const auto none = judged({row("files.sendfile", state::no, "do it")}, "sendfile");
    EXPECT_EQ(none.has, state::no);
    EXPECT_EQ(none.detail, "missing: files.sendfile");
    EXPECT_EQ(none.fix, "do it");
}

TEST(technologies, what_is_wanted_makes_it_partial) {
    std::vector rows{row("io_uring.rings", state::yes),
                     row("io_uring.registered_buffers", state::no, "ulimit -l 8192")};
    const auto partial = judged(rows, "io_uring_5_1");
    EXPECT_EQ(partial.has, state::partial);
    EXPECT_EQ(partial.detail, "weaker for: io_uring.registered_buffers");
    EXPECT_EQ(partial.fix, "ulimit -l 8192");
    rows[1].has = state::yes;
    EXPECT_EQ(judged(rows, "io_uring_5_1").has, state::yes);
}

TEST(technologies, half_of_a_must_is_partial) {
    EXPECT_EQ(judged({row("files.splice", state::partial)}, "splice").has, state::partial);
}

}  // namespace
}  // namespace ringway::probe
