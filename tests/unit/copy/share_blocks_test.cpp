// Blocks that source and copy share, on file systems that can: the whole file, or what is behind a
// part that is there already.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/copy/file_copier.hpp>

#include "support/made_file.hpp"
#include "support/mounted.hpp"
#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

task<result<copy_report>> copy(std::string from, std::string to, copy_settings settings,
                               std::uint64_t present, std::uint64_t& metered) {
    file_copier copier{settings, 2};
    const unique_fd source{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
    const unique_fd target{::open(to.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)};
    copy_meter meter;
    auto report = co_await copier.copy(source.get(), target.get(), meter, present);
    metered = meter.bytes.load();
    co_return report;
}

class shared_blocks : public test::each_file_system {
protected:
    result<copy_report> run(copy_settings settings, std::uint64_t present) {
        return test::run_on_shard(copy(at("from"), at("to"), settings, present, metered_));
    }
    std::uint64_t metered_ = 0;
};

// Goal: what is missing behind a part is shared, wherever that ends, and the result is right to the
// byte; where nothing can be shared it is copied.
TEST_P(shared_blocks, begin_anywhere) {
    constexpr std::uint64_t size = 3'000'001;
    const std::string kind = GetParam();
    const bool must_share = kind == "btrfs" || kind == "xfs";
    for (const std::uint64_t present : {0U, 1U, 4096U, 1'000'003U, 2'999'000U, 3'000'000U}) {
        SCOPED_TRACE(present);
        ::unlink(at("from").c_str());
        ::unlink(at("to").c_str());
        test::make_sparse(at("from"), size, present + 1);
        write("to", content("from").substr(0, present));

        const auto report = run({}, present);

        ASSERT_TRUE(report.has_value()) << describe(report.error());
        EXPECT_TRUE(test::same_content(at("from"), at("to")));
        EXPECT_EQ(metered_, size - present);
        if (must_share) {
            EXPECT_EQ(report->method, copy_method::reflink);
            EXPECT_EQ(report->moved, 0U);
        }
    }
}

// Goal: who wants nothing but shared blocks gets them, or hears that it can't be.
TEST_P(shared_blocks, are_not_replaced_by_copies_if_so_asked) {
    test::make_sparse(at("from"), 500'000, 7);
    write("to", content("from").substr(0, 100'000));

    const auto report = run({.reflink = reflink_mode::always}, 100'000);

    if (report) {
        EXPECT_EQ(report->method, copy_method::reflink);
        EXPECT_TRUE(test::same_content(at("from"), at("to")));
    } else {
        EXPECT_EQ(report.error().code, errc::unsupported) << describe(report.error());
    }
}

INSTANTIATE_TEST_SUITE_P(each, shared_blocks, test::file_systems(), test::name_of_file_system);

}  // namespace
}  // namespace ringway
