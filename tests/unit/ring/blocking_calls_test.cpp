#include "ring/blocking_calls.hpp"

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/operations.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::fd_pair;

TEST(blocking_calls, read_and_write_with_and_without_a_place) {
    const unique_fd file = test::file_with("0123456789");
    std::string target(4, '\0');
    EXPECT_EQ(perform_blocking(test::read_into(file.get(), target, 3)), 4);
    EXPECT_EQ(target, "3456");
    EXPECT_EQ(perform_blocking(test::write_of(file.get(), "AB", 0)), 2);
    ::lseek(file.get(), 0, SEEK_SET);
    EXPECT_EQ(perform_blocking(test::read_into(file.get(), target)), 4);
    EXPECT_EQ(target, "AB23");
    EXPECT_EQ(perform_blocking(test::write_of(file.get(), "CD")), 2);
    EXPECT_EQ(perform_blocking(test::read_into(file.get(), target, 4)), 4);
    EXPECT_EQ(target, "CD67");
    EXPECT_EQ(perform_blocking(test::read_into(file.get(), target, 10)), 0);
    EXPECT_EQ(perform_blocking(test::read_into(-1, target, 0)), -EBADF);
}

TEST(blocking_calls, sync_data_or_everything) {
    const unique_fd file = test::file_with("text");
    EXPECT_EQ(perform_blocking({.kind = op_kind::fsync, .fd = file.get()}), 0);
    EXPECT_EQ(perform_blocking({.kind = op_kind::fsync, .fd = file.get(), .flags = 1}), 0);
    const fd_pair pipe = test::pipe_pair();
    EXPECT_EQ(perform_blocking({.kind = op_kind::fsync, .fd = pipe.near.get()}), -EINVAL);
}

TEST(blocking_calls, open_and_close) {
    open_how how{.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC};
    operation open{
        .kind = op_kind::openat2, .fd = AT_FDCWD, .address = const_cast<char*>("/"), .extra = &how};
    const int fd = perform_blocking(open);
    ASSERT_GE(fd, 0);
    EXPECT_EQ(perform_blocking({.kind = op_kind::close, .fd = fd}), 0);
    EXPECT_EQ(perform_blocking({.kind = op_kind::close, .fd = fd}), -EBADF);
    how.resolve = RESOLVE_BENEATH;
    EXPECT_EQ(perform_blocking(open), -EXDEV);
}

TEST(blocking_calls, statx_asks_for_what_the_mask_says) {
    const unique_fd file = test::file_with("text");
    struct statx facts{};
    const operation ask{.kind = op_kind::statx,
                        .fd = file.get(),
                        .flags = AT_EMPTY_PATH,
                        .length = STATX_SIZE,
                        .address = const_cast<char*>(""),
                        .extra = &facts};
    EXPECT_EQ(perform_blocking(ask), 0);
    EXPECT_EQ(facts.stx_size, 4U);
}

TEST(blocking_calls, splice_never_waits_for_a_pipe_or_a_socket) {
    const fd_pair pipe = test::pipe_pair();
    const fd_pair pair = test::unix_pair();
    const operation splice = test::splice_of(pipe.near.get(), pair.near.get(), 100);
    EXPECT_EQ(perform_blocking(splice), -EAGAIN);
    const unique_fd file = test::file_with("0123456789");
    EXPECT_EQ(perform_blocking(test::splice_of(file.get(), pipe.far.get(), 4, 3)), 4);
    EXPECT_EQ(perform_blocking(splice), 4);
    EXPECT_EQ(test::get(pair.far.get(), 4), "3456");
    test::put(pipe.far.get(), "more");
    // TCP: before Linux 6.5, splice(2) adds to what a Unix socket sent last, room or not.
    const fd_pair full = test::tcp_pair();
    test::shrink_buffers(full);
    test::fill(full.near.get());
    EXPECT_EQ(perform_blocking(test::splice_of(pipe.near.get(), full.near.get(), 100)), -EAGAIN);
    operation to_file = test::splice_of(pipe.near.get(), file.get(), 100);
    to_file.other_offset = 8;
    EXPECT_EQ(perform_blocking(to_file), 4);
    std::string target(12, '\0');
    EXPECT_EQ(perform_blocking(test::read_into(file.get(), target, 0)), 12);
    EXPECT_EQ(target, "01234567more");
}

TEST(blocking_calls, shutdown_says_how) {
    const fd_pair pair = test::unix_pair();
    EXPECT_EQ(
        perform_blocking({.kind = op_kind::shutdown, .fd = pair.near.get(), .flags = SHUT_WR}), 0);
    EXPECT_EQ(test::get(pair.far.get(), 1), "");
}

TEST(blocking_calls_death, other_kinds_are_a_mistake) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(static_cast<void>(perform_blocking({.kind = op_kind::accept})), "assertion");
}

}  // namespace
}  // namespace ringway
