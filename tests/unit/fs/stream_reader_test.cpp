#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>

#include <ringway/fs/stream_reader.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

// All bytes that `reader` yields, and that no piece but the last is short.
task<std::string> drain(stream_reader& reader, std::size_t piece_bytes) {
    std::string all;
    bool short_seen = false;
    for (;;) {
        const auto piece = co_await reader.next();
        if (!piece || piece->empty()) {
            EXPECT_TRUE(piece.has_value());
            break;
        }
        EXPECT_FALSE(short_seen);
        EXPECT_LE(piece->size(), piece_bytes);
        short_seen = piece->size() < piece_bytes;
        all += as_text(*piece);
    }
    EXPECT_TRUE((co_await reader.next())->empty());  // The end stays the end.
    co_await reader.close();
    co_return all;
}

std::string read(int fd, std::uint64_t offset, std::uint64_t length, read_ahead ahead) {
    const auto run = [](int from, std::uint64_t at, std::uint64_t bytes,
                        read_ahead how) -> task<std::string> {
        stream_reader reader{from, at, bytes, how};
        co_return co_await drain(reader, how.buffer_bytes);
    };
    return test::run_on_shard(run(fd, offset, length, ahead));
}

TEST(stream_reader, yields_everything_in_order) {
    const std::string text = test::pattern(100'000);
    const unique_fd file = test::file_with(text);
    for (const read_ahead ahead : {read_ahead{1, 4096}, read_ahead{4, 4096}, read_ahead{7, 1000},
                                   read_ahead{4, 100'000}, read_ahead{3, 1'000'000}}) {
        EXPECT_EQ(read(file.get(), 0, stream_reader::to_the_end, ahead), text);
        EXPECT_EQ(read(file.get(), 0, text.size(), ahead), text);
        EXPECT_EQ(read(file.get(), 777, 50'000, ahead), text.substr(777, 50'000));
        EXPECT_EQ(read(file.get(), 99'990, 500, ahead), text.substr(99'990));
        EXPECT_EQ(read(file.get(), 200'000, 500, ahead), "");
        EXPECT_EQ(read(file.get(), 5, 0, ahead), "");
    }
    EXPECT_EQ(read(test::file_with("").get(), 0, stream_reader::to_the_end, {}), "");
}

TEST(stream_reader, a_failure_is_told_and_stays) {
    const auto run = []() -> task<void> {
        const unique_fd directory{::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        stream_reader reader{directory.get(), 0, 100, {}};
        for (int i = 0; i < 2; ++i) {
            const auto failed = co_await reader.next();
            EXPECT_FALSE(failed.has_value());
            EXPECT_EQ(failed.error().sys, EISDIR);
        }
        co_await reader.close();
    };
    test::run_on_shard(run());
}

// Goal: memory and operations are bounded, and an unfinished reader cleans up.
TEST(stream_reader, reads_ahead_and_no_further) {
    const auto run = [](int fd) -> task<void> {
        const auto& counters = shard::current().io().counters();
        constexpr auto reads = static_cast<std::size_t>(op_kind::read);
        const std::uint64_t before = counters.submitted[reads].get();
        stream_reader reader{
            fd, 0, stream_reader::to_the_end, {.buffers = 3, .buffer_bytes = 4096}};
        EXPECT_EQ((co_await reader.next())->size(), 4096U);
        EXPECT_EQ(counters.submitted[reads].get() - before, 3U);
        EXPECT_EQ((co_await reader.next())->size(), 4096U);
        EXPECT_EQ(counters.submitted[reads].get() - before, 4U);
        co_await reader.close();
    };
    const unique_fd file = test::file_with(test::pattern(100'000));
    test::run_on_shard(run(file.get()));
}

TEST(stream_reader, a_stopped_wait_loses_nothing) {
    const auto run = [](int fd) -> task<void> {
        stop_source stopped;
        stopped.request_stop();
        stream_reader reader{
            fd, 0, stream_reader::to_the_end, {.buffers = 2, .buffer_bytes = 4096}};
        const auto first = co_await reader.next().under(stopped);
        EXPECT_TRUE(first.has_value() || first.error().code == errc::canceled);
        const std::string rest = co_await drain(reader, 4096);
        EXPECT_EQ(rest.size() + (first ? first->size() : 0), 20'000U);
    };
    const unique_fd file = test::file_with(test::pattern(20'000));
    test::run_on_shard(run(file.get()));
}

TEST(stream_reader, close_without_reading) {
    const auto run = []() -> task<void> {
        stream_reader reader{0, 0, 10, {}};
        co_await reader.close();
    };
    test::run_on_shard(run());
}

}  // namespace
}  // namespace ringway
