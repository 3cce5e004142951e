#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/fs/file_status.hpp>

#include "fs/status_at.hpp"
#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

TEST(file_status, says_what_the_kernel_says) {
    const test::scratch_directory scratch;
    scratch.write("file", "hello");
    const unique_fd fd{::open(scratch.at("file").c_str(), O_RDONLY | O_CLOEXEC)};
    const timespec times[2] = {{1, 0}, {1'700'000'000, 123'456'789}};
    ASSERT_EQ(::futimens(fd.get(), times), 0);
    const auto status = status_of(fd.get());
    ASSERT_TRUE(status.has_value());
    EXPECT_EQ(status->size, 5U);
    EXPECT_EQ(status->mtime_ns, 1'700'000'000'123'456'789);
    EXPECT_TRUE(status->is_regular);
    EXPECT_FALSE(status->is_directory);

    const timespec before_1970[2] = {{1, 0}, {-2, 500'000'000}};
    ASSERT_EQ(::futimens(fd.get(), before_1970), 0);
    EXPECT_EQ(status_of(fd.get())->mtime_ns, -1'500'000'000);
    EXPECT_EQ(status_of(-1).error().sys, EBADF);
}

TEST(file_status, of_a_name_is_that_of_the_link_itself) {
    const test::scratch_directory scratch;
    scratch.write("file", "hello");
    scratch.make_link("link", "file");
    const unique_fd directory{::open(scratch.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    EXPECT_TRUE(status_at(directory.get(), "file")->is_regular);
    const auto link = status_at(directory.get(), "link");
    ASSERT_TRUE(link.has_value());
    EXPECT_FALSE(link->is_regular);
    EXPECT_TRUE(S_ISLNK(link->mode));
    EXPECT_EQ(status_at(directory.get(), "nothing").error().code, errc::not_found);
}

}  // namespace
}  // namespace ringway
