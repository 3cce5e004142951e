#include <ringway/http/file_blocks.hpp>

#include <fcntl.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/coro/scope.hpp>

#include "support/file_systems.hpp"
#include "support/run_on_shard.hpp"
#include "support/temporary_site.hpp"

namespace ringway::http {
namespace {

using filled = file_blocks::filled;
constexpr std::size_t block_bytes = file_blocks::block_bytes;

file_ref open(const test::temporary_site& site, const char* name) {
    return make_shared_here<shared_file>(
        unique_fd{::open(site.at(name).c_str(), O_RDONLY | O_CLOEXEC)});
}

// Fills `block` up to `wanted` bytes, from the page cache or not.
task<filled> fill(file_blocks& blocks, block_ref block, int file, std::size_t wanted) {
    while (block->bytes().size() < wanted) {
        const auto how = file_blocks::fill_now(*block, file, block->bytes().size(), wanted);
        if (how == filled::not_cached) {
            const auto got = co_await blocks.fill(block, file, block->bytes().size());
            if (!got || !*got) {
                co_return filled::ended;
            }
        } else if (how != filled::ready) {
            co_return how;
        }
    }
    co_return filled::ready;
}

TEST(file_blocks_test, hold_the_bytes_of_the_file) {
    const test::temporary_site site;
    const std::string content = site.add_pattern("a", 3 * block_bytes / 2);
    const auto run = [](const test::temporary_site& from, const std::string& want) -> task<void> {
        file_blocks blocks{10 * block_bytes};
        const file_ref file = open(from, "a");
        const block_ref one = blocks.find(*file, 5);
        const block_ref two = blocks.find(*file, block_bytes + 1);
        EXPECT_EQ(two->offset(), block_bytes);
        EXPECT_EQ(co_await fill(blocks, one, file->fd(), block_bytes), filled::ready);
        EXPECT_EQ(co_await fill(blocks, two, file->fd(), block_bytes / 2), filled::ready);
        EXPECT_EQ(as_text(one->bytes()), want.substr(0, block_bytes));
        EXPECT_EQ(as_text(two->bytes()), want.substr(block_bytes));
        // There is no more of it.
        EXPECT_EQ(co_await fill(blocks, two, file->fd(), block_bytes / 2 + 1), filled::ended);
    };
    test::run_on_shard(run(site, content));
}

TEST(file_blocks_test, are_shared_as_long_as_the_file_is_the_same) {
    const test::temporary_site site;
    site.add("a", "content");
    file_blocks blocks{10 * block_bytes};
    const file_ref file = open(site, "a");
    const block_ref one = blocks.find(*file, 0);
    EXPECT_EQ(blocks.find(*file, 100).get(), one.get());
    const file_ref again = open(site, "a");  // It may have changed.
    EXPECT_NE(blocks.find(*again, 0).get(), one.get());
}

TEST(file_blocks_test, those_not_used_go_first_and_live_on_while_they_are_sent) {
    const test::temporary_site site;
    site.add("a", "content");
    file_blocks blocks{2 * block_bytes};
    const file_ref file = open(site, "a");
    const block_ref first = blocks.find(*file, 0);
    static_cast<void>(blocks.find(*file, block_bytes));
    static_cast<void>(blocks.find(*file, 0));
    static_cast<void>(blocks.find(*file, 2 * block_bytes));  // In the place of the second.
    EXPECT_EQ(blocks.size(), 2U);
    EXPECT_EQ(blocks.bytes(), 2 * block_bytes);
    EXPECT_EQ(blocks.find(*file, 0).get(), first.get());
    static_cast<void>(blocks.find(*file, 3 * block_bytes));
    static_cast<void>(blocks.find(*file, 4 * block_bytes));
    EXPECT_NE(blocks.find(*file, 0).get(), first.get());
    EXPECT_EQ(first->references(), 1U);
    const auto now = file_blocks::fill_now(*first, file->fd(), 0, 7);
    EXPECT_EQ(now, test::reads_without_waiting() ? filled::ready : filled::not_cached);
}

TEST(file_blocks_test, large_files_are_not_kept) {
    const file_blocks blocks{8 * block_bytes};
    EXPECT_TRUE(blocks.keeps(2 * block_bytes));
    EXPECT_FALSE(blocks.keeps(2 * block_bytes + 1));
}

TEST(file_blocks_test, one_reads_and_the_others_wait) {
    const test::temporary_site site;
    const std::string content = site.add_pattern("a", block_bytes);
    const auto run = [](const test::temporary_site& from, const std::string& want) -> task<void> {
        file_blocks blocks{10 * block_bytes};
        const file_ref file = open(from, "a");
        const block_ref block = blocks.find(*file, 0);
        scope readers;
        const auto read = [](file_blocks& all, block_ref into, int fd) -> task<void> {
            const auto got = co_await all.fill(into, fd, 0);
            EXPECT_TRUE(got.has_value() && *got);
        };
        for (int i = 0; i < 5; ++i) {
            readers.spawn(read(blocks, block, file->fd()));
        }
        co_await readers.join();
        EXPECT_EQ(as_text(block->bytes()), want);
    };
    test::run_on_shard(run(site, content));
}

// Goal: who looked before somebody else had read the block, and asks after it, is not told that the
// file has ended there.
TEST(file_blocks_test, who_asks_late_finds_what_was_read_meanwhile) {
    const test::temporary_site site;
    site.add_pattern("a", block_bytes + 100);
    const auto run = [](const test::temporary_site& from) -> task<void> {
        file_blocks blocks{10 * block_bytes};
        const file_ref file = open(from, "a");
        for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{block_bytes}}) {
            const block_ref block = blocks.find(*file, offset);
            for (int i = 0; i < 2; ++i) {
                const auto got = co_await blocks.fill(block, file->fd(), 0);
                EXPECT_TRUE(got.has_value() && *got);
            }
            const auto behind = co_await blocks.fill(block, file->fd(), block->bytes().size());
            EXPECT_TRUE(behind.has_value() && !*behind);
        }
    };
    test::run_on_shard(run(site));
}

}  // namespace
}  // namespace ringway::http
