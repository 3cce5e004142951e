// Copying by reads and writes of the driver, on a simulated kernel: hundreds of seeds of short
// transfers, interruptions and failures.
#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/copy/file_copier.hpp>

#include "support/made_file.hpp"
#include "support/run_on_shard.hpp"
#include "support/simulated_shard.hpp"
#include "support/simulation.hpp"

namespace ringway {
namespace {

task<void> copy(std::string from, std::string to, copy_settings settings,
                result<copy_report>& report) {
    file_copier copier{settings, 1};
    const unique_fd source{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
    const unique_fd target{::open(to.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    copy_meter meter;
    report = co_await copier.copy(source.get(), target.get(), meter);
    if (report) {
        EXPECT_EQ(meter.bytes.load(), report->bytes);
    }
}

class simulated_copy : public testing::TestWithParam<copy_method> {
protected:
    result<copy_report> run(const simulation_options& options, std::uint64_t size) {
        test::make_sparse(directory_.at("from"), size, options.seed);
        detail::simulated_random random{options.seed};
        const copy_settings settings{.method = GetParam(),
                                     .depth = static_cast<unsigned>(random.between(1, 9)),
                                     .buffer_bytes = random.below(2) == 0 ? 4096U : 16'384U};
        result<copy_report> report = fail(errc::none);
        last_ = test::run_simulated(options, [&](simulated_driver&) {
            return copy(directory_.at("from"), directory_.at("to"), settings, report);
        });
        return report;
    }
    [[nodiscard]] bool is_same() const {
        return test::same_content(directory_.at("from"), directory_.at("to"));
    }

    test::scratch_directory directory_;
    test::simulated_run last_;
};

// Goal: whatever can be overcome is, and the copy is right to the byte.
TEST_P(simulated_copy, is_exact_in_bad_weather) {
    std::uint64_t shortened = 0;
    for (const std::uint64_t seed : test::seeds(300)) {
        simulation_options options = test::gentle(seed);
        options.per_mille[fault::eintr] = static_cast<std::uint16_t>(seed % 3 * 100);
        const auto report = run(options, 1 + seed * 7919 % 200'000);
        SCOPED_TRACE(last_.description);
        if (!report && report.error().code == errc::unsupported &&
            GetParam() == copy_method::ring_direct) {
            GTEST_SKIP() << "skipped: no direct I/O on this file system";
        }
        ASSERT_TRUE(report.has_value()) << describe(report.error());
        ASSERT_TRUE(is_same());
        ASSERT_EQ(last_.leaks, leak_report{});
        shortened += last_.faults[fault::short_read] + last_.faults[fault::short_write];
    }
    EXPECT_TRUE(shortened > 0 || seed_from_environment());
}

// Goal: a failure is told as one, and success is never claimed for less than all.
TEST_P(simulated_copy, a_failure_is_never_a_success) {
    unsigned failures = 0;
    unsigned successes = 0;
    for (const std::uint64_t seed : test::seeds(300)) {
        simulation_options options = test::gentle(seed);
        options.per_mille[fault::file_error] = 20;
        options.per_mille[fault::no_space] = 20;
        const auto report = run(options, 1 + seed * 7919 % 200'000);
        SCOPED_TRACE(last_.description);
        if (!report && report.error().code == errc::unsupported) {
            GTEST_SKIP() << "skipped: no direct I/O on this file system";
        }
        ASSERT_EQ(last_.leaks, leak_report{});
        if (report) {
            ++successes;
            ASSERT_TRUE(is_same());
        } else {
            ++failures;
            ASSERT_TRUE(report.error().sys == EIO || report.error().sys == ENOSPC)
                << describe(report.error());
        }
    }
    EXPECT_TRUE((failures > 10 && successes > 10) || seed_from_environment());
}

INSTANTIATE_TEST_SUITE_P(copy, simulated_copy,
                         testing::Values(copy_method::ring, copy_method::ring_direct),
                         [](const auto& info) { return std::string{name_of(info.param)}; });

}  // namespace
}  // namespace ringway
