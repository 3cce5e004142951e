#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <sys/stat.h>

#include <ringway/fs/replacement.hpp>

#include "support/mounted.hpp"
#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

class replacement_test : public testing::Test {
protected:
    [[nodiscard]] std::string content(const std::string& name) const {
        std::ifstream file{scratch_.at(name), std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    [[nodiscard]] std::size_t entries() const {
        const std::filesystem::directory_iterator all{scratch_.path()};
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }

    test::scratch_directory scratch_;
    root root_ = *root::open(scratch_.path());
};

task<result<void>> replace(const root& where, std::string path, std::string text,
                           replace_options options) {
    auto made = co_await or_return(co_await replacement::begin(where, path, options));
    const auto written = co_await made.content().write(as_bytes(text), 0);
    if (!written) {
        co_await made.abandon();
        co_return written;
    }
    co_return co_await made.commit();
}

TEST_F(replacement_test, takes_the_place_of_nothing_and_of_something) {
    for (const bool named : {false, true}) {
        for (const bool durable : {false, true}) {
            const replace_options how{.durable = durable, .named = named};
            EXPECT_TRUE(test::run_on_shard(replace(root_, "file", "first", how)).has_value());
            EXPECT_EQ(content("file"), "first");
            EXPECT_TRUE(test::run_on_shard(replace(root_, "file", "2nd", how)).has_value());
            EXPECT_EQ(content("file"), "2nd");
            EXPECT_EQ(entries(), 1U);
            std::filesystem::remove(scratch_.at("file"));
        }
    }
}

TEST_F(replacement_test, keeps_what_exists_if_told_to) {
    scratch_.write("file", "old");
    for (const bool named : {false, true}) {
        const replace_options how{.keeps_existing = true, .named = named};
        const auto failed = test::run_on_shard(replace(root_, "file", "new", how));
        ASSERT_FALSE(failed.has_value());
        EXPECT_EQ(failed.error().sys, EEXIST);
        EXPECT_EQ(content("file"), "old");
        EXPECT_TRUE(test::run_on_shard(replace(root_, "other", "new", how)).has_value());
        EXPECT_EQ(content("other"), "new");
        EXPECT_EQ(entries(), 2U);
        std::filesystem::remove(scratch_.at("other"));
    }
}

TEST_F(replacement_test, in_a_directory_below_with_a_mode) {
    scratch_.make_directory("a/b");
    ::umask(022);
    EXPECT_TRUE(test::run_on_shard(replace(root_, "a/b/file", "x", {.mode = 0600})).has_value());
    struct stat facts{};
    ASSERT_EQ(::stat(scratch_.at("a/b/file").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0600U);
}

TEST_F(replacement_test, a_link_is_replaced_itself_and_a_directory_is_not) {
    scratch_.write("target", "old");
    scratch_.make_link("link", "target");
    scratch_.make_directory("folder");
    EXPECT_TRUE(test::run_on_shard(replace(root_, "link", "new", {})).has_value());
    EXPECT_EQ(content("target"), "old");
    EXPECT_EQ(content("link"), "new");
    EXPECT_FALSE(std::filesystem::is_symlink(scratch_.at("link")));
    const auto failed = test::run_on_shard(replace(root_, "folder", "new", {}));
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().sys, EISDIR);
    EXPECT_EQ(entries(), 3U);
}

// Goal: nobody sees anything of what is not committed, and nothing is left of it.
TEST_F(replacement_test, abandoned_is_as_if_it_had_never_been) {
    scratch_.write("file", "old");
    const auto run = [](const root& where, bool named, bool drops) -> task<void> {
        auto made = co_await replacement::begin(where, "file", {.named = named});
        RW_CO_ASSERT(made.has_value());
        EXPECT_TRUE((co_await made->content().write(as_bytes("half"), 0)).has_value());
        if (!drops) {
            co_await made->abandon();
        }
    };
    for (const bool named : {false, true}) {
        for (const bool drops : {false, true}) {
            test::run_on_shard(run(root_, named, drops));
            EXPECT_EQ(content("file"), "old");
            EXPECT_EQ(entries(), 1U);
        }
    }
}

TEST_F(replacement_test, a_stop_leaves_nothing_behind) {
    scratch_.write("file", "old");
    const auto run = [](const root& where, bool named) -> task<void> {
        auto made = co_await replacement::begin(where, "file", {.named = named});
        RW_CO_ASSERT(made.has_value());
        stop_source stopped;
        stopped.request_stop();
        const auto failed = co_await made->commit().under(stopped);
        RW_CO_ASSERT(!failed.has_value());
        EXPECT_EQ(failed.error().code, errc::canceled);
    };
    for (const bool named : {false, true}) {
        test::run_on_shard(run(root_, named));
        EXPECT_EQ(content("file"), "old");
        EXPECT_EQ(entries(), 1U);
    }
}

TEST_F(replacement_test, paths_are_confined_and_checked) {
    const auto why = [this](const char* path) {
        return test::run_on_shard(replace(root_, path, "x", {})).error();
    };
    EXPECT_EQ(why("").code, errc::invalid_argument);
    EXPECT_EQ(why("folder/").code, errc::invalid_argument);
    EXPECT_EQ(why("../outside").sys, EXDEV);
    EXPECT_EQ(why("missing/file").sys, ENOENT);
    EXPECT_EQ(why(std::string(256, 'n').c_str()).sys, ENAMETOOLONG);
    EXPECT_TRUE(test::run_on_shard(replace(root_, std::string(255, 'n'), "x", {})).has_value());
    EXPECT_TRUE(test::run_on_shard(replace(root_, std::string(255, 'n'), "y", {})).has_value());
    EXPECT_EQ(entries(), 1U);
}

class replacement_on : public test::each_file_system {};
INSTANTIATE_TEST_SUITE_P(each, replacement_on, test::file_systems(), test::name_of_file_system);

TEST_P(replacement_on, works_with_and_without_unnamed_files) {
    for (const bool named : {false, true}) {
        const replace_options how{.durable = true, .named = named};
        for (const char* const text : {"first", "second"}) {
            EXPECT_TRUE(test::run_on_shard(replace(where(), "file", text, how)).has_value());
            EXPECT_EQ(content("file"), text);
        }
        const replace_options keeps{.keeps_existing = true, .named = named};
        EXPECT_EQ(test::run_on_shard(replace(where(), "file", "third", keeps)).error().sys, EEXIST);
        EXPECT_EQ(content("file"), "second");
    }
    for (const auto& entry : std::filesystem::directory_iterator{at("")}) {
        const auto name = entry.path().filename();
        EXPECT_TRUE(name == "file" || name == "lost+found") << name;
    }
}

}  // namespace
}  // namespace ringway
