#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iterator>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

#include <ringway/fs/root.hpp>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using test::run_on_shard;
using test::scratch_directory;

constexpr symlink_policy every_policy[] = {symlink_policy::deny, symlink_policy::inside,
                                           symlink_policy::follow};

std::string content_of(const opened_file& file) {
    std::string text(file.status.size, '\0');
    EXPECT_EQ(::pread(file.fd.get(), text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
    return text;
}

// A root in a directory beside a secret that must never be reached.
class root_test : public testing::Test {
protected:
    root_test() {
        scratch_.make_directory("www/sub/deep");
        scratch_.make_directory("www-secret");
        scratch_.write("secret", "SECRET");
        scratch_.write("www-secret/file", "SECRET");
        scratch_.write("www/index", "hello");
        scratch_.write("www/sub/deep/file", "deep");
        root_.emplace(*root::open(scratch_.at("www")));
    }

    // What both ways of opening say; they must agree, except that the first may decline.
    result<opened_file> open(const std::string& path, symlink_policy policy) {
        auto now = root_->try_open_now(path, policy);
        auto later = run_on_shard(root_->open_beneath(path, policy));
        EXPECT_EQ(now || now.error().code == errc::would_block || !later, true) << path;
        if (!now && now.error().code != errc::would_block) {
            EXPECT_FALSE(later.has_value()) << path;
            EXPECT_EQ(now.error().code, later ? errc::none : later.error().code) << path;
        }
        return later;
    }

    std::string read(const std::string& path, symlink_policy policy) {
        auto opened = open(path, policy);
        return opened ? content_of(*opened) : std::string{name_of(opened.error().code)};
    }

    scratch_directory scratch_;
    std::optional<root> root_;
};

TEST_F(root_test, opens_files_and_directories_with_their_status) {
    auto file = open("index", symlink_policy::deny);
    ASSERT_TRUE(file.has_value()) << describe(file.error());
    EXPECT_EQ(content_of(*file), "hello");
    EXPECT_TRUE(file->status.is_regular);
    EXPECT_EQ(file->status.size, 5U);
    struct stat facts{};
    ASSERT_EQ(::stat(scratch_.at("www/index").c_str(), &facts), 0);
    EXPECT_EQ(file->status.inode, facts.st_ino);
    EXPECT_EQ(file->status.device, facts.st_dev);
    EXPECT_EQ(file->status.mode, facts.st_mode);
    EXPECT_EQ(file->status.mtime_ns, facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec);
    EXPECT_TRUE(open("sub", symlink_policy::deny)->status.is_directory);
    EXPECT_TRUE(open("sub/", symlink_policy::deny)->status.is_directory);
    EXPECT_TRUE(open("", symlink_policy::deny)->status.is_directory);
    EXPECT_EQ(read("sub/deep/file", symlink_policy::deny), "deep");
}

// Goal: what was opened is what a warm cache knows, without a trip through the driver.
TEST_F(root_test, a_warm_file_opens_at_once) {
    ASSERT_TRUE(open("sub/deep/file", symlink_policy::inside).has_value());
    const auto warm = root_->try_open_now("sub/deep/file", symlink_policy::inside);
    if (!warm && warm.error().code == errc::would_block) {
        GTEST_SKIP() << "RESOLVE_CACHED is unknown to this kernel or file system";
    }
    ASSERT_TRUE(warm.has_value()) << describe(warm.error());
    EXPECT_EQ(content_of(*warm), "deep");
}

TEST_F(root_test, missing_and_malformed_paths_are_told_apart) {
    for (const auto policy : every_policy) {
        EXPECT_EQ(read("nothing", policy), "not_found");
        EXPECT_EQ(read("index/below", policy), "not_found");
        EXPECT_EQ(read("sub/nothing/file", policy), "not_found");
        EXPECT_EQ(read(std::string{"index\0", 6}, policy), "invalid_argument");
        EXPECT_EQ(read(std::string(300, 'x'), policy), "system");
        EXPECT_EQ(read(std::string(5000, 'x'), policy), "system");
    }
}

// Goal: no spelling leads out of the root, under any policy.
TEST_F(root_test, dots_and_slashes_never_lead_out) {
    for (const auto policy : every_policy) {
        for (const std::string_view path :
             {"..", "../secret", "sub/../../secret", "sub/..", "sub/../index", "/etc/passwd", "/",
              "//etc/passwd", "./../secret", "sub/deep/../../../secret"}) {
            EXPECT_EQ(read(std::string{path}, policy), "not_permitted") << path;
        }
        EXPECT_EQ(read(scratch_.at("www/index"), policy), "not_permitted");
        EXPECT_EQ(read("...", policy), "not_found");
        EXPECT_EQ(read("..index", policy), "not_found");
    }
}

TEST_F(root_test, links_inside_follow_the_policy) {
    scratch_.make_link("www/relative", "sub/deep/file");
    scratch_.make_link("www/absolute", scratch_.at("www/index"));
    scratch_.make_link("www/sub/up", "../index");
    scratch_.make_link("www/sub/out-and-in", "../../www/index");
    scratch_.make_link("www/directory", scratch_.at("www/sub"));
    scratch_.make_link("www/itself", scratch_.at("www"));
    scratch_.make_link("www/chain", scratch_.at("www/absolute"));
    for (const auto policy : {symlink_policy::inside, symlink_policy::follow}) {
        EXPECT_EQ(read("relative", policy), "deep");
        EXPECT_EQ(read("absolute", policy), "hello");
        EXPECT_EQ(read("sub/up", policy), "hello");
        EXPECT_EQ(read("sub/out-and-in", policy), "hello");
        EXPECT_EQ(read("directory/deep/file", policy), "deep");
        EXPECT_EQ(read("itself/index", policy), "hello");
        EXPECT_EQ(read("chain", policy), "hello");
        EXPECT_TRUE(open("itself", policy)->status.is_directory);
    }
    for (const std::string_view path : {"relative", "absolute", "sub/up", "sub/out-and-in",
                                        "directory/deep/file", "itself/index", "chain"}) {
        EXPECT_EQ(read(std::string{path}, symlink_policy::deny), "not_permitted") << path;
    }
}

// Goal: only "follow" reaches what is outside, and a sibling with the root's name as a prefix is
// outside too.
TEST_F(root_test, links_outside_are_refused_unless_followed) {
    scratch_.make_link("www/relative", "../secret");
    scratch_.make_link("www/absolute", scratch_.at("secret"));
    scratch_.make_link("www/sibling", scratch_.at("www-secret/file"));
    scratch_.make_link("www/parent", "..");
    scratch_.make_link("www/system", "/etc");
    for (const std::string_view path : {"relative", "absolute", "sibling", "parent/secret",
                                        "parent", "system", "system/passwd"}) {
        EXPECT_EQ(read(std::string{path}, symlink_policy::deny), "not_permitted") << path;
        EXPECT_EQ(read(std::string{path}, symlink_policy::inside), "not_permitted") << path;
        EXPECT_TRUE(open(std::string{path}, symlink_policy::follow).has_value()) << path;
    }
    EXPECT_EQ(read("parent/secret", symlink_policy::follow), "SECRET");
}

TEST_F(root_test, loops_and_dangling_links_end) {
    scratch_.make_link("www/loop", "loop");
    scratch_.make_link("www/dangling", "nothing");
    scratch_.make_link("www/dangling-absolute", scratch_.at("www/nothing"));
    for (const auto policy : {symlink_policy::inside, symlink_policy::follow}) {
        EXPECT_EQ(read("loop", policy), "not_permitted");
        EXPECT_EQ(read("dangling", policy), "not_found");
        EXPECT_EQ(read("dangling-absolute", policy), "not_found");
    }
}

// Goal: /proc's links jump over every boundary and are refused under every policy.
TEST_F(root_test, magic_links_are_refused) {
    auto proc = root::open("/proc/self");
    ASSERT_TRUE(proc.has_value());
    root_.emplace(*std::move(proc));
    for (const auto policy : every_policy) {
        EXPECT_EQ(read("root/etc/passwd", policy), "not_permitted");
        EXPECT_EQ(read("cwd", policy), "not_permitted");
        EXPECT_EQ(read("exe", policy), "not_permitted");
        EXPECT_EQ(read("fd/0", policy), "not_permitted");
    }
}

// Goal: nobody can make a shard wait by putting a FIFO under the root.
TEST_F(root_test, fifo_neither_hangs_nor_passes_as_a_file) {
    ASSERT_EQ(::mkfifo(scratch_.at("www/fifo").c_str(), 0600), 0);
    for (const auto policy : every_policy) {
        const auto opened = open("fifo", policy);
        ASSERT_TRUE(opened.has_value()) << describe(opened.error());
        EXPECT_FALSE(opened->status.is_regular);
        const auto regular = run_on_shard(root_->open_regular("fifo", policy));
        ASSERT_FALSE(regular.has_value());
        EXPECT_EQ(regular.error().code, errc::not_regular);
    }
    EXPECT_EQ(run_on_shard(root_->open_regular("sub", symlink_policy::deny)).error().code,
              errc::not_regular);
    EXPECT_TRUE(run_on_shard(root_->open_regular("index", symlink_policy::deny)).has_value());
}

TEST_F(root_test, running_out_of_descriptors_is_an_error_and_not_a_hang) {
    const root& where = *root_;
    auto opened = where.try_open_now("nothing", symlink_policy::inside);
    {
        const test::no_more_descriptors exhausted;
        opened = where.try_open_now("index", symlink_policy::inside);
    }
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().sys, EMFILE);
}

TEST_F(root_test, knows_where_it_is) {
    EXPECT_EQ(*root_->real_path(), scratch_.at("www"));
    EXPECT_EQ(root::open(scratch_.at("nothing")).error().code, errc::not_found);
    EXPECT_EQ(root::open(scratch_.at("secret")).error().code, errc::not_found);
}

// From here on openat2(2) is as unknown to this process as to Linux 5.5.
bool hide_openat2() {
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{std::size(rules), rules};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// Goal: without openat2 files are served as safely, links not at all, and the log says so.
TEST_F(root_test, works_without_openat2) {
    scratch_.make_link("www/link", "index");
    const auto in_child = [&] {
        if (!hide_openat2()) {
            std::_Exit(77);
        }
        const auto limited = root::open(scratch_.at("www"));
        const auto opened = [&](const char* path) {
            return run_on_shard(limited->open_regular(path, symlink_policy::follow)).has_value();
        };
        const bool right = !limited->has_openat2() && opened("index") && opened("sub/deep/file") &&
                           !opened("link") && !opened("../secret") && !opened("nothing") &&
                           !opened("sub");
        std::_Exit(right ? 0 : 1);
    };
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "symbolic links .* are refused");
}

}  // namespace
}  // namespace ringway
