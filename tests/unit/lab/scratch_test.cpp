#include "lab/scratch.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/patience.hpp"

namespace ringway::lab {
namespace {

TEST(scratch, is_gone_with_its_owner) {
    std::string path;
    {
        const auto made = scratch::make();
        ASSERT_TRUE(made.has_value());
        path = made->path();
        EXPECT_TRUE(made->add_text("a", "text"));
        EXPECT_EQ(made->read("a"), "text");
        EXPECT_EQ(made->read("b"), "");
        EXPECT_FALSE(made->add_text("no/such/place", "x"));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(scratch, is_made_where_it_is_wanted) {
    const auto outer = scratch::make();
    ASSERT_TRUE(outer.has_value());
    std::string path;
    {
        const auto inner = scratch::make(outer->path());
        ASSERT_TRUE(inner.has_value());
        path = inner->path();
        EXPECT_TRUE(path.starts_with(outer->path() + "/ringway-lab-")) << path;
        EXPECT_TRUE(std::filesystem::is_directory(path));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    const auto none = scratch::make(outer->path() + "/no/such");
    ASSERT_FALSE(none.has_value());
    EXPECT_TRUE(none.error().contains("/no/such/ringway-lab-")) << none.error();
}

TEST(scratch, is_gone_after_a_kill_too) {
    int pipes[2];
    ASSERT_EQ(::pipe(pipes), 0);
    const auto owner = ::fork();
    if (owner == 0) {
        const auto made = scratch::make();
        const bool told = made && made->add_text("a", "x") &&
                          ::write(pipes[1], made->path().data(), made->path().size()) > 0;
        static_cast<void>(told);
        ::pause();
        ::_exit(0);
    }
    std::string path(256, '\0');
    const auto size = ::read(pipes[0], path.data(), path.size());
    ASSERT_GT(size, 0);
    path.resize(static_cast<std::size_t>(size));
    EXPECT_TRUE(std::filesystem::exists(path + "/a"));
    ::kill(owner, SIGKILL);
    EXPECT_EQ(::waitpid(owner, nullptr, 0), owner);
    EXPECT_TRUE(test::eventually([&path] { return !std::filesystem::exists(path); }));
    ::close(pipes[0]);
    ::close(pipes[1]);
}

TEST(scratch, noise_is_that_of_its_seed) {
    const auto made = scratch::make();
    ASSERT_TRUE(made.has_value());
    ASSERT_TRUE(made->add_noise("a", 100'001, 1));
    ASSERT_TRUE(made->add_noise("b", 100'001, 1));
    ASSERT_TRUE(made->add_noise("c", 100'001, 2));
    EXPECT_EQ(made->read("a").size(), 100'001U);
    EXPECT_TRUE(made->read("a") == made->read("b"));
    EXPECT_FALSE(made->read("a") == made->read("c"));
}

TEST(scratch, says_why_there_is_none) {
    const char* const before = ::getenv("TMPDIR");
    const std::string kept = before != nullptr ? before : "";
    ::setenv("TMPDIR", "/proc", 1);  // Nobody may make a directory there.
    const auto made = scratch::make();
    if (before != nullptr) {
        ::setenv("TMPDIR", kept.c_str(), 1);
    } else {
        ::unsetenv("TMPDIR");
    }
    ASSERT_FALSE(made.has_value());
    EXPECT_TRUE(made.error().starts_with("can't make /proc/ringway-lab-XXXXXX: ")) << made.error();
}

}  // namespace
}  // namespace ringway::lab
