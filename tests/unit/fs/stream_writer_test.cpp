#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <ringway/fs/stream_writer.hpp>

#include "support/mounted.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

class stream_writer_test : public test::each_file_system {};
INSTANTIATE_TEST_SUITE_P(on, stream_writer_test, test::file_systems(), test::name_of_file_system);

// Hands `text` over in pieces of many sizes, now and then flushing.
task<result<void>> pour(stream_writer& into, const std::string& text, unsigned seed) {
    std::mt19937 random{seed};
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = std::min<std::size_t>(1 + random() % 30'000, text.size() - at);
        const byte_view piece = as_bytes(text).subspan(at, size);
        if (random() % 2 == 0) {
            co_await or_return(co_await into.write(piece));
            at += size;
        } else {
            const byte_span space = co_await or_return(co_await into.room());
            const std::size_t part = std::min(space.size(), size);
            std::memcpy(space.data(), piece.data(), part);
            into.filled(part);
            at += part;
        }
        if (random() % 16 == 0) {
            co_await or_return(co_await into.flush());
            EXPECT_EQ(into.written(), into.position());
        }
    }
    co_return result<void>{};
}

constexpr write_behind shapes[] = {{1, 4096}, {2, 4096}, {4, 100'000}, {3, 1 << 20}, {8, 10'000}};

TEST_P(stream_writer_test, what_is_poured_in_is_in_the_file) {
    const auto run = [](const root& in, const std::string& text, write_behind how,
                        unsigned seed) -> task<void> {
        auto to = co_await open_file(in, "file", open_mode::create);
        RW_CO_ASSERT(to.has_value());
        stream_writer writer{*to, 0, how};
        EXPECT_TRUE((co_await pour(writer, text, seed)).has_value());
        EXPECT_TRUE((co_await writer.close()).has_value());
        EXPECT_EQ(writer.written(), text.size());
    };
    unsigned seed = 1;
    for (const write_behind how : shapes) {
        const std::string text = test::pattern(777'777 + seed);
        test::run_on_shard(run(where(), text, how, ++seed));
        EXPECT_TRUE(content("file") == text);
    }
}

TEST_P(stream_writer_test, past_the_page_cache_too) {
    if (!has_direct_io()) {
        GTEST_SKIP() << "this file system has no O_DIRECT (tmpfs has it since Linux 6.6)";
    }
    const auto run = [](const root& in, const std::string& text, write_behind how,
                        unsigned seed) -> task<void> {
        auto to = co_await open_direct(in, "file", open_mode::create);
        RW_CO_ASSERT(to.has_value());
        stream_writer writer{*to, 0, how};
        EXPECT_TRUE((co_await pour(writer, text, seed)).has_value());
        EXPECT_TRUE((co_await writer.sync()).has_value());
        EXPECT_EQ(*to->size(), text.size());
        EXPECT_TRUE((co_await writer.write(as_bytes("the end"))).has_value());
        EXPECT_TRUE((co_await writer.close()).has_value());
    };
    unsigned seed = 1;
    for (const write_behind how : shapes) {
        const std::string text = test::pattern(777'777 + 511 * seed);
        test::run_on_shard(run(where(), text, how, ++seed));
        EXPECT_TRUE(content("file") == text + "the end");
    }
}

TEST_P(stream_writer_test, storage_is_allocated_before_and_given_back_after) {
    constexpr std::uint64_t plenty = 8 << 20;
    const auto run = [](const root& in) -> task<bool> {
        auto to = co_await open_file(in, "file", open_mode::create);
        stream_writer writer{*to};
        const auto allocated = co_await writer.preallocate(plenty);
        if (!allocated) {
            EXPECT_EQ(allocated.error().sys, EOPNOTSUPP);
        } else {
            struct stat facts{};
            EXPECT_EQ(::fstat(to->fd(), &facts), 0);
            EXPECT_EQ(facts.st_size, 0);
            EXPECT_GE(facts.st_blocks * 512, static_cast<blkcnt_t>(plenty));
        }
        EXPECT_TRUE((co_await writer.write(as_bytes("little"))).has_value());
        EXPECT_TRUE((co_await writer.close()).has_value());
        co_return allocated.has_value();
    };
    const bool allocated = test::run_on_shard(run(where()));
    EXPECT_EQ(content("file"), "little");
    struct stat facts{};
    ASSERT_EQ(::stat(at("file").c_str(), &facts), 0);
    EXPECT_LT(facts.st_blocks * 512, 1 << 20);
    EXPECT_TRUE(allocated || std::string_view{GetParam()} == "here");
}

// Goal: a full disk is told once it is known, sticks, and what is said to be written is.
TEST(stream_writers, full_storage_is_told_and_sticks) {
    for (const char* const kind : {"tmpfs", "ext4"}) {
        std::string why_not;
        const auto small = test::mounted::make(kind, 8, why_not);
        if (small == nullptr) {
            GTEST_SKIP() << why_not;
        }
        const auto run = [](const std::string& path, bool direct) -> task<std::uint64_t> {
            const auto in = root::open(path);
            auto to = co_await open_file(*in, "file", open_mode::create);
            EXPECT_TRUE(to.has_value());
            auto past = co_await open_direct(*in, "file", open_mode::write);
            if (direct && !past) {  // tmpfs before Linux 6.6.
                EXPECT_EQ(past.error().code, errc::unsupported);
                co_return 0;
            }
            stream_writer writer = direct ? stream_writer{*past} : stream_writer{*to};
            const std::string text = test::pattern(100'000);
            result<void> outcome;
            for (int i = 0; i < 200 && outcome; ++i) {
                outcome = co_await writer.write(as_bytes(text));
            }
            EXPECT_FALSE(outcome.has_value());
            EXPECT_EQ(outcome.error().sys, ENOSPC);
            EXPECT_EQ((co_await writer.write(as_bytes(text))).error().sys, ENOSPC);
            EXPECT_EQ((co_await writer.flush()).error().sys, ENOSPC);
            EXPECT_EQ((co_await writer.sync()).error().sys, ENOSPC);
            EXPECT_EQ((co_await writer.close()).error().sys, ENOSPC);
            EXPECT_LE(writer.written(), *to->size());
            EXPECT_GT(writer.written(), 0U);
            co_return writer.written();
        };
        const std::string one = test::pattern(100'000);
        for (const bool direct : {false, true}) {
            const std::uint64_t written = test::run_on_shard(run(small->path(), direct));
            const unique_fd file{::open((small->path() + "/file").c_str(), O_RDONLY)};
            std::string back(written, '?');
            ASSERT_EQ(::pread(file.get(), back.data(), back.size(), 0),
                      static_cast<ssize_t>(written));
            for (std::size_t at = 0; at < back.size(); at += one.size()) {
                ASSERT_TRUE(one.starts_with(back.substr(at, one.size())));
            }
        }
    }
}

TEST(stream_writers, begins_where_it_is_told_and_leaves_the_rest) {
    const unique_fd made = test::file_with(std::string(10'000, '.'));
    const auto run = [](int fd) -> task<void> {
        const file to{unique_fd{::dup(fd)}};
        stream_writer writer{to, 500, {2, 100}};
        EXPECT_TRUE((co_await writer.write(as_bytes(std::string(1000, 'x')))).has_value());
        EXPECT_EQ(writer.position(), 1500U);
        EXPECT_TRUE((co_await writer.close()).has_value());
    };
    test::run_on_shard(run(made.get()));
    std::string back(10'001, '?');
    EXPECT_EQ(::pread(made.get(), back.data(), back.size(), 0), 10'000);
    EXPECT_EQ(back.substr(0, 10'000),
              std::string(500, '.') + std::string(1000, 'x') + std::string(8500, '.'));
}

TEST(stream_writers, memory_is_bounded_and_nothing_outlives_abandon) {
    const unique_fd made = test::file_with("");
    const auto run = [](int fd) -> task<void> {
        const file to{unique_fd{::dup(fd)}};
        stream_writer writer{to, 0, {3, 4096}};
        const auto& counters = driver::current().counters();
        const std::string text = test::pattern(100'000);
        for (int i = 0; i < 50; ++i) {
            EXPECT_TRUE((co_await writer.write(as_bytes(text))).has_value());
            EXPECT_LE(counters.in_flight(), 3U + 1U);  // And what the shard itself waits for.
        }
        co_await writer.abandon();
        EXPECT_LE(writer.written(), writer.position());
    };
    test::run_on_shard(run(made.get()));
}

TEST(stream_writers, a_stop_does_not_stick) {
    const unique_fd made = test::file_with("");
    const auto run = [](int fd) -> task<void> {
        const file to{unique_fd{::dup(fd)}};
        stream_writer writer{to, 0, {2, 4096}};
        const std::string text = test::pattern(50'000);
        stop_source stopped;
        stopped.request_stop();
        const auto first = co_await writer.write(as_bytes(text)).under(stopped);
        EXPECT_TRUE(first || first.error().code == errc::canceled);
        const auto taken = static_cast<std::size_t>(writer.position());
        EXPECT_TRUE((co_await writer.write(as_bytes(text).subspan(taken))).has_value());
        EXPECT_TRUE((co_await writer.close()).has_value());
        EXPECT_EQ(*to.size(), text.size());
    };
    test::run_on_shard(run(made.get()));
    std::string back(50'000, '?');
    EXPECT_EQ(::pread(made.get(), back.data(), back.size(), 0), 50'000);
    EXPECT_TRUE(back == test::pattern(50'000));
}

}  // namespace
}  // namespace ringway
