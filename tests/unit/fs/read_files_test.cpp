#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <ringway/fs/file.hpp>
#include <ringway/fs/visit_files.hpp>

#include "support/file_systems.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using body = task<void>;

class read_files_test : public testing::Test {
protected:
    test::scratch_directory scratch_;
    root root_ = *root::open(scratch_.path());
};

TEST_F(read_files_test, a_batch_yields_every_content_or_why_not) {
    scratch_.make_directory("directory");
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < 300; ++i) {
        paths.push_back("file" + std::to_string(i));
        scratch_.write(paths.back(), test::pattern(i * 37));
    }
    paths.push_back("missing");
    paths.push_back("directory");
    paths.push_back("../outside");
    const auto contents = test::run_on_shard(read_files(root_, paths, {.files_at_once = 64}));
    ASSERT_EQ(contents.size(), paths.size());
    for (std::size_t i = 0; i < 300; ++i) {
        ASSERT_TRUE(contents[i].has_value()) << i << ' ' << describe(contents[i].error());
        EXPECT_EQ(*contents[i], test::pattern(i * 37));
    }
    EXPECT_EQ(contents[300].error().code, errc::not_found);
    EXPECT_EQ(contents[301].error().code, errc::not_regular);
    EXPECT_EQ(contents[302].error().code, errc::not_permitted);
    EXPECT_TRUE(test::run_on_shard(read_files(root_, {})).empty());
}

// Goal: each is told once, whole or why not, whichever way it was read.
TEST_F(read_files_test, visitors_see_every_content_once) {
    scratch_.make_directory("directory");
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < 100; ++i) {
        paths.push_back("file" + std::to_string(i));
        scratch_.write(paths.back(), test::pattern(i * 5000));  // Some are read by operations.
    }
    paths.push_back("missing");
    paths.push_back("directory");
    std::vector<result<std::string>> seen(paths.size(), fail(errc::closed));
    std::vector<int> times(paths.size(), 0);
    test::run_on_shard(visit_files(root_, paths,
                                   [&](std::size_t index, result<std::string_view> content) {
                                       ++times[index];
                                       seen[index] =
                                           content ? result<std::string>{std::string{*content}}
                                                   : std::unexpected{content.error()};
                                   },
                                   {.files_at_once = 16}));
    EXPECT_EQ(times, std::vector<int>(paths.size(), 1));
    for (std::size_t i = 0; i < 100; ++i) {
        ASSERT_TRUE(seen[i].has_value()) << i << ' ' << describe(seen[i].error());
        EXPECT_EQ(*seen[i], test::pattern(i * 5000));
    }
    EXPECT_EQ(seen[100].error().code, errc::not_found);
    EXPECT_EQ(seen[101].error().code, errc::not_regular);
}

// Goal: what is no regular file is said to be none, however it was looked at; links lead inside.
TEST_F(read_files_test, links_and_special_files_are_what_they_are) {
    scratch_.write("file", "content");
    scratch_.write("empty", "");
    scratch_.make_link("inside", "file");
    scratch_.make_link("absolute", scratch_.at("file"));
    scratch_.make_link("outside", "/etc/passwd");
    scratch_.make_directory("directory");
    ASSERT_EQ(::mkfifo(scratch_.at("fifo").c_str(), 0600), 0);
    std::vector<std::string> paths{"file",    "empty",     "inside", "absolute",
                                   "outside", "directory", "fifo",   "directory/../file"};
    for (const char* const device : {"null", "zero", "urandom"}) {
        struct stat facts{};
        if (::stat((std::string{"/dev/"} + device).c_str(), &facts) == 0 &&
            ::mknod(scratch_.at(device).c_str(), facts.st_mode, facts.st_rdev) == 0) {
            paths.emplace_back(device);
        }
    }
    for (int round = 0; round < 2; ++round) {  // Names are known the second time.
        const auto found = test::run_on_shard(read_files(root_, paths));
        EXPECT_EQ(found[0], "content");
        EXPECT_EQ(found[1], "");
        EXPECT_EQ(found[2], "content");
        EXPECT_EQ(found[3], "content");
        EXPECT_EQ(found[4].error().sys, EXDEV);
        EXPECT_EQ(found[7].error().sys, EXDEV);
        for (std::size_t i = 5; i < found.size(); ++i) {
            EXPECT_TRUE(i == 7 || found[i].error().code == errc::not_regular) << paths[i];
        }
    }
}

// Goal: what is not cached is asked for together: when the first content is there, the reads of
// others are under way. (How many system calls that takes is the disk's to say: one that answers
// one by one is waited for as often.)
TEST_F(read_files_test, a_batch_is_submitted_together) {
    if (test::runs_on_epoll()) {
        GTEST_SKIP() << "epoll has no batches";
    }
    if (test::temporary_files_stay_in_memory()) {
        GTEST_SKIP() << "the temporary folder is on tmpfs, where nothing is ever cold";
    }
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < 100; ++i) {
        paths.push_back("file" + std::to_string(i));
        scratch_.write(paths.back(), "content");
        const unique_fd file{::open(scratch_.at(paths.back()).c_str(), O_RDONLY | O_CLOEXEC)};
        EXPECT_EQ(::fdatasync(file.get()), 0);
        EXPECT_EQ(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED), 0);
    }
    const auto run = [](const root& where, const std::vector<std::string>& names) -> body {
        const auto& counters = shard::current().io().counters();
        const auto reads = [&counters] {
            return counters.submitted[static_cast<std::size_t>(op_kind::read)].get();
        };
        const std::uint64_t before = reads();
        std::uint64_t by_the_first = 0;
        std::size_t told = 0;
        co_await visit_files(where, names, [&](std::size_t, result<std::string_view> content) {
            EXPECT_EQ(content.value_or(""), "content");
            by_the_first = told++ == 0 ? reads() - before : by_the_first;
        });
        EXPECT_EQ(told, names.size());
        EXPECT_GE(by_the_first, 8U);
    };
    test::run_on_shard(run(root_, paths));
}

TEST_F(read_files_test, a_stopped_batch_says_so_and_leaks_nothing) {
    std::vector<std::string> paths(50, "file");
    scratch_.write("file", "content");
    const auto run = [](const root& where, const std::vector<std::string>& names) -> body {
        stop_source stop;
        stop.request_stop();
        const auto contents = co_await read_files(where, names).under(stop);
        for (const auto& content : contents) {
            EXPECT_EQ(content.error().code, errc::canceled);
        }
    };
    test::run_on_shard(run(root_, paths));
}

}  // namespace
}  // namespace ringway
