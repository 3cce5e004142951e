#include "cli/line_log.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>

#include "support/temporary_site.hpp"

namespace ringway::cli {
namespace {

std::string content_of(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

// Files have no room beyond so many bytes while this lives, as on a disk that is full.
class small_files {
public:
    explicit small_files(rlim_t bytes) : before_{std::signal(SIGXFSZ, SIG_IGN)} {
        ::getrlimit(RLIMIT_FSIZE, &limit_);
        const rlimit lower{.rlim_cur = bytes, .rlim_max = limit_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &lower);
    }
    ~small_files() {
        ::setrlimit(RLIMIT_FSIZE, &limit_);
        static_cast<void>(std::signal(SIGXFSZ, before_));
    }
    small_files(const small_files&) = delete;
    small_files& operator=(const small_files&) = delete;

private:
    rlimit limit_{};
    void (*before_)(int);
};

TEST(line_log, appends) {
    const test::temporary_site site;
    const std::string path = site.path() + "/log";
    for (const char* const line : {"one\n", "two\n"}) {
        auto log = line_log::open(path);
        ASSERT_TRUE(log.has_value());
        log->add(line);
        EXPECT_TRUE(log->flush());
        EXPECT_TRUE(log->flush());
    }
    EXPECT_EQ(content_of(path), "one\ntwo\n");
}

// Goal: nothing is left of a line for which there was no room, and the next one is whole.
TEST(line_log, leaves_no_torn_lines) {
    const test::temporary_site site;
    const std::string path = site.path() + "/log";
    const std::string line = std::string(99, 'x') + '\n';
    std::string expected;
    auto log = line_log::open(path);
    ASSERT_TRUE(log.has_value());
    {
        const small_files limited{1050};
        for (int i = 0; i < 4; ++i) {
            for (int k = 0; k < 3; ++k) {
                log->add(line);
                expected += log->lost() == 0 && expected.size() < 1000 ? line : "";
            }
            const bool fits = i < 3;
            EXPECT_EQ(log->flush(), fits);
        }
        EXPECT_EQ(errno, EFBIG);
    }
    EXPECT_EQ(log->lost(), 2U);
    EXPECT_EQ(content_of(path), expected);
    log->add("end\n");
    EXPECT_TRUE(log->flush());
    EXPECT_EQ(content_of(path), expected + "end\n");
}

// Goal: where nothing can be taken back, the line behind the torn one begins on its own.
TEST(line_log, ends_what_a_pipe_got_half_of) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0);
    const unique_fd reader{ends[0]};
    const unique_fd standard{::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)};
    ASSERT_GE(::dup2(ends[1], STDOUT_FILENO), 0);
    ::close(ends[1]);
    auto log = line_log::open("-");
    ASSERT_GE(::dup2(standard.get(), STDOUT_FILENO), 0);
    ASSERT_TRUE(log.has_value());
    std::string room(1U << 20U, '\0');

    log->add(std::string(room.size(), 'x') + '\n');
    EXPECT_FALSE(log->flush());
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(log->lost(), 1U);
    const ssize_t torn = ::read(reader.get(), room.data(), room.size());
    EXPECT_GT(torn, 0);
    log->add("whole\n");
    EXPECT_TRUE(log->flush());
    log->add("again\n");
    EXPECT_TRUE(log->flush());

    const ssize_t rest = ::read(reader.get(), room.data(), room.size());
    ASSERT_GT(rest, 0);
    EXPECT_EQ(room.substr(0, static_cast<std::size_t>(rest)), "\nwhole\nagain\n");
    EXPECT_EQ(log->lost(), 1U);
}

TEST(line_log, says_why_it_can_not_open) {
    const auto log = line_log::open("/nonexistent/log");
    ASSERT_FALSE(log.has_value());
    EXPECT_EQ(log.error().sys, ENOENT);
}

}  // namespace
}  // namespace ringway::cli
