#include <ringway/base/unique_fd.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>

namespace ringway {
namespace {

int open_something() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

TEST(unique_fd, closes_at_the_end_of_its_life) {
    int number = -1;
    {
        const unique_fd fd{open_something()};
        number = fd.get();
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
}

TEST(unique_fd, default_holds_nothing) {
    unique_fd fd;
    EXPECT_FALSE(static_cast<bool>(fd));
    EXPECT_EQ(fd.get(), -1);
    fd.reset();
    EXPECT_FALSE(static_cast<bool>(fd));
}

TEST(unique_fd, zero_is_a_descriptor) {
    unique_fd fd{0};
    EXPECT_TRUE(static_cast<bool>(fd));
    EXPECT_EQ(fd.release(), 0);  // Not ours to close.
}

TEST(unique_fd, move_hands_over) {
    unique_fd from{open_something()};
    const int number = from.get();
    const unique_fd to{std::move(from)};
    EXPECT_EQ(to.get(), number);
    EXPECT_FALSE(static_cast<bool>(from));  // NOLINT(bugprone-use-after-move): that is the point.
    EXPECT_TRUE(is_open(number));
}

TEST(unique_fd, move_assignment_closes_what_was_held) {
    unique_fd first{open_something()};
    unique_fd second{open_something()};
    const int closed = first.get();
    const int kept = second.get();
    first = std::move(second);
    EXPECT_FALSE(is_open(closed));
    EXPECT_EQ(first.get(), kept);
    EXPECT_TRUE(is_open(kept));
}

TEST(unique_fd, self_assignment_keeps_the_descriptor) {
    unique_fd fd{open_something()};
    auto& alias = fd;
    fd = std::move(alias);
    EXPECT_TRUE(is_open(fd.get()));
}

TEST(unique_fd, release_gives_up_ownership) {
    int number = -1;
    {
        unique_fd fd{open_something()};
        number = fd.release();
        EXPECT_FALSE(static_cast<bool>(fd));
    }
    EXPECT_TRUE(is_open(number));
    ::close(number);
}

TEST(unique_fd, reset_closes_once) {
    unique_fd fd{open_something()};
    const int number = fd.get();
    fd.reset();
    EXPECT_FALSE(is_open(number));
    EXPECT_FALSE(static_cast<bool>(fd));
    fd.reset();
}

}  // namespace
}  // namespace ringway
