#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include <ringway/fs/directory_handle.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

class directory_handle_test : public testing::Test {
protected:
    [[nodiscard]] bool exists(const char* name) const {
        return std::filesystem::exists(scratch_.at(name));
    }

    test::scratch_directory scratch_;
    root root_ = *root::open(scratch_.path());
};

TEST_F(directory_handle_test, names_come_go_and_change) {
    scratch_.write("file", "content");
    const auto run = [](const root& where) -> task<void> {
        const auto top = co_await directory_handle::open(where, "");
        RW_CO_ASSERT(top.has_value());
        EXPECT_TRUE((co_await top->make_directory("sub", 0700)).has_value());
        EXPECT_EQ((co_await top->make_directory("sub")).error().sys, EEXIST);
        const auto sub = co_await directory_handle::open(where, "sub");
        RW_CO_ASSERT(sub.has_value());
        EXPECT_TRUE((co_await top->link("file", *sub, "second")).has_value());
        EXPECT_TRUE((co_await top->rename("file", *sub, "first")).has_value());
        EXPECT_EQ((co_await sub->rename("first", *sub, "second", true)).error().sys, EEXIST);
        EXPECT_TRUE((co_await sub->sync()).has_value());
        EXPECT_EQ((co_await top->remove_directory("sub")).error().sys, ENOTEMPTY);
        EXPECT_TRUE((co_await sub->remove("first")).has_value());
        EXPECT_TRUE((co_await sub->remove("second")).has_value());
        EXPECT_EQ((co_await sub->remove("second")).error().sys, ENOENT);
        EXPECT_EQ((co_await top->remove("sub")).error().sys, EISDIR);
        EXPECT_TRUE((co_await top->remove_directory("sub")).has_value());
    };
    test::run_on_shard(run(root_));
    EXPECT_FALSE(exists("file"));
    EXPECT_FALSE(exists("sub"));
}

TEST_F(directory_handle_test, a_file_without_a_name_gets_one) {
    const auto run = [](const root& where, int unnamed) -> task<void> {
        const auto top = co_await directory_handle::open(where, "");
        EXPECT_TRUE((co_await top->link_file(unnamed, "named")).has_value());
        EXPECT_EQ((co_await top->link_file(unnamed, "named")).error().sys, EEXIST);
    };
    const unique_fd unnamed{::open(scratch_.path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    if (!unnamed) {
        GTEST_SKIP() << "no O_TMPFILE here";
    }
    test::run_on_shard(run(root_, unnamed.get()));
    EXPECT_TRUE(exists("named"));
}

TEST_F(directory_handle_test, only_single_names_are_taken) {
    for (const char* const good : {"a", "...", "a b", "\n", "\xff\xfe", ".hidden"}) {
        EXPECT_TRUE(is_single_name(good)) << good;
    }
    for (const std::string bad : {"", ".", "..", "a/b", "/", "a/"}) {
        EXPECT_FALSE(is_single_name(bad)) << bad;
    }
    EXPECT_FALSE(is_single_name(std::string_view{"a\0b", 3}));
    const auto run = [](const root& where) -> task<void> {
        const auto top = co_await directory_handle::open(where, "");
        EXPECT_EQ((co_await top->remove("../x")).error().code, errc::invalid_argument);
        EXPECT_EQ((co_await top->rename("a", *top, "b/c")).error().code, errc::invalid_argument);
        EXPECT_EQ((co_await top->make_directory("..")).error().code, errc::invalid_argument);
        EXPECT_EQ((co_await top->link("/etc/passwd", *top, "b")).error().code,
                  errc::invalid_argument);
        EXPECT_EQ((co_await directory_handle::open(where, "none")).error().sys, ENOENT);
    };
    test::run_on_shard(run(root_));
}

}  // namespace
}  // namespace ringway
