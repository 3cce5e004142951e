#include <cerrno>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <ringway/fs/file.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

class file_test : public testing::Test {
protected:
    test::scratch_directory scratch_;
    root root_ = *root::open(scratch_.path());
};

using body = task<void>;

TEST_F(file_test, what_is_written_is_read_back) {
    const auto run = [](const root& where) -> body {
        auto made = co_await open_file(where, "new", open_mode::create_new);
        RW_CO_ASSERT(made.has_value());
        const std::string text = test::pattern(300'000);
        EXPECT_TRUE((co_await made->write(as_bytes(text), 10)).has_value());
        EXPECT_TRUE((co_await made->sync()).has_value());
        EXPECT_TRUE((co_await made->sync(true)).has_value());
        EXPECT_EQ(*made->size(), 300'010U);

        std::string back(text.size() + 5, '?');
        const byte_span into{reinterpret_cast<std::byte*>(back.data()), back.size()};
        EXPECT_EQ(*co_await made->read_full(into, 10), text.size());
        EXPECT_EQ(back.substr(0, text.size()), text);
        EXPECT_EQ(*co_await made->read(into, 1'000'000), 0U);
        EXPECT_TRUE((co_await made->close()).has_value());
    };
    test::run_on_shard(run(root_));
}

TEST_F(file_test, modes_do_what_their_names_say) {
    scratch_.write("old", "content");
    const auto run = [](const root& where) -> body {
        EXPECT_EQ((co_await open_file(where, "old", open_mode::create_new)).error().sys, EEXIST);
        EXPECT_EQ((co_await open_file(where, "none", open_mode::write)).error().code,
                  errc::not_found);
        const auto both = co_await open_file(where, "old", open_mode::read_write);
        EXPECT_EQ(*both->size(), 7U);
        const auto reader = co_await open_file(where, "old", open_mode::read);
        const std::string text = "x";
        EXPECT_EQ((co_await reader->write(as_bytes(text), 0)).error().sys, EBADF);
        const auto emptied = co_await open_file(where, "old", open_mode::create);
        EXPECT_EQ(*emptied->size(), 0U);
    };
    test::run_on_shard(run(root_));
}

// Goal: writing is confined to the root like reading.
TEST_F(file_test, nothing_is_created_outside) {
    scratch_.make_directory("inner");
    scratch_.make_link("inner/out", scratch_.at("target"));
    root_ = *root::open(scratch_.at("inner"));
    const auto run = [](const root& where) -> body {
        for (const char* const path : {"../target", "/tmp/ringway-target", "out"}) {
            const auto made = co_await open_file(where, path, open_mode::create);
            EXPECT_FALSE(made.has_value()) << path;
        }
    };
    test::run_on_shard(run(root_));
    EXPECT_EQ(root::open(scratch_.path())->try_open_now("target", symlink_policy::deny).error().code,
              errc::not_found);
}

TEST_F(file_test, read_all_knows_files_with_and_without_a_size) {
    scratch_.write("empty", "");
    scratch_.write("large", test::pattern(200'000));
    const auto run = [](const root& where) -> body {
        const auto empty = co_await open_file(where, "empty", open_mode::read);
        EXPECT_EQ(*co_await empty->read_all(10), "");
        const auto large = co_await open_file(where, "large", open_mode::read);
        EXPECT_EQ(*co_await large->read_all(200'000), test::pattern(200'000));
        EXPECT_EQ((co_await large->read_all(199'999)).error().code, errc::limit);
        const auto proc = root::open("/proc/self");
        const auto sizeless = co_await open_file(*proc, "status", open_mode::read);
        const auto content = co_await sizeless->read_all(100'000);
        EXPECT_NE(content->find("Threads:"), std::string::npos);
        EXPECT_EQ((co_await sizeless->read_all(100)).error().code, errc::limit);
    };
    test::run_on_shard(run(root_));
}

TEST_F(file_test, a_batch_yields_every_content_or_why_not) {
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

// Goal: a batch costs few system calls, not some per file.
TEST_F(file_test, a_batch_is_submitted_together) {
    if (test::runs_on_epoll()) {
        GTEST_SKIP() << "epoll has no batches";
    }
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < 100; ++i) {
        paths.push_back("file" + std::to_string(i));
        scratch_.write(paths.back(), "content");
    }
    const auto run = [](const root& where, const std::vector<std::string>& names) -> body {
        const auto& counters = shard::current().io().counters();
        const std::uint64_t before = counters.enters.get();
        const auto contents = co_await read_files(where, names);
        EXPECT_EQ(contents.size(), names.size());
        EXPECT_LE(counters.enters.get() - before, 10U);
    };
    test::run_on_shard(run(root_, paths));
}

TEST_F(file_test, a_stopped_batch_says_so_and_leaks_nothing) {
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
