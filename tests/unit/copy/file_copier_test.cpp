#include <ringway/copy/file_copier.hpp>

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/coro/scope.hpp>

#include "support/made_file.hpp"
#include "support/run_on_shard.hpp"
#include "support/simulation.hpp"

namespace ringway {
namespace {

using test::run_on_shard;

constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
constexpr std::uint64_t gib = std::uint64_t{1} << 30U;

struct outcome {
    result<copy_report> report;
    std::uint64_t metered = 0;
};

unique_fd opened(const std::string& path, int flags) {
    return unique_fd{::open(path.c_str(), flags | O_CLOEXEC, 0644)};
}

task<outcome> copy(std::string from, std::string to, copy_settings settings,
                   std::uint64_t present = 0) {
    file_copier copier{settings, 2};
    const unique_fd source = opened(from, O_RDONLY);
    const unique_fd target = opened(to, O_RDWR | O_CREAT | (present == 0 ? O_TRUNC : 0));
    copy_meter meter;
    auto report = co_await copier.copy(source.get(), target.get(), meter, present);
    co_return outcome{std::move(report), meter.bytes.load()};
}

class every_way : public testing::TestWithParam<copy_method> {
protected:
    // Whether it is this way's fault: not all file systems have reflinks and O_DIRECT.
    [[nodiscard]] static bool may_be_refused() {
        return GetParam() == copy_method::reflink || GetParam() == copy_method::ring_direct;
    }
    test::scratch_directory directory_;
};

#define RW_SKIP_IF_REFUSED(made)                                                                 \
    if (!(made).report && (made).report.error().code == errc::unsupported && may_be_refused()) { \
        GTEST_SKIP() << "skipped: this file system has no such way: "                            \
                     << describe((made).report.error());                                         \
    }                                                                                            \
    static_assert(true)

// Goal: every way makes the same file, of every size and with every pattern of holes; and holes of
// the source take up nothing in the copy.
TEST_P(every_way, makes_the_same_file) {
    constexpr std::uint64_t sizes[] = {1,           4095,      4096,           4097,
                                       65'537,      262'144,   1'000'003,      4 * mib,
                                       5 * mib + 1, 9'437'185, 20 * mib - 511, 33 * mib};
    std::uint64_t seed = 1;
    for (const std::uint64_t size : sizes) {
        for (int round = 0; round < 3; ++round) {
            SCOPED_TRACE("size " + std::to_string(size) + ", seed " + std::to_string(++seed));
            test::make_sparse(directory_.at("from"), size, seed);
            const outcome made = run_on_shard(
                copy(directory_.at("from"), directory_.at("to"), {.method = GetParam()}));
            RW_SKIP_IF_REFUSED(made);
            ASSERT_TRUE(made.report.has_value()) << describe(made.report.error());
            EXPECT_EQ(made.report->bytes, size);
            EXPECT_EQ(made.metered, size);
            EXPECT_FALSE(made.report->grew);
            ASSERT_TRUE(test::same_content(directory_.at("from"), directory_.at("to")));
            EXPECT_LE(test::stored_bytes(directory_.at("to")),
                      test::stored_bytes(directory_.at("from")) + 64 * 1024);
        }
    }
}

// Goal: offsets beyond 32 bits. Sparse, so that it takes no time.
TEST_P(every_way, copies_files_of_more_than_4_gib) {
    constexpr std::uint64_t size = 5 * gib + 77;
    {
        const unique_fd file = opened(directory_.at("from"), O_RDWR | O_CREAT);
        ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(size)), 0);
        for (const std::uint64_t at :
             {std::uint64_t{0}, 2 * gib - 3, 4 * gib - 5000, 4 * gib + 123'456, size - 999}) {
            const std::string bytes = test::pattern(999, at);
            ASSERT_EQ(::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)),
                      999);
        }
    }
    const outcome made =
        run_on_shard(copy(directory_.at("from"), directory_.at("to"), {.method = GetParam()}));
    RW_SKIP_IF_REFUSED(made);
    ASSERT_TRUE(made.report.has_value()) << describe(made.report.error());

    EXPECT_EQ(made.report->bytes, size);
    EXPECT_TRUE(test::same_content(directory_.at("from"), directory_.at("to")));
    EXPECT_LT(test::stored_bytes(directory_.at("to")), mib);
}

TEST_P(every_way, goes_on_behind_what_is_present) {
    test::make_sparse(directory_.at("from"), 9 * mib + 5, 11);
    const outcome whole =
        run_on_shard(copy(directory_.at("from"), directory_.at("to"), {.method = GetParam()}));
    RW_SKIP_IF_REFUSED(whole);
    ASSERT_EQ(::truncate(directory_.at("to").c_str(), 3'000'000), 0);

    const outcome made = run_on_shard(
        copy(directory_.at("from"), directory_.at("to"), {.method = GetParam()}, 3'000'000));

    ASSERT_TRUE(made.report.has_value()) << describe(made.report.error());
    EXPECT_EQ(made.metered, 9 * mib + 5 - 3'000'000);
    EXPECT_TRUE(test::same_content(directory_.at("from"), directory_.at("to")));
}

INSTANTIATE_TEST_SUITE_P(copy, every_way, testing::ValuesIn(copy_methods()),
                         [](const auto& info) { return std::string{name_of(info.param)}; });

TEST(file_copier, without_holes_if_so_asked) {
    const test::scratch_directory directory;
    test::make_sparse(directory.at("from"), 6 * mib, 3);
    const outcome made = run_on_shard(
        copy(directory.at("from"), directory.at("to"), {.sparse = sparse_mode::never}));
    ASSERT_TRUE(made.report.has_value());

    EXPECT_TRUE(test::same_content(directory.at("from"), directory.at("to")));
    EXPECT_GE(test::stored_bytes(directory.at("to")), 6 * mib);
}

TEST(file_copier, zeros_become_holes_if_so_asked) {
    const test::scratch_directory directory;
    directory.write("from", test::pattern(100'000) + std::string(8 * mib, '\0') + "end");
    for (const copy_method method : {copy_method::automatic, copy_method::ring}) {
        const outcome made = run_on_shard(copy(directory.at("from"), directory.at("to"),
                                               {.method = method, .sparse = sparse_mode::always}));
        ASSERT_TRUE(made.report.has_value());
        EXPECT_TRUE(test::same_content(directory.at("from"), directory.at("to")));
        EXPECT_LT(test::stored_bytes(directory.at("to")), mib);
    }
}

TEST(file_copier, files_of_proc_are_read_to_their_end) {
    const test::scratch_directory directory;
    const outcome made = run_on_shard(
        copy("/proc/self/environ", directory.at("to"), {.method = copy_method::splice}));

    ASSERT_TRUE(made.report.has_value()) << describe(made.report.error());
    EXPECT_GT(made.report->bytes, 0U);
    EXPECT_TRUE(std::ifstream{directory.at("to")}.good());
}

// Files of /sys say that they are a page long.
TEST(file_copier, files_that_say_they_are_longer_are_no_failure) {
    const char* const path = "/sys/kernel/mm/transparent_hugepage/enabled";
    if (::access(path, R_OK) != 0) {
        GTEST_SKIP() << "skipped: no such file in /sys";
    }
    const test::scratch_directory directory;
    const outcome made = run_on_shard(copy(path, directory.at("to"), {}));

    ASSERT_TRUE(made.report.has_value()) << describe(made.report.error());
    EXPECT_LT(made.report->bytes, 100U);
    EXPECT_GT(made.report->bytes, 0U);
}

// Shrinks the source as soon as some of it has been copied.
task<result<copy_report>> copy_while_it_changes(std::string from, std::string to,
                                                copy_settings settings, off_t new_size) {
    file_copier copier{settings, 2};
    const unique_fd source = opened(from, O_RDWR);
    const unique_fd target = opened(to, O_RDWR | O_CREAT | O_TRUNC);
    copy_meter meter;
    result<copy_report> report = fail(errc::none);
    scope work;
    const auto copying = [](file_copier& by, int in, int out, copy_meter& far,
                            result<copy_report>& into) -> task<void> {
        into = co_await by.copy(in, out, far);
    };
    work.spawn(copying(copier, source.get(), target.get(), meter, report));
    static_cast<void>(co_await test::comes_true([&meter] { return meter.bytes.load() > 0; }));
    RW_ASSERT(::ftruncate(source.get(), new_size) == 0);
    co_await work.join();
    co_return report;
}

// Goal: never a copy that mixes what was there with what is not any more.
TEST(file_copier, a_source_that_shrinks_is_a_failure) {
    const test::scratch_directory directory;
    for (const copy_method method :
         {copy_method::read_write, copy_method::mapped, copy_method::ring, copy_method::splice}) {
        directory.write("from", test::pattern(64 * mib));
        const auto report =
            run_on_shard(copy_while_it_changes(directory.at("from"), directory.at("to"),
                                               {.method = method, .buffer_bytes = 4096}, 5000));
        ASSERT_FALSE(report.has_value()) << name_of(method);
        EXPECT_EQ(report.error().code, errc::truncated) << describe(report.error());
    }
}

TEST(file_copier, a_source_that_grows_is_copied_as_it_was) {
    const test::scratch_directory directory;
    directory.write("from", test::pattern(32 * mib));
    const auto report = run_on_shard(copy_while_it_changes(directory.at("from"), directory.at("to"),
                                                           {.buffer_bytes = 4096}, 40 * mib));
    ASSERT_TRUE(report.has_value()) << describe(report.error());
    EXPECT_TRUE(report->grew);
    EXPECT_EQ(report->bytes, 32 * mib);
}

task<result<copy_report>> copy_and_stop(std::string from, std::string to, copy_settings settings) {
    file_copier copier{settings, 2};
    const unique_fd source = opened(from, O_RDONLY);
    const unique_fd target = opened(to, O_RDWR | O_CREAT | O_TRUNC);
    copy_meter meter;
    result<copy_report> report = fail(errc::none);
    scope work;
    const auto copying = [](file_copier& by, int in, int out, copy_meter& far,
                            result<copy_report>& into) -> task<void> {
        into = co_await by.copy(in, out, far);
    };
    work.spawn(copying(copier, source.get(), target.get(), meter, report));
    static_cast<void>(co_await test::comes_true([&meter] { return meter.bytes.load() > 0; }));
    work.request_stop();
    co_await work.join();
    co_return report;
}

TEST(file_copier, ends_when_it_is_stopped) {
    const test::scratch_directory directory;
    directory.write("from", test::pattern(64 * mib));
    for (const copy_method method : {copy_method::automatic, copy_method::ring}) {
        const auto report =
            run_on_shard(copy_and_stop(directory.at("from"), directory.at("to"),
                                       {.method = method, .depth = 1, .buffer_bytes = 4096}));
        ASSERT_FALSE(report.has_value());
        EXPECT_EQ(report.error().code, errc::canceled) << describe(report.error());
    }
}

TEST(file_copier, a_full_device_is_told) {
    const test::scratch_directory directory;
    directory.write("from", test::pattern(8 * mib));
    const unique_fd full = opened("/dev/full", O_WRONLY);
    if (!full) {
        GTEST_SKIP() << "skipped: no /dev/full";
    }
    const outcome made = run_on_shard(copy(directory.at("from"), "/dev/full", {}));
    ASSERT_FALSE(made.report.has_value());
    EXPECT_EQ(made.report.error().sys, ENOSPC);
}

}  // namespace
}  // namespace ringway
