#include "cli/standard_streams.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using file_handle = std::unique_ptr<std::FILE, closer>;

// "text" stays in the buffer until somebody flushes it: glibc writes the first text of a file at
// once while that has no buffer yet.
void put_into_buffer(std::FILE* to) {
    static std::array<char, 4096> buffer;
    std::setvbuf(to, buffer.data(), _IOFBF, buffer.size());
    std::fputs("text", to);
}

TEST(standard_streams, output_that_arrived_changes_nothing) {
    const file_handle to{std::fopen("/dev/null", "we")};
    std::fputs("text", to.get());

    EXPECT_EQ(status_after_output(to.get(), 0), 0);
    EXPECT_EQ(status_after_output(to.get(), 7), 7);
}

TEST(standard_streams, a_full_disk_is_told) {
    const file_handle to{std::fopen("/dev/full", "we")};
    testing::internal::CaptureStderr();
    put_into_buffer(to.get());
    const int status = status_after_output(to.get(), 0);

    EXPECT_EQ(status, 1);
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "ringway: standard output could not be written: No space left on device\n");
}

// Goal: what failed in the middle counts, though nothing is left to be flushed at the end.
TEST(standard_streams, an_earlier_failure_is_remembered) {
    const file_handle to{std::fopen("/dev/full", "we")};
    std::setvbuf(to.get(), nullptr, _IONBF, 0);
    std::fputs(std::string(100'000, 'x').c_str(), to.get());

    testing::internal::CaptureStderr();
    const int status = status_after_output(to.get(), 2);

    EXPECT_EQ(status, 2) << "what went wrong before is the reason";
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "ringway: standard output could not be written, not all of it\n");
}

TEST(standard_streams, a_reader_who_left_is_not_told) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const file_handle to{::fdopen(ends[1], "w")};
    ::close(ends[0]);
    ::signal(SIGPIPE, SIG_IGN);
    testing::internal::CaptureStderr();
    put_into_buffer(to.get());
    const int status = status_after_output(to.get(), 0);

    EXPECT_EQ(status, 1);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(standard_streams, closed_ones_are_taken) {
    const auto all_taken = [] {
        ::close(STDIN_FILENO);
        ::close(STDOUT_FILENO);
        ::close(STDERR_FILENO);
        occupy_standard_streams();
        const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        const bool refused =
            ::write(STDOUT_FILENO, "x", 1) < 0 && ::write(STDERR_FILENO, "x", 1) < 0;
        std::_Exit(next > STDERR_FILENO && refused ? 0 : 1);
    };

    EXPECT_EXIT(all_taken(), testing::ExitedWithCode(0), "");
}

TEST(standard_streams, open_ones_are_left_alone) {
    const auto none_taken = [] {
        const int before = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        ::close(before);
        occupy_standard_streams();
        std::_Exit(::open("/dev/null", O_RDONLY | O_CLOEXEC) == before ? 0 : 1);
    };

    EXPECT_EXIT(none_taken(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace ringway::cli
