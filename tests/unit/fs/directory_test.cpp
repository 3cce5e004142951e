#include <algorithm>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <ringway/fs/root.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using test::run_on_shard;
using lines = std::vector<std::string>;

class directory_test : public testing::Test {
protected:
    directory_test() {
        scratch_.make_directory("www/sub/deep");
        scratch_.write("secret", "SECRET");
        scratch_.write("www/index", "hello");
        scratch_.write("www/sub/file", "x");
    }

    // "name size", or "name/" for directories, in order.
    lines list(const std::string& path, symlink_policy policy) {
        const auto listed = run_on_shard(root_().list(path, policy, 1000));
        EXPECT_TRUE(listed.has_value() && !listed->more);
        lines sorted;
        for (const auto& entry : listed->entries) {
            sorted.push_back(entry.name +
                             (entry.is_directory ? "/" : ' ' + std::to_string(entry.size)));
            EXPECT_GT(entry.mtime_ns, 0);
        }
        std::ranges::sort(sorted);
        return sorted;
    }

    root root_() const { return *root::open(scratch_.at("www")); }

    test::scratch_directory scratch_;
};

TEST_F(directory_test, lists_names_sizes_and_kinds) {
    EXPECT_EQ(list("", symlink_policy::deny), (lines{"index 5", "sub/"}));
    EXPECT_EQ(list("sub", symlink_policy::deny), (lines{"deep/", "file 1"}));
    EXPECT_EQ(list("sub/deep", symlink_policy::deny), lines{});
}

TEST_F(directory_test, leaves_out_what_is_no_file) {
    ASSERT_EQ(::mkfifo(scratch_.at("www/sub/fifo").c_str(), 0600), 0);
    scratch_.make_link("www/sub/link", "fifo");
    EXPECT_EQ(list("sub", symlink_policy::inside), (lines{"deep/", "file 1"}));
}

// Goal: a listing tells of a link what serving it would, and nothing of what is out of reach.
TEST_F(directory_test, links_are_listed_as_the_policy_serves_them) {
    scratch_.make_link("www/sub/inside", "../index");
    scratch_.make_link("www/sub/absolute", scratch_.at("www/index"));
    scratch_.make_link("www/sub/outside", scratch_.at("secret"));
    scratch_.make_link("www/sub/directory", "deep");
    scratch_.make_link("www/sub/dangling", "nothing");
    EXPECT_EQ(list("sub", symlink_policy::deny), (lines{"deep/", "file 1"}));
    const lines inside{"absolute 5", "deep/", "directory/", "file 1", "inside 5"};
    EXPECT_EQ(list("sub", symlink_policy::inside), inside);
    EXPECT_EQ(list("sub/", symlink_policy::inside), inside);
    EXPECT_EQ(list("sub", symlink_policy::follow),
              (lines{"absolute 5", "deep/", "directory/", "file 1", "inside 5", "outside 6"}));
}

TEST_F(directory_test, stops_at_the_limit_and_says_so) {
    for (int i = 0; i < 2000; ++i) {  // More than one system call reads.
        scratch_.write("www/sub/deep/" + std::to_string(i) + std::string(40, 'n'), "");
    }
    EXPECT_EQ(run_on_shard(root_().list("sub/deep", symlink_policy::inside, 2000))->more, false);
    const auto cut = run_on_shard(root_().list("sub/deep", symlink_policy::inside, 1999));
    EXPECT_EQ(cut->entries.size(), 1999U);
    EXPECT_TRUE(cut->more);
}

TEST_F(directory_test, what_is_no_directory_is_not_found) {
    const auto code = [&](const std::string& path) {
        return run_on_shard(root_().list(path, symlink_policy::inside, 10)).error().code;
    };
    EXPECT_EQ(code("index"), errc::not_found);
    EXPECT_EQ(code("nothing"), errc::not_found);
    EXPECT_EQ(code(".."), errc::not_permitted);
}

}  // namespace
}  // namespace ringway
