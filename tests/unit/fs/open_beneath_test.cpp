#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include "fs/open_beneath.hpp"
#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

class open_beneath_test : public testing::Test {
protected:
    open_beneath_test() {
        scratch_.make_directory("www/sub/deep");
        scratch_.write("secret", "SECRET");
        scratch_.write("www/index", "hello");
        scratch_.write("www/sub/deep/file", "deep");
        scratch_.make_link("www/absolute", scratch_.at("www/index"));
        scratch_.make_link("www/outside", scratch_.at("secret"));
        scratch_.make_link("www/directory", "sub");
        base_ = unique_fd{::open(scratch_.at("www").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    }

    // What the file holds, or the errno.
    static std::string told(const result<unique_fd>& opened) {
        if (!opened) {
            return std::to_string(opened.error().sys);
        }
        char text[100];
        const ssize_t size = ::read(opened->get(), text, sizeof(text));
        return size < 0 ? "directory" : std::string{text, static_cast<std::size_t>(size)};
    }
    std::string by_names(std::string_view path) const {
        return told(open_by_names(base_.get(), path, read_flags));
    }

    test::scratch_directory scratch_;
    unique_fd base_;
};

TEST_F(open_beneath_test, paths_are_checked_name_by_name) {
    for (const char* const good : {"", "a", "a/b", "a//b/", "...", "..a", "a..", "./a"}) {
        EXPECT_TRUE(check_path(good).has_value()) << good;
    }
    for (const char* const bad : {"..", "../a", "a/..", "a/../b", "a//../b", "/a", "/", "../"}) {
        EXPECT_EQ(check_path(bad).error().sys, EXDEV) << bad;
    }
    EXPECT_EQ(check_path(std::string_view{"a\0b", 3}).error().sys, EINVAL);
}

// Goal: without openat2 the walk is as safe: nothing but plain directories on the way, no link.
TEST_F(open_beneath_test, the_walk_without_openat2_refuses_every_link) {
    EXPECT_EQ(by_names("index"), "hello");
    EXPECT_EQ(by_names("sub/deep/file"), "deep");
    EXPECT_EQ(by_names("sub//deep///file"), "deep");
    EXPECT_EQ(by_names("./index"), "hello");
    EXPECT_EQ(by_names("sub"), "directory");
    EXPECT_EQ(by_names("sub/"), "directory");
    EXPECT_EQ(by_names("."), "directory");
    EXPECT_EQ(by_names(""), "directory");
    EXPECT_EQ(by_names("nothing"), std::to_string(ENOENT));
    EXPECT_EQ(by_names("nothing/file"), std::to_string(ENOENT));
    EXPECT_EQ(by_names("index/file"), std::to_string(ENOTDIR));
    EXPECT_EQ(by_names("absolute"), std::to_string(ELOOP));
    EXPECT_EQ(by_names("outside"), std::to_string(ELOOP));
    EXPECT_EQ(by_names("directory/deep/file"), std::to_string(ENOTDIR));
    EXPECT_EQ(by_names("directory"), std::to_string(ELOOP));
    EXPECT_EQ(by_names(std::string(NAME_MAX + 1, 'x')), std::to_string(ENAMETOOLONG));
}

TEST_F(open_beneath_test, the_detour_leads_back_inside_or_nowhere) {
    const auto through = [&](const char* path) {
        return told(open_through_links(base_.get(), path, read_flags));
    };
    EXPECT_EQ(through("absolute"), "hello");
    EXPECT_EQ(through("index"), "hello");
    EXPECT_EQ(through("outside"), std::to_string(EXDEV));
    EXPECT_EQ(through(".."), std::to_string(EXDEV));
    EXPECT_EQ(through("nothing"), std::to_string(ENOENT));
    EXPECT_EQ(told(open_waiting(base_.get(), "absolute", symlink_policy::inside, read_flags)),
              "hello");
    EXPECT_EQ(told(open_waiting(base_.get(), "absolute", symlink_policy::deny, read_flags)),
              std::to_string(ELOOP));
    EXPECT_EQ(told(open_waiting(base_.get(), "outside", symlink_policy::follow, read_flags)),
              "SECRET");
}

// Goal: when the root is "/" the target's path has no second slash to find.
TEST_F(open_beneath_test, the_root_may_be_the_root_of_all) {
    const unique_fd slash{::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    const std::string path = scratch_.at("www/absolute").substr(1);
    EXPECT_EQ(told(open_through_links(slash.get(), path.c_str(), read_flags)), "hello");
    EXPECT_EQ(*path_of(slash.get()), "/");
}

TEST_F(open_beneath_test, a_moved_root_is_still_the_root) {
    ASSERT_EQ(::rename(scratch_.at("www").c_str(), scratch_.at("moved").c_str()), 0);
    EXPECT_EQ(*path_of(base_.get()), scratch_.at("moved"));
    EXPECT_EQ(by_names("index"), "hello");
    EXPECT_EQ(told(open_through_links(base_.get(), "absolute", read_flags)),
              std::to_string(ENOENT));
}

}  // namespace
}  // namespace ringway
