#include "observe/log_file.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace ringway::observe::detail {
namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

class log_file_test : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "log_file_XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path(const char* name = "access.log") const { return folder_ / name; }
    static void write(log_file& file, std::string_view one, std::string_view two = "") {
        const std::array parts{one, two};
        file.write(parts);
    }

    std::filesystem::path folder_;
    std::atomic<bool> ending_{false};
};

TEST_F(log_file_test, appends) {
    std::ofstream{path()} << "before\n";
    log_file file{path(), ending_};
    ASSERT_TRUE(file.open());
    write(file, "one\n", "two\n");
    write(file, "", "");
    write(file, "three\n");
    EXPECT_EQ(content_of(path()), "before\none\ntwo\nthree\n");
    EXPECT_EQ(file.lost(), 0U);
}

TEST_F(log_file_test, new_files_are_not_for_everybody) {
    log_file file{path(), ending_};
    ASSERT_TRUE(file.open());
    struct stat facts{};
    ASSERT_EQ(::stat(path().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07U, 0U);
}

TEST_F(log_file_test, says_why_it_cannot_open) {
    log_file nowhere{path("no/such/folder"), ending_};
    EXPECT_EQ(nowhere.open().error().code, errc::not_found);
    log_file folder{folder_.string(), ending_};
    EXPECT_EQ(folder.open().error().sys, EISDIR);
}

TEST_F(log_file_test, opening_again_lets_the_old_file_go) {
    log_file file{path(), ending_};
    ASSERT_TRUE(file.open());
    write(file, "old\n");
    std::filesystem::rename(path(), path("access.log.1"));
    write(file, "still old\n");
    ASSERT_TRUE(file.open());
    write(file, "new\n");
    EXPECT_EQ(content_of(path("access.log.1")), "old\nstill old\n");
    EXPECT_EQ(content_of(path()), "new\n");
}

TEST_F(log_file_test, keeps_the_old_file_when_opening_fails) {
    std::filesystem::create_directory(path("sub"));
    log_file file{path("sub/access.log"), ending_};
    ASSERT_TRUE(file.open());
    std::filesystem::rename(path("sub"), path("moved"));
    EXPECT_FALSE(file.open());
    write(file, "kept\n");
    EXPECT_EQ(content_of(path("moved/access.log")), "kept\n");
}

TEST_F(log_file_test, a_full_disk_costs_lines_and_nothing_else) {
    log_file file{"/dev/full", ending_};
    ASSERT_TRUE(file.open());
    testing::internal::CaptureStderr();
    write(file, "one\ntwo\nthr", "ee\n");
    write(file, "four\n");
    const auto said = testing::internal::GetCapturedStderr();
    EXPECT_EQ(file.lost(), 4U);
    EXPECT_NE(said.find("/dev/full"), std::string::npos) << said;
    EXPECT_NE(said.find("No space left"), std::string::npos) << said;
    EXPECT_EQ(std::ranges::count(said, '\n'), 1) << "more than one line a minute: " << said;
}

// Goal: when a file hits its limit in the middle of a line, the next line that fits does not
// continue the broken one.
TEST_F(log_file_test, a_broken_line_is_ended) {
    const auto child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        log_file file{path(), ending_};
        bool good = file.open().has_value();
        rlimit limit{.rlim_cur = 6, .rlim_max = RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        write(file, "one\ntwo\nthree\n");
        good = good && file.lost() == 2;
        limit.rlim_cur = RLIM_INFINITY;
        ::setrlimit(RLIMIT_FSIZE, &limit);
        write(file, "four\n");
        ::_exit(good ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (status != 0) {
        GTEST_SKIP() << "the file size limit cannot be set here";
    }
    EXPECT_EQ(content_of(path()), "one\ntw\nfour\n");
}

TEST_F(log_file_test, waits_for_the_reader_of_a_pipe) {
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    const unique_fd reader{::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK)};
    log_file file{path("pipe"), ending_};
    ASSERT_TRUE(file.open());
    const std::string lines(300'000, '\n');  // A pipe holds 64 KiB.
    std::thread writer{[&] { write(file, lines); }};
    std::size_t received = 0;
    std::array<char, 4096> buffer{};
    while (received < lines.size()) {
        const auto n = ::read(reader.get(), buffer.data(), buffer.size());
        received += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    writer.join();
    EXPECT_EQ(file.lost(), 0U);
}

TEST_F(log_file_test, at_the_end_nobody_waits_for_long) {
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    const unique_fd reader{::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK)};
    log_file file{path("pipe"), ending_};
    ASSERT_TRUE(file.open());
    ending_ = true;
    testing::internal::CaptureStderr();
    write(file, std::string(300'000, '\n'));
    testing::internal::GetCapturedStderr();
    EXPECT_GT(file.lost(), 100'000U);
    EXPECT_LT(file.lost(), 300'000U);
}

TEST_F(log_file_test, a_pipe_without_reader_is_an_error) {
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    unique_fd reader{::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK)};
    log_file file{path("pipe"), ending_};
    ASSERT_TRUE(file.open());
    reader.reset();
    ::signal(SIGPIPE, SIG_IGN);  // The log's thread has it blocked.
    testing::internal::CaptureStderr();
    write(file, "gone\n");
    testing::internal::GetCapturedStderr();
    ::signal(SIGPIPE, SIG_DFL);
    EXPECT_EQ(file.lost(), 1U);
}

}  // namespace
}  // namespace ringway::observe::detail
