// Goal: what `ringway cp` leaves behind is a copy, whole, or nothing, and a line says why.
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/sanitizers.hpp"
#include "support/child_process.hpp"
#include "support/made_file.hpp"
#include "support/patience.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

constexpr uid_t nobody = 65534;

class cp_command : public ::testing::Test {
protected:
    [[nodiscard]] launch how(std::vector<string> arguments, uid_t user = 0) const {
        arguments.insert(arguments.begin(), "cp");
        return {.program = RINGWAY_BINARY, .arguments = std::move(arguments), .user = user};
    }
    [[nodiscard]] ended_process cp(std::vector<string> arguments, uid_t user = 0) const {
        return run_program(how(std::move(arguments), user));
    }
    [[nodiscard]] string at(const string& name) const { return site_.at(name); }
    [[nodiscard]] std::size_t names_in(const string& folder) const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator{at(folder)}, {}));
    }
    // As "unshare -m": mounts of the script go away with it. Skips where that is not allowed.
    [[nodiscard]] static ended_process in_mounts(const string& script) {
        return run_program({.program = "unshare",
                            .arguments = {"-m", "--propagation", "private", "sh", "-ec", script}});
    }
    [[nodiscard]] static bool can_mount() {
        return ::geteuid() == 0 &&
               in_mounts("mount -t tmpfs -o size=1m none /mnt").exit_status == 0;
    }

    temporary_site site_;
};

TEST_F(cp_command, copies_trees) {
    site_.add_pattern("tree/large", 9'000'000);
    for (int i = 0; i < 200; ++i) {
        site_.add_pattern("tree/small/" + std::to_string(i), static_cast<std::size_t>(i * 31));
    }
    const auto ended = cp({"-a", at("tree"), at("copy")});

    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(ended.standard_output + ended.standard_error, "");
    EXPECT_EQ(run_program({"diff", {"-r", at("tree"), at("copy")}}).exit_status, 0);
}

// Goal: -t is for directories. A file of that name is not replaced, and none is made.
TEST_F(cp_command, target_directory_has_to_be_one) {
    site_.add("f", "from");
    site_.add("file", "keep me");
    site_.add("folder/x", "");

    const auto on_file = cp({"-t", at("file"), at("f")});
    EXPECT_EQ(on_file.exit_status, 1);
    EXPECT_NE(on_file.standard_error.find("is no directory"), string::npos)
        << on_file.standard_error;
    site_.add("kept", "keep me");
    EXPECT_TRUE(same_content(at("file"), at("kept")));

    EXPECT_EQ(cp({"-t", at("missing"), at("f")}).exit_status, 1);
    EXPECT_FALSE(std::filesystem::exists(at("missing")));

    EXPECT_EQ(cp({"-t", at("folder"), at("f")}).exit_status, 0);
    EXPECT_TRUE(same_content(at("f"), at("folder/f")));
}

TEST_F(cp_command, tells_each_file_as_json) {
    site_.add("a", "abc");
    const auto ended = cp({"--json", "--verify", at("a"), at("nothing"), at("")});
    EXPECT_EQ(ended.exit_status, 1);
    const auto split = ended.standard_output.find('\n');
    ASSERT_NE(split, string::npos);
    site_.add("into/x", "");
    const auto more = cp({"--json", "--verify", at("a"), at("nothing"), at("into")});
    EXPECT_EQ(more.exit_status, 1);
    std::vector<nlohmann::json> lines;
    for (std::size_t begin = 0; begin < more.standard_output.size();) {
        const auto end = more.standard_output.find('\n', begin);
        lines.push_back(nlohmann::json::parse(more.standard_output.substr(begin, end - begin)));
        begin = end + 1;
    }
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[2]["files"], 1);
    EXPECT_EQ(lines[2]["failures"], 1);
    EXPECT_EQ(lines[2]["exit"], 1);
    EXPECT_NE(more.standard_output.find("ba7816bf8f01cfea"), string::npos);
    EXPECT_NE(more.standard_error.find("nothing: there is no such file"), string::npos);
}

// Goal: without the right to read or write: one line each, the others are copied.
TEST_F(cp_command, permissions_that_are_missing_are_told) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "skipped: needs root to become somebody else";
    }
    site_.add("tree/open", "x");
    site_.add("tree/secret", "y");
    site_.add("tree/closed/inside", "z");
    ASSERT_EQ(::chmod(at("").c_str(), 0777), 0);
    ASSERT_EQ(::chmod(at("tree").c_str(), 0755), 0);
    ASSERT_EQ(::chmod(at("tree/secret").c_str(), 0600), 0);
    ASSERT_EQ(::chmod(at("tree/closed").c_str(), 0700), 0);

    const auto ended = cp({"-r", at("tree"), at("copy")}, nobody);

    EXPECT_EQ(ended.exit_status, 1);
    EXPECT_NE(ended.standard_error.find("tree/secret: no permission to read it"), string::npos)
        << ended.standard_error;
    EXPECT_NE(ended.standard_error.find("tree/closed: no permission to read it"), string::npos);
    EXPECT_TRUE(same_content(at("tree/open"), at("copy/open")));
    EXPECT_FALSE(std::filesystem::exists(at("copy/secret")));
    ASSERT_EQ(::chmod(at("tree").c_str(), 0755), 0);
    const auto refused = cp({at("tree/open"), at("tree/new")}, nobody);
    EXPECT_EQ(refused.exit_status, 1);
    EXPECT_NE(refused.standard_error.find("no permission to write there"), string::npos)
        << refused.standard_error;
}

// Goal: a full disk is one line, and no half file.
TEST_F(cp_command, a_full_disk_leaves_nothing_behind) {
    if (!can_mount()) {
        GTEST_SKIP() << "skipped: no mounts allowed here";
    }
    site_.add_pattern("large", 3'000'000);
    site_.add("small", "fits");
    for (const string method : {"auto", "ring", "splice", "mmap"}) {
        const auto ended = in_mounts(
            "mount -t tmpfs -o size=2m none /mnt\n"
            "'" RINGWAY_BINARY "' cp --method=" +
            method + " '" + at("large") + "' /mnt || echo status $?\n" +
            "ls -A /mnt; '" RINGWAY_BINARY "' cp '" + at("small") +
            "' /mnt && ls -A /mnt; df --output=used -k /mnt | tail -1");
        EXPECT_NE(ended.standard_output.find("status 1\nsmall\n"), string::npos)
            << method << ended.standard_output;
        EXPECT_NE(ended.standard_error.find("/mnt/large: the disk is full: make room"),
                  string::npos)
            << method << ended.standard_error;
        EXPECT_NE(ended.standard_output.find(" 4\n"), string::npos) << ended.standard_output;
    }
}

TEST_F(cp_command, a_signal_ends_it_cleanly) {
    make_sparse(at("large"), 1, 1);
    ASSERT_EQ(::truncate(at("large").c_str(), std::int64_t{200} << 30U), 0);
    site_.add("into/x", "");
    child_process running{how({"--sparse=never", "--no-preallocate", "--method=copy_file_range",
                               "--resume", at("large"), at("into")})};
    ASSERT_TRUE(eventually(
        [&] { return running.has_ended() || stored_bytes(at("into/large.part")) > 1'000'000; }));
    running.signal(SIGINT);
    const auto ended = running.wait();

    EXPECT_EQ(ended.exit_status, 130) << ended.standard_error;
    EXPECT_NE(ended.standard_error.find("interrupted"), string::npos);
    EXPECT_FALSE(std::filesystem::exists(at("into/large")));
    EXPECT_TRUE(std::filesystem::exists(at("into/large.part")));
}

// What a process has written so far, however (proc_pid_io(5)); the file itself has no name yet.
std::uint64_t bytes_written_by(pid_t process) {
    std::ifstream counters{"/proc/" + std::to_string(process) + "/io"};
    for (std::string name; counters >> name;) {
        std::uint64_t value = 0;
        if (counters >> value && name == "wchar:") {
            return value;
        }
    }
    return 0;
}

TEST_F(cp_command, without_resume_a_signal_leaves_nothing) {
    make_sparse(at("large"), 1, 1);
    ASSERT_EQ(::truncate(at("large").c_str(), std::int64_t{200} << 30U), 0);
    site_.add("into/x", "");
    std::filesystem::remove(at("into/x"));
    child_process running{how({"--sparse=never", "--no-preallocate", at("large"), at("into")})};
    ASSERT_TRUE(eventually(
        [&] { return running.has_ended() || bytes_written_by(running.id()) > 4'000'000; }));
    running.signal(SIGTERM);
    const auto ended = running.wait();

    EXPECT_EQ(ended.exit_status, 130) << ended.standard_error;
    EXPECT_EQ(names_in("into"), 0U);
}

// Goal: without /proc, as on file systems without O_TMPFILE, a temporary name does as well.
TEST_F(cp_command, works_where_a_file_must_have_a_name) {
    if (!can_mount() || under_address_sanitizer) {
        GTEST_SKIP() << "skipped: no mounts allowed here, or the address sanitizer needs /proc";
    }
    site_.add_pattern("a", 5'000'000);
    site_.add("b", "old");
    site_.add("into/x", "");
    const auto ended = in_mounts("mount -t tmpfs none /proc\ncd '" + at("") +
                                 "'\n'" RINGWAY_BINARY "' cp a b into\n'" RINGWAY_BINARY
                                 "' cp a b\n'" RINGWAY_BINARY
                                 "' cp -n a into/b\ncmp a b; cmp a into/a; ls -A into");
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(ended.standard_output, "a\nb\nx\n");
}

// Goal: the same on file systems of every kind that can be made here: sizes, holes, reflinks.
TEST_F(cp_command, works_on_other_file_systems) {
    if (!can_mount()) {
        GTEST_SKIP() << "skipped: no mounts allowed here";
    }
    make_sparse(at("sparse"), 50'000'001, 5);
    site_.add_pattern("dense", 7'654'321);
    unsigned made = 0;
    string skipped;
    for (const string kind : {"tmpfs", "ext4", "xfs", "btrfs"}) {
        const string mount = kind == "tmpfs"
                                 ? "mount -t tmpfs none /mnt"
                                 : "truncate -s 400M '" + at("image") + "' && mkfs." + kind +
                                       (kind == "ext4" ? " -q -F" : " -q -f") + " '" + at("image") +
                                       "' && mount -o loop '" + at("image") + "' /mnt";
        if (in_mounts(mount + " 2>/dev/null").exit_status != 0) {
            skipped += " " + kind;
            continue;
        }
        ++made;
        const auto ended = in_mounts(
            mount + "\ncd /mnt; mkdir from; '" RINGWAY_BINARY "' cp '" + at("sparse") + "' '" +
            at("dense") +
            "' from\n"
            "for method in auto copy_file_range sendfile splice read_write mmap ring; do\n"
            "  '" RINGWAY_BINARY
            "' cp -a --method=$method from $method; diff -r from $method\n"
            "  [ $(du -sk $method | cut -f1) -le $(( $(du -sk from | cut -f1) + 512 )) ]\n"
            "done\n"
            "if '" RINGWAY_BINARY
            "' cp --reflink=always from/dense shared 2>/dev/null; then\n"
            "  cmp from/dense shared; echo reflinks\nfi\nls -A");
        EXPECT_EQ(ended.exit_status, 0) << kind << ended.standard_output << ended.standard_error;
        if (kind == "xfs" || kind == "btrfs") {
            EXPECT_NE(ended.standard_output.find("reflinks"), string::npos) << kind;
        }
    }
    EXPECT_GE(made, 1U);
    if (!skipped.empty()) {
        GTEST_SKIP() << "skipped: can't be made or mounted here:" << skipped;
    }
}

}  // namespace
}  // namespace ringway::test
