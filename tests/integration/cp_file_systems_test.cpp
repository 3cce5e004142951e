// Goal: on every file system that can be made here a copy is byte for byte its source, with its
// holes and whatever else it has, by every method; and a full one is left without half files.
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <vector>

#include <ringway/copy/settings.hpp>

#include "support/cp_command.hpp"
#include "support/made_file.hpp"
#include "support/mounted.hpp"

namespace ringway::test {
namespace {

using std::string;

constexpr std::uint64_t kibi = 1024;
constexpr std::uint64_t mebi = 1024 * kibi;
constexpr std::uint64_t gibi = 1024 * mebi;

class cp_on : public each_file_system {
protected:
    [[nodiscard]] std::vector<string> names_in(const string& folder) const {
        std::vector<string> names;
        for (const auto& each : std::filesystem::directory_iterator{at(folder)}) {
            names.push_back(each.path().filename());
        }
        return names;
    }
    void make_directory(const string& name) const { std::filesystem::create_directories(at(name)); }
    [[nodiscard]] struct stat facts(const string& name) const {
        struct stat found{};
        EXPECT_EQ(::lstat(at(name).c_str(), &found), 0) << name;
        return found;
    }
};
INSTANTIATE_TEST_SUITE_P(each, cp_on, file_systems(), name_of_file_system);

// Data at `begins`, `length` bytes each; the rest of `size` is a hole.
void make_islands(const string& path, std::uint64_t size, std::uint64_t length,
                  const std::vector<std::uint64_t>& begins) {
    const unique_fd file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(size)), 0);
    for (const std::uint64_t begin : begins) {
        const string bytes = pattern(std::min(length, size - begin), begin);
        ASSERT_EQ(::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(begin)),
                  static_cast<ssize_t>(bytes.size()));
    }
}

std::vector<std::uint64_t> every(std::uint64_t step, std::uint64_t until) {
    std::vector<std::uint64_t> all;
    for (std::uint64_t at = 0; at < until; at += step) {
        all.push_back(at);
    }
    return all;
}

TEST_P(cp_on, every_method_copies_every_size_and_every_pattern_of_holes) {
    make_directory("from");
    for (const std::uint64_t size :
         {std::uint64_t{0}, std::uint64_t{1}, 4 * kibi - 1, 4 * kibi, 4 * kibi + 1, 128 * kibi,
          128 * kibi + 1, 4 * mebi - 1, 4 * mebi, 4 * mebi + 1, 17 * mebi + 5}) {
        write("from/dense-" + std::to_string(size), pattern(size));
    }
    make_islands(at("from/hole-first"), 9 * mebi + 1, mebi, {8 * mebi});
    make_islands(at("from/hole-last"), 9 * mebi + 1, mebi, {0});
    make_islands(at("from/only-a-hole"), 33 * mebi, 0, {});
    make_islands(at("from/comb"), 6 * mebi, 64 * kibi, every(128 * kibi, 6 * mebi));
    make_islands(at("from/odd-comb"), 6 * mebi + 77, 5000, every(70'001, 6 * mebi));
    make_islands(at("from/5g"), 5 * gibi + 3, 300'000,
                 {0, 1 * gibi - 7, 4 * gibi - 100'000, 4 * gibi + mebi, 5 * gibi - 200'000});
    for (const copy_method method : copy_methods()) {
        if (method == copy_method::reflink) {
            continue;  // Below.
        }
        const string name{name_of(method)};
        const auto ended = run_cp({"-r", "--method=" + name, at("from"), at(name)});
        if (method == copy_method::ring_direct && ended.exit_status == 1) {
            std::filesystem::remove_all(at(name));
            continue;  // No O_DIRECT here, which it says; a copy would have been compared.
        }
        ASSERT_EQ(ended.exit_status, 0) << name << ended.standard_error;
        for (const string& file : names_in("from")) {
            EXPECT_TRUE(same_content(at("from/" + file), at(name + "/" + file)))
                << name << ' ' << file;
            EXPECT_LE(stored_bytes(at(name + "/" + file)),
                      stored_bytes(at("from/" + file)) + 2 * mebi)
                << name << ' ' << file;
        }
        std::filesystem::remove_all(at(name));
    }
    const auto shared = run_cp({"-r", "--reflink=always", at("from"), at("shared")});
    const bool must_share = string{GetParam()} == "xfs" || string{GetParam()} == "btrfs";
    EXPECT_TRUE(shared.exit_status == 0 || !must_share) << shared.standard_error;
    for (const string& file : shared.exit_status == 0 ? names_in("from") : std::vector<string>{}) {
        EXPECT_TRUE(same_content(at("from/" + file), at("shared/" + file))) << file;
    }
}

// The extended attribute of an access list: version 2, then tag, permissions and id of each entry
// (acl(5), linux/posix_acl_xattr.h). One user more than the usual three.
string access_list() {
    string text{"\2\0\0\0", 4};
    const auto entry = [&text](unsigned tag, unsigned permissions, std::uint32_t id) {
        for (const unsigned value : {tag, permissions}) {
            text += static_cast<char>(value);
            text += '\0';
        }
        for (int i = 0; i < 4; ++i) {
            text += static_cast<char>(id >> (8 * i));
        }
    };
    constexpr std::uint32_t none = 0xffffffff;
    entry(0x01, 6, none);
    entry(0x02, 4, 4711);
    entry(0x04, 4, none);
    entry(0x10, 4, none);
    entry(0x20, 0, none);
    return text;
}

string xattr_of(const string& path, const char* name) {
    string value(4096, '\0');
    const ssize_t size = ::getxattr(path.c_str(), name, value.data(), value.size());
    value.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return value;
}

TEST_P(cp_on, an_archive_keeps_all_that_a_file_has) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "skipped: making devices needs root";
    }
    const string odd = "\xff\xfe-\n name";
    make_directory("from/below");
    write("from/" + odd, "odd");
    write("from/one", pattern(10'000));
    ASSERT_EQ(::link(at("from/one").c_str(), at("from/below/other").c_str()), 0);
    ASSERT_EQ(::symlink("nowhere/\xff", at("from/link").c_str()), 0);
    ASSERT_EQ(::mkfifo(at("from/fifo").c_str(), 0620), 0);
    ASSERT_EQ(::mknod(at("from/socket").c_str(), S_IFSOCK | 0700, 0), 0);
    const bool devices = ::mknod(at("from/null").c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0;
    ASSERT_EQ(::chmod(at("from/one").c_str(), 04751), 0);
    const bool xattrs = ::setxattr(at("from/one").c_str(), "user.colour", "blue\0x", 6, 0) == 0;
    const string list = access_list();
    const string listed = "from/" + odd;
    const bool lists =
        ::setxattr(at(listed).c_str(), "system.posix_acl_access", list.data(), list.size(), 0) == 0;
    const timespec times[2] = {{1'000'000'001, 123'456'789}, {1'234'567'890, 987'654'321}};
    for (const string name : {"from/one", "from/fifo", "from/link", "from/below"}) {
        ASSERT_EQ(::utimensat(AT_FDCWD, at(name).c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
    }

    const auto ended = run_cp({"-a", at("from"), at("to")});

    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(content("to/" + odd), "odd");
    EXPECT_TRUE(same_content(at("from/one"), at("to/one")));
    EXPECT_EQ(facts("to/one").st_ino, facts("to/below/other").st_ino);
    EXPECT_EQ(std::filesystem::read_symlink(at("to/link")), "nowhere/\xff");
    for (const string name : {"one", "fifo", "socket", "link", "below", "null"}) {
        if (name == "null" && !devices) {
            continue;
        }
        const struct stat source = facts("from/" + name);
        const struct stat copy = facts("to/" + name);
        EXPECT_EQ(copy.st_mode, source.st_mode) << name;
        EXPECT_EQ(copy.st_rdev, source.st_rdev) << name;
        EXPECT_EQ(copy.st_mtim.tv_sec, source.st_mtim.tv_sec) << name;
        EXPECT_EQ(copy.st_mtim.tv_nsec, source.st_mtim.tv_nsec) << name;
    }
    EXPECT_EQ(facts("to/one").st_mtim.tv_nsec, 987'654'321);
    EXPECT_EQ(facts("to/one").st_mode & 07777U, 04751U);
    EXPECT_TRUE(!xattrs || xattr_of(at("to/one"), "user.colour") == string("blue\0x", 6));
    EXPECT_TRUE(!lists || xattr_of(at("to/" + odd), "system.posix_acl_access") == list);
}

void make_large(const string& path, std::uint64_t size) {
    const unique_fd file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    const string piece = pattern(mebi);
    for (std::uint64_t done = 0; done < size; done += mebi) {
        ASSERT_EQ(::write(file.get(), piece.data(), mebi), static_cast<ssize_t>(mebi));
    }
}

class cp_to_full : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(each, cp_to_full, ::testing::Values("tmpfs", "ext4", "xfs", "btrfs"),
                         name_of_file_system);

TEST_P(cp_to_full, leaves_no_half_file_and_says_so) {
    string why_not;
    const auto disk = mounted::make(GetParam(), 320, why_not);
    if (disk == nullptr) {
        GTEST_SKIP() << "skipped: " << why_not;
    }
    const scratch_directory source;
    make_large(source.at("large"), 400 * mebi);
    source.make_directory("tree");
    ASSERT_EQ(::link(source.at("large").c_str(), source.at("tree/large").c_str()), 0);
    source.write("tree/small", "fits");
    for (const string method : {"auto", "ring", "splice", "sendfile"}) {
        const auto ended = run_cp({"--method=" + method, source.at("large"), disk->path()});
        EXPECT_EQ(ended.exit_status, 1) << method;
        EXPECT_NE(ended.standard_error.find("/large: the disk is full: make room"), string::npos)
            << method << ended.standard_error;
        EXPECT_FALSE(std::filesystem::exists(disk->path() + "/large")) << method;
    }
    // The others of a tree are there, and so is room for them.
    const auto tree = run_cp({"-r", source.at("tree"), disk->path()});
    EXPECT_EQ(tree.exit_status, 1);
    EXPECT_TRUE(same_content(source.at("tree/small"), disk->path() + "/tree/small"));
    EXPECT_FALSE(std::filesystem::exists(disk->path() + "/tree/large"));
    std::size_t left = 0;
    for (const auto& each : std::filesystem::recursive_directory_iterator{disk->path()}) {
        left += each.path().filename() == "lost+found" ? 0 : 1;
    }
    EXPECT_EQ(left, 2U);  // The tree and what fits.
}

}  // namespace
}  // namespace ringway::test
