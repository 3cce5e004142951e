#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <ringway/fs/aligned_buffer.hpp>
#include <ringway/fs/direct_file.hpp>

#include "support/mounted.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

byte_span span_of(std::string& text) {
    return {reinterpret_cast<std::byte*>(text.data()), text.size()};
}

// On every file system that can be had.
class direct_file_test : public test::each_direct_file_system {};
INSTANTIATE_TEST_SUITE_P(on, direct_file_test, test::file_systems(), test::name_of_file_system);

task<result<std::string>> read_part(const root& where, std::string path, std::uint64_t offset,
                                    std::size_t size, std::size_t shift) {
    const auto opened =
        co_await or_return(co_await open_direct(where, std::move(path), open_mode::read));
    std::string memory(size + shift, '?');
    const auto got =
        co_await or_return(co_await opened.read(span_of(memory).subspan(shift), offset));
    co_return memory.substr(shift, got);
}

TEST_P(direct_file_test, reads_any_part_into_any_memory) {
    const std::string text = test::pattern(1'234'567);
    write("file", text);
    std::mt19937 random{1};
    for (int i = 0; i < 60; ++i) {
        const std::uint64_t offset = i == 0 ? 0 : random() % 1'300'000;
        const std::size_t size = i < 2 ? 2'000'000 : random() % 700'000;
        const auto got =
            test::run_on_shard(read_part(where(), "file", offset, size, random() % 70));
        ASSERT_TRUE(got.has_value()) << describe(got.error());
        EXPECT_TRUE(*got == text.substr(std::min<std::size_t>(offset, text.size()), size))
            << offset << ' ' << size;
    }
}

TEST_P(direct_file_test, what_is_aligned_is_read_in_place) {
    const std::string text = test::pattern(300'000);
    write("file", text);
    const auto run = [](const root& from, const std::string& expected) -> task<void> {
        const auto file = co_await open_direct(from, "file", open_mode::read);
        RW_CO_ASSERT(file.has_value());
        const auto buffer = aligned_buffer::make(512 * 1024);
        const auto& counters = driver::current().counters();
        constexpr auto reads = static_cast<std::size_t>(op_kind::read);
        const auto before = counters.submitted[reads].get();
        const auto got = co_await file->read(buffer->bytes(), 0);
        RW_CO_ASSERT(got.has_value());
        EXPECT_EQ(counters.submitted[reads].get() - before, 1U);
        EXPECT_TRUE(as_text(buffer->bytes().first(*got)) == expected);
        EXPECT_EQ(*co_await file->read_aligned(buffer->bytes().first(8192), 4096), 8192U);
        EXPECT_EQ(*co_await file->read_aligned(buffer->bytes(), 1 << 20), 0U);
    };
    test::run_on_shard(run(where(), text));
}

TEST_P(direct_file_test, writes_whole_blocks_and_an_end_of_any_length) {
    const std::string text = test::pattern(900'001);
    const auto run = [](const root& into, const std::string& content) -> task<void> {
        auto file = co_await open_direct(into, "file", open_mode::create);
        RW_CO_ASSERT(file.has_value());
        const std::uint32_t block = file->alignment().offset;
        const byte_view bytes = as_bytes(content);
        EXPECT_EQ((co_await file->write(bytes.first(block + 1), 0)).error().code,
                  errc::invalid_argument);
        EXPECT_EQ((co_await file->write(bytes.first(block), 1)).error().code,
                  errc::invalid_argument);
        const std::size_t first = std::size_t{block} * 50;
        EXPECT_TRUE((co_await file->write(bytes.first(first), 0)).has_value());
        EXPECT_TRUE((co_await file->write_end(bytes.subspan(first), first)).has_value());
        EXPECT_TRUE((co_await file->sync(true)).has_value());
        EXPECT_EQ(*file->size(), content.size());
        EXPECT_TRUE((co_await file->close()).has_value());
    };
    test::run_on_shard(run(where(), text));
    EXPECT_TRUE(content("file") == text);
}

TEST_P(direct_file_test, holes_are_zeros) {
    write("file", "");
    ASSERT_EQ(::truncate(at("file").c_str(), 3'000'001), 0);
    const auto got = test::run_on_shard(read_part(where(), "file", 1'000'003, 5'000'000, 3));
    ASSERT_TRUE(got.has_value());
    EXPECT_TRUE(*got == std::string(1'999'998, '\0'));
}

TEST_P(direct_file_test, the_alignment_is_a_power_of_two_that_works) {
    write("file", test::pattern(100'000));
    const unique_fd fd{::open(at("file").c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC)};
    const auto found = alignment_of(fd.get());
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(std::has_single_bit(found->memory) && std::has_single_bit(found->offset));
    const auto buffer =
        aligned_buffer::make(found->offset, std::max<std::size_t>(found->memory, 64));
    EXPECT_EQ(::pread(fd.get(), buffer->data(), found->offset, found->offset),
              static_cast<ssize_t>(found->offset));
}

// Goal: whether or not the device can be polled, reading goes on and the reason is told.
TEST_P(direct_file_test, polling_works_or_says_why_not) {
    const std::string text = test::pattern(100'000);
    write("file", text);
    const auto run = [](const root& from, const std::string& expected) -> task<void> {
        auto file = co_await open_direct(from, "file", open_mode::read);
        RW_CO_ASSERT(file.has_value());
        const auto polled = co_await file->try_polling();
        EXPECT_EQ(polled.has_value(), file->polled());
        if (!polled) {
            const error why = polled.error();
            EXPECT_TRUE(why.code == errc::unsupported || why.sys == EOPNOTSUPP || why.sys == EINVAL)
                << describe(why);
        }
        std::string memory(200'000, '?');
        const auto got = co_await file->read(span_of(memory), 0);
        RW_CO_ASSERT(got.has_value());
        EXPECT_TRUE(memory.substr(0, *got) == expected);
    };
    test::run_on_shard(run(where(), text));
}

TEST(direct_files, what_has_no_direct_io_is_refused) {
    const auto run = []() -> task<error> {
        const auto proc = root::open("/proc");
        const auto opened = co_await open_direct(*proc, "version", open_mode::read);
        co_return opened ? error{} : opened.error();
    };
    EXPECT_EQ(test::run_on_shard(run()).code, errc::unsupported);
    const auto open_folder = []() -> task<error> {
        const auto top = root::open("/");
        const auto opened = co_await open_direct(*top, "tmp", open_mode::read);
        co_return opened ? error{} : opened.error();
    };
    const error why = test::run_on_shard(open_folder());
    EXPECT_TRUE(why.code == errc::not_regular || why.code == errc::unsupported) << describe(why);
}

}  // namespace
}  // namespace ringway
