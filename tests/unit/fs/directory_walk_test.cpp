#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <ringway/fs/directory_walk.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using kind = walk_entry::kind;

class directory_walk_test : public testing::Test {
protected:
    std::vector<walk_entry> walk(std::string path = "", walk_options options = {}) {
        const auto run = [](const root& where, std::string from,
                            walk_options how) -> task<std::vector<walk_entry>> {
            std::vector<walk_entry> all;
            directory_walk steps{where, std::move(from), how};
            for (;;) {
                auto step = co_await steps.next();
                EXPECT_TRUE(step.has_value()) << describe(step.error());
                if (!step || !*step) {
                    break;
                }
                all.push_back(**std::move(step));
            }
            const auto end = co_await steps.next();
            EXPECT_TRUE(end.has_value() && !*end);  // The end stays the end.
            co_return all;
        };
        return test::run_on_shard(run(root_, std::move(path), options));
    }

    static std::set<std::string> paths(const std::vector<walk_entry>& all, kind what) {
        std::set<std::string> found;
        for (const walk_entry& each : all) {
            if (each.what == what) {
                EXPECT_TRUE(found.insert(each.path).second) << each.path << " is told twice";
            }
        }
        return found;
    }

    test::scratch_directory scratch_;
    root root_ = *root::open(scratch_.path());
};

using names = std::set<std::string>;

TEST_F(directory_walk_test, tells_everything_once_and_directories_around_their_content) {
    scratch_.make_directory("a/b/c");
    scratch_.make_directory("empty");
    scratch_.write("top", "1");
    scratch_.write("a/one", "1");
    scratch_.write("a/b/c/deep", "1");
    scratch_.make_link("a/link", "../top");
    ::mkfifo(scratch_.at("a/pipe").c_str(), 0600);
    const auto all = walk();
    EXPECT_EQ(paths(all, kind::file), (names{"top", "a/one", "a/b/c/deep"}));
    EXPECT_EQ(paths(all, kind::directory), (names{"a", "a/b", "a/b/c", "empty"}));
    EXPECT_EQ(paths(all, kind::leaving), (names{"a", "a/b", "a/b/c", "empty"}));
    EXPECT_EQ(paths(all, kind::symlink), (names{"a/link"}));
    EXPECT_EQ(paths(all, kind::other), (names{"a/pipe"}));
    std::map<std::string, std::size_t> begins;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto slash = all[i].path.rfind('/');
        if (slash != std::string::npos && all[i].what != kind::leaving) {
            EXPECT_TRUE(begins.contains(all[i].path.substr(0, slash)));
        }
        if (all[i].what == kind::directory) {
            begins[all[i].path] = i;
        }
        EXPECT_EQ(all[i].depth, 1 + std::ranges::count(all[i].path, '/'));
    }
    EXPECT_EQ(paths(walk("a/b"), kind::file), (names{"c/deep"}));
    EXPECT_EQ(paths(walk("a/b/"), kind::directory), (names{"c"}));
}

TEST_F(directory_walk_test, large_directories_and_strange_names) {
    names expected;
    for (int i = 0; i < 3000; ++i) {
        expected.insert("file-with-a-rather-long-name-" + std::to_string(i));
    }
    expected.insert({"\xff\xfe\x80", "new\nline", " ", "\"quoted\"", "-rf", std::string(255, 'x')});
    for (const std::string& name : expected) {
        scratch_.write(name, "");
    }
    EXPECT_EQ(paths(walk(), kind::file), expected);
}

TEST_F(directory_walk_test, status_on_request) {
    scratch_.write("file", "12345");
    scratch_.make_link("link", "file");
    for (const walk_entry& each : walk("", {.with_status = true})) {
        ASSERT_TRUE(each.status.has_value());
        EXPECT_EQ(each.status->size, each.what == kind::file ? 5U : 4U);
    }
    for (const walk_entry& each : walk()) {
        EXPECT_FALSE(each.status.has_value());
    }
}

TEST_F(directory_walk_test, links_are_followed_as_the_policy_says) {
    test::scratch_directory outside;
    outside.write("secret", "1");
    scratch_.make_directory("real/sub");
    scratch_.write("real/file", "1");
    scratch_.make_link("inside", "real");
    scratch_.make_link("out", outside.path());
    scratch_.make_link("nowhere", "missing");
    EXPECT_EQ(paths(walk(), kind::symlink), (names{"inside", "out", "nowhere"}));
    const auto inside = walk("", {.policy = symlink_policy::inside});
    EXPECT_EQ(paths(inside, kind::file), (names{"real/file", "inside/file"}));
    EXPECT_EQ(paths(inside, kind::symlink), (names{"out", "nowhere"}));
    const auto all = walk("", {.policy = symlink_policy::follow});
    EXPECT_EQ(paths(all, kind::file), (names{"real/file", "inside/file", "out/secret"}));
    EXPECT_EQ(paths(all, kind::symlink), (names{"nowhere"}));
}

// Goal: a walk ends, whatever it meets.
TEST_F(directory_walk_test, loops_and_depths_are_told_and_left_out) {
    scratch_.make_directory("a/b");
    scratch_.make_link("a/b/up", "../..");
    const auto all = walk("", {.policy = symlink_policy::inside});
    const auto failed = std::ranges::find(all, kind::failed, &walk_entry::what);
    ASSERT_NE(failed, all.end());
    EXPECT_EQ(failed->path, "a/b/up");
    EXPECT_EQ(failed->why.sys, ELOOP);

    std::string deep = "d";
    for (int i = 0; i < 20; ++i) {
        deep += "/d";
    }
    scratch_.make_directory(deep);
    const auto shallow = walk("d", {.depth_max = 5});
    EXPECT_EQ(paths(shallow, kind::directory).size(), 6U);
    EXPECT_EQ(paths(shallow, kind::leaving).size(), 5U);
    EXPECT_EQ(shallow[6].what, kind::failed);
    EXPECT_EQ(shallow[6].why.code, errc::limit);
}

TEST_F(directory_walk_test, a_directory_that_cannot_be_read_is_told_and_the_rest_goes_on) {
    if (::geteuid() == 0 && ::seteuid(65534) != 0) {
        GTEST_SKIP() << "root may read everything";
    }
    ASSERT_EQ(::seteuid(0), 0);
    scratch_.make_directory("closed/inside");
    scratch_.write("closed/file", "1");
    scratch_.write("open", "1");
    ::chmod(scratch_.path().c_str(), 0755);
    ::chmod(scratch_.at("closed").c_str(), 0700);
    const auto run = [](const root& where) -> task<std::vector<walk_entry>> {
        std::vector<walk_entry> all;
        directory_walk steps{where, ""};
        for (auto step = co_await steps.next(); step && *step; step = co_await steps.next()) {
            all.push_back(**step);
        }
        co_return all;
    };
    ASSERT_EQ(::seteuid(65534), 0);
    const auto all = test::run_on_shard(run(root_));
    ASSERT_EQ(::seteuid(0), 0);
    EXPECT_EQ(paths(all, kind::file), (names{"open"}));
    EXPECT_EQ(paths(all, kind::directory), (names{"closed"}));
    const auto failed = std::ranges::find(all, kind::failed, &walk_entry::what);
    ASSERT_NE(failed, all.end());
    EXPECT_EQ(failed->path, "closed");
    EXPECT_EQ(failed->why.sys, EACCES);
}

TEST_F(directory_walk_test, where_it_cannot_begin) {
    scratch_.write("file", "1");
    const auto run = [](const root& where, std::string path) -> task<error> {
        directory_walk steps{where, std::move(path)};
        const auto first = co_await steps.next();
        co_return first ? error{} : first.error();
    };
    EXPECT_EQ(test::run_on_shard(run(root_, "missing")).code, errc::not_found);
    EXPECT_EQ(test::run_on_shard(run(root_, "file")).sys, ENOTDIR);
    EXPECT_EQ(test::run_on_shard(run(root_, "../x")).sys, EXDEV);
}

TEST_F(directory_walk_test, directories_can_be_left_out) {
    scratch_.make_directory("skipped/sub");
    scratch_.make_directory("taken/sub");
    const auto run = [](const root& where) -> task<names> {
        names found;
        directory_walk steps{where, ""};
        for (auto step = co_await steps.next(); step && *step; step = co_await steps.next()) {
            found.insert((*step)->path);
            if ((*step)->path == "skipped") {
                steps.skip();
            }
        }
        co_return found;
    };
    EXPECT_EQ(test::run_on_shard(run(root_)), (names{"skipped", "taken", "taken/sub"}));
}

}  // namespace
}  // namespace ringway
