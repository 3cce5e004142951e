#include "fs/temporary_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway {
namespace {

TEST(temporary_names, are_hidden_different_and_never_too_long) {
    const std::string one = temporary_name("file");
    EXPECT_EQ(one.size(), std::string{".file."}.size() + 17);
    EXPECT_TRUE(one.starts_with(".file."));
    EXPECT_TRUE(one.ends_with("~"));
    EXPECT_NE(one, temporary_name("file"));
    EXPECT_LE(temporary_name(std::string(255, 'n')).size(), 255U);
}

TEST(unnamed_files, are_missing_for_these_reasons_only) {
    for (const int sys : {EOPNOTSUPP, EISDIR, ENOENT, EINVAL}) {
        EXPECT_TRUE(lacks_unnamed_files(sys)) << sys;
    }
    for (const int sys : {EACCES, ENOSPC, EMFILE, EROFS}) {
        EXPECT_FALSE(lacks_unnamed_files(sys)) << sys;
    }
}

TEST(unnamed_files, have_a_path_while_they_are_open) {
    if (!can_name_files()) {
        GTEST_SKIP() << "skipped: no /proc";
    }
    const unique_fd file{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    struct stat by_fd{};
    struct stat by_path{};
    ASSERT_EQ(::fstat(file.get(), &by_fd), 0);
    ASSERT_EQ(::stat(path_of_open_file(file.get()).data(), &by_path), 0);
    EXPECT_EQ(by_fd.st_ino, by_path.st_ino);
    EXPECT_EQ(by_fd.st_dev, by_path.st_dev);
}

}  // namespace
}  // namespace ringway
