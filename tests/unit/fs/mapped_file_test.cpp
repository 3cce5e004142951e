#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <ringway/fs/mapped_file.hpp>

#include "support/mounted.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

byte_span span_of(std::string& text) {
    return {reinterpret_cast<std::byte*>(text.data()), text.size()};
}

file shared(const unique_fd& fd) { return file{unique_fd{::dup(fd.get())}}; }

TEST(mapped_file, copies_any_part) {
    const std::string text = test::pattern(100'000);
    const unique_fd fd = test::file_with(text);
    const file source = shared(fd);
    const auto mapped = mapped_file::map(source);
    ASSERT_TRUE(mapped.has_value());
    EXPECT_EQ(mapped->size(), text.size());
    for (const std::size_t offset : {0U, 1U, 4095U, 50'000U, 99'999U, 100'000U, 200'000U}) {
        std::string back(60'000, '?');
        const auto got = mapped->copy_out(span_of(back), offset);
        ASSERT_TRUE(got.has_value());
        const std::string expected =
            text.substr(std::min<std::size_t>(offset, text.size()), back.size());
        EXPECT_TRUE(back.substr(0, *got) == expected);
    }
    EXPECT_TRUE(as_text(mapped->bytes()) == text);
}

TEST(mapped_file, an_empty_file_is_an_empty_mapping) {
    const unique_fd fd = test::file_with("");
    const file source = shared(fd);
    const auto mapped = mapped_file::map(source);
    ASSERT_TRUE(mapped.has_value());
    std::string back(10, '?');
    EXPECT_EQ(*mapped->copy_out(span_of(back), 0), 0U);
}

TEST(mapped_file, reads_on_a_shard_whether_cached_or_not) {
    test::scratch_directory scratch;
    const std::string text = test::pattern(3'000'000);
    scratch.write("file", text);
    const auto run = [](const std::string& path, const std::string& expected) -> task<void> {
        const auto where = root::open(path);
        const auto source = co_await open_file(*where, "file", open_mode::read);
        EXPECT_EQ(::fdatasync(source->fd()), 0);
        EXPECT_EQ(::posix_fadvise(source->fd(), 0, 0, POSIX_FADV_DONTNEED), 0);
        auto mapped = mapped_file::map(*source);
        EXPECT_TRUE(mapped->advise(map_advice::random).has_value());
        std::string back(expected.size() + 10, '?');
        for (int i = 0; i < 2; ++i) {
            const auto got = co_await mapped->read(span_of(back), 3);
            RW_CO_ASSERT(got.has_value());
            EXPECT_TRUE(back.substr(0, *got) == expected.substr(3));
        }
        EXPECT_EQ((co_await mapped->write(as_bytes(std::string{"x"}), 0)).error().code,
                  errc::invalid_argument);
    };
    test::run_on_shard(run(scratch.path(), text));
}

TEST(mapped_file, what_is_written_is_in_the_file) {
    test::scratch_directory scratch;
    scratch.write("file", std::string(10'000, '.'));
    const auto run = [](const std::string& path) -> task<void> {
        const auto where = root::open(path);
        const auto to = co_await open_file(*where, "file", open_mode::read_write);
        auto mapped = mapped_file::map(*to, map_access::read_write);
        RW_CO_ASSERT(mapped.has_value());
        EXPECT_TRUE(mapped->copy_in(as_bytes(std::string(100, 'a')), 9'900).has_value());
        EXPECT_EQ(mapped->copy_in(as_bytes(std::string(101, 'a')), 9'900).error().code,
                  errc::invalid_argument);
        EXPECT_TRUE((co_await mapped->flush(9'900, 100)).has_value());
        EXPECT_TRUE((co_await mapped->resize(50'000'000)).has_value());
        EXPECT_TRUE(
            (co_await mapped->write(as_bytes(std::string(7, 'z')), 49'999'993)).has_value());
        EXPECT_TRUE((co_await mapped->flush()).has_value());
        std::string back(10'000, '?');
        EXPECT_EQ(*co_await to->read_full(span_of(back), 0), 10'000U);
        EXPECT_EQ(back, std::string(9'900, '.') + std::string(100, 'a'));
        EXPECT_TRUE((co_await mapped->resize(5)).has_value());
        EXPECT_EQ(mapped->size(), 5U);
        EXPECT_EQ(*to->size(), 5U);
        EXPECT_TRUE((co_await mapped->resize(0)).has_value());
        EXPECT_TRUE((co_await mapped->resize(10)).has_value());
        EXPECT_TRUE(mapped->copy_in(as_bytes(std::string(10, 'e')), 0).has_value());
    };
    test::run_on_shard(run(scratch.path()));
}

// Goal: a file that is cut is an error, never the end of the process.
TEST(mapped_file, a_file_that_shrank_is_truncated) {
    const unique_fd fd = test::file_with(test::pattern(100'000));
    const file source = shared(fd);
    auto mapped = mapped_file::map(source, map_access::read_write);
    ASSERT_EQ(::ftruncate(fd.get(), 10'000), 0);
    std::string back(60'000, '?');
    for (int i = 0; i < 3; ++i) {  // The guard is there again each time.
        const auto failed = mapped->copy_out(span_of(back), 0);
        ASSERT_FALSE(failed.has_value());
        EXPECT_EQ(failed.error().code, errc::truncated);
        EXPECT_EQ(mapped->copy_in(as_bytes(back), 30'000).error().code, errc::truncated);
    }
    back.resize(9'000);
    EXPECT_EQ(*mapped->copy_out(span_of(back), 0), 9'000U);
    EXPECT_TRUE(back == test::pattern(100'000).substr(0, 9'000));
}

TEST(mapped_file, a_file_that_shrinks_and_grows_all_the_time) {
    const unique_fd fd = test::file_with(std::string(1 << 20, 'x'));
    const file source = shared(fd);
    const auto mapped = mapped_file::map(source);
    std::atomic<bool> done{false};
    std::jthread cutter{[&] {
        while (!done.load()) {
            EXPECT_EQ(::ftruncate(fd.get(), 0), 0);
            EXPECT_EQ(::ftruncate(fd.get(), 1 << 20), 0);
        }
    }};
    std::size_t copied = 0;
    std::size_t failed = 0;
    std::vector<std::jthread> readers;
    std::string back(1 << 20, '?');
    for (int i = 0; i < 20'000 && (copied < 5 || failed < 5); ++i) {
        const auto got = mapped->copy_out(span_of(back), 0);
        ++(got ? copied : failed);
        if (!got) {
            EXPECT_TRUE(got.error().code == errc::truncated || got.error().sys == EIO);
        }
    }
    done.store(true);
    EXPECT_GT(failed, 0U);
}

// Goal: writing to a hole on full storage is an error too.
TEST(mapped_file, full_storage_is_an_error) {
    std::string why_not;
    const auto small = test::mounted::make("tmpfs", 1, why_not);
    if (small == nullptr) {
        GTEST_SKIP() << why_not;
    }
    const auto run = [](const std::string& path) -> task<void> {
        const auto where = root::open(path);
        const auto to = co_await open_file(*where, "file", open_mode::create);
        EXPECT_TRUE((co_await to->set_size(8 << 20)).has_value());
        auto mapped = mapped_file::map(*to, map_access::read_write);
        RW_CO_ASSERT(mapped.has_value());
        const auto failed = mapped->copy_in(as_bytes(std::string(8 << 20, 'x')), 0);
        RW_CO_ASSERT(!failed.has_value());
        EXPECT_EQ(failed.error().sys, EIO);
        EXPECT_EQ((co_await mapped->resize(16 << 20)).error().sys, ENOSPC);
        EXPECT_EQ(mapped->size(), 8U << 20U);
    };
    test::run_on_shard(run(small->path()));
}

}  // namespace
}  // namespace ringway
