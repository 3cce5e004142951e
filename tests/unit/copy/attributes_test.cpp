#include <ringway/copy/attributes.hpp>

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/xattr.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

struct pair_of_files {
    pair_of_files() {
        directory.write("from", "x");
        directory.write("to", "x");
        from = unique_fd{::open(directory.at("from").c_str(), O_RDWR | O_CLOEXEC)};
        to = unique_fd{::open(directory.at("to").c_str(), O_RDWR | O_CLOEXEC)};
    }
    [[nodiscard]] static struct stat facts_of(const unique_fd& file) {
        struct stat facts{};
        EXPECT_EQ(::fstat(file.get(), &facts), 0);
        return facts;
    }
    test::scratch_directory directory;
    unique_fd from;
    unique_fd to;
};

TEST(attributes, mode_and_times_are_taken_over_when_asked) {
    const pair_of_files files;
    const std::array<timespec, 2> times{timespec{1'000'000'000, 1}, timespec{1'100'000'000, 2}};
    ASSERT_EQ(::fchmod(files.from.get(), 02751), 0);
    ASSERT_EQ(::futimens(files.from.get(), times.data()), 0);
    const auto source = pair_of_files::facts_of(files.from);

    ASSERT_TRUE(copy_attributes(files.from.get(), source, files.to.get(), {}).has_value());
    EXPECT_NE(pair_of_files::facts_of(files.to).st_mtim.tv_sec, 1'100'000'000);
    ASSERT_TRUE(
        copy_attributes(files.from.get(), source, files.to.get(), {.mode = true, .times = true})
            .has_value());

    const auto made = pair_of_files::facts_of(files.to);
    EXPECT_EQ(made.st_mode & 07777, mode_t{02751});
    EXPECT_EQ(made.st_mtim.tv_sec, 1'100'000'000);
    EXPECT_EQ(made.st_mtim.tv_nsec, 2);
    EXPECT_EQ(made.st_atim.tv_nsec, 1);
}

TEST(attributes, extended_ones_too) {
    const pair_of_files files;
    if (::fsetxattr(files.from.get(), "user.colour", "blue", 4, 0) != 0) {
        GTEST_SKIP() << "skipped: this file system has no extended attributes";
    }
    ASSERT_EQ(::fsetxattr(files.from.get(), "user.empty", "", 0, 0), 0);

    ASSERT_TRUE(copy_attributes(files.from.get(), pair_of_files::facts_of(files.from),
                                files.to.get(), {.xattrs = true})
                    .has_value());

    std::array<char, 8> value{};
    EXPECT_EQ(::fgetxattr(files.to.get(), "user.colour", value.data(), value.size()), 4);
    EXPECT_EQ((std::string{value.data(), 4}), "blue");
    EXPECT_EQ(::fgetxattr(files.to.get(), "user.empty", value.data(), value.size()), 0);
}

TEST(attributes, the_owner_where_that_is_allowed) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "skipped: only root gives files away";
    }
    const pair_of_files files;
    ASSERT_EQ(::fchown(files.from.get(), 12, 34), 0);
    ASSERT_EQ(::fchmod(files.from.get(), 04711), 0);

    ASSERT_TRUE(copy_attributes(files.from.get(), pair_of_files::facts_of(files.from),
                                files.to.get(), {.mode = true, .owner = true})
                    .has_value());

    const auto made = pair_of_files::facts_of(files.to);
    EXPECT_EQ(made.st_uid, 12U);
    EXPECT_EQ(made.st_gid, 34U);
    EXPECT_EQ(made.st_mode & 07777, mode_t{04711});
}

TEST(attributes, of_a_link_are_its_own) {
    const pair_of_files files;
    files.directory.make_link("link", "from");
    struct stat source = pair_of_files::facts_of(files.from);
    source.st_mtim = {900'000'000, 5};
    const unique_fd folder{::open(files.directory.path().c_str(), O_PATH | O_CLOEXEC)};

    struct stat link{};
    source.st_mode = S_IFLNK | 0777;
    ASSERT_TRUE(copy_attributes_at(source, folder.get(), "link", {.mode = true, .times = true})
                    .has_value());

    ASSERT_EQ(::fstatat(folder.get(), "link", &link, AT_SYMLINK_NOFOLLOW), 0);
    EXPECT_EQ(link.st_mtim.tv_sec, 900'000'000);
    EXPECT_NE(pair_of_files::facts_of(files.from).st_mtim.tv_sec, 900'000'000);
}

}  // namespace
}  // namespace ringway
