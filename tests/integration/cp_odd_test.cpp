// Goal: what is odd about names, links and trees ends as with cp(1), or as docs/guide/cp.md says.
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>

#include "support/cp_command.hpp"
#include "support/made_file.hpp"
#include "support/patience.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

class cp_odd : public ::testing::Test {
protected:
    [[nodiscard]] string at(const string& name) const { return site_.at(name); }
    [[nodiscard]] struct stat facts(const string& name) const {
        struct stat found{};
        EXPECT_EQ(::lstat(at(name).c_str(), &found), 0) << name;
        return found;
    }
    [[nodiscard]] bool is_there(const string& name) const {
        struct stat found{};
        return ::lstat(at(name).c_str(), &found) == 0;
    }
    [[nodiscard]] static ended_process shell(const string& script) {
        return run_program({.program = "sh", .arguments = {"-c", script}});
    }

    temporary_site site_;
};

// A slash at the end means the directory, whatever the options say of links; a file has none.
TEST_F(cp_odd, slashes_behind_a_source_are_meant) {
    site_.add("file", "x");
    site_.add("tree/in", "y");
    site_.add_link("link", "tree");
    site_.add("into/there", "");
    for (const string option : {"-r", "-a", "-rP"}) {
        EXPECT_EQ(run_cp({option, at("link/"), at("copy" + option)}).exit_status, 0);
        EXPECT_TRUE(same_content(at("tree/in"), at("copy" + option + "/in"))) << option;
        EXPECT_TRUE(S_ISDIR(facts("copy" + option).st_mode)) << option;
    }
    EXPECT_EQ(run_cp({"-a", at("link//"), at("into")}).exit_status, 0);
    EXPECT_TRUE(S_ISDIR(facts("into/link").st_mode));
    EXPECT_EQ(run_cp({"-a", at("link"), at("as-link")}).exit_status, 0);
    EXPECT_TRUE(S_ISLNK(facts("as-link").st_mode));

    const auto refused = run_cp({at("file/"), at("other")});
    EXPECT_EQ(refused.exit_status, 1);
    EXPECT_NE(refused.standard_error.find("is no directory"), string::npos)
        << refused.standard_error;
    EXPECT_FALSE(is_there("other"));
}

// A link that is copied as a link must never become what its own name leads to.
TEST_F(cp_odd, a_link_replaces_a_link_and_not_what_that_leads_to) {
    site_.add("file", "content");
    site_.add_link("link", "file");
    site_.add_link("old", "file");
    site_.add_fifo("fifo");
    for (const string option : {"-P", "-a"}) {
        EXPECT_EQ(run_cp({option, at("link"), at("old")}).exit_status, 0) << option;
        EXPECT_TRUE(S_ISREG(facts("file").st_mode)) << option;
        EXPECT_EQ(std::filesystem::read_symlink(at("old")), "file") << option;
    }
    EXPECT_EQ(run_cp({"-a", at("fifo"), at("old")}).exit_status, 0);
    EXPECT_TRUE(S_ISFIFO(facts("old").st_mode));
    EXPECT_TRUE(S_ISREG(facts("file").st_mode));
    const auto same = run_cp({"-P", at("link"), at("link")});
    EXPECT_EQ(same.exit_status, 1);
    EXPECT_EQ(std::filesystem::read_symlink(at("link")), "file");
}

TEST_F(cp_odd, a_file_goes_to_where_a_named_link_leads) {
    site_.add("file", "new");
    site_.add("place/there", "old");
    site_.add_link("link", "place/there");
    site_.add_link("lost", "nowhere");
    EXPECT_EQ(run_cp({at("file"), at("link")}).exit_status, 0);
    EXPECT_TRUE(S_ISLNK(facts("link").st_mode));
    EXPECT_TRUE(same_content(at("file"), at("place/there")));

    EXPECT_EQ(run_cp({at("file"), at("lost")}).exit_status, 0);
    EXPECT_TRUE(S_ISREG(facts("lost").st_mode));  // cp(1) refuses; nothing is written beyond.
    EXPECT_FALSE(is_there("nowhere"));
}

TEST_F(cp_odd, names_may_be_as_long_as_names_can_be) {
    const string name(255, 'n');
    site_.add(name, "first");
    site_.add("into/there", "");
    for (const string content : {"first", "second"}) {
        site_.add(name, content);
        for (const string option : {"-v", "--resume"}) {
            const auto ended = run_cp({option, at(name), at("into")});
            EXPECT_EQ(ended.exit_status, 0) << option << ended.standard_error;
            EXPECT_TRUE(same_content(at(name), at("into/" + name))) << option;
        }
    }
    EXPECT_EQ(run_cp({at(name), at("into/" + name + "n")}).exit_status, 1);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{at("into")}, {}), 2);
}

// What is at the bottom of directories that each hold one of this name.
unique_fd bottom_of(const string& path, const string& name, int depth, bool makes) {
    unique_fd at{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    for (int i = 0; i < depth; ++i) {
        static_cast<void>(makes && ::mkdirat(at.get(), name.c_str(), 0755) != 0);
        at = unique_fd{::openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    }
    return at;
}

// Longer than any path that a system call takes; both names of one file are that in the copy.
TEST_F(cp_odd, trees_may_be_deeper_than_paths_can_be) {
    const string name(200, 'd');
    constexpr int depth = 60;
    site_.make_directory("deep");
    {
        const unique_fd bottom = bottom_of(at("deep"), name, depth, true);
        const unique_fd file{
            ::openat(bottom.get(), "one", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
        ASSERT_EQ(::write(file.get(), "end", 3), 3);
        ASSERT_EQ(::linkat(bottom.get(), "one", bottom.get(), "two", 0), 0);
    }
    for (const string option : {"-r", "-a"}) {
        const auto ended = run_cp({option, at("deep"), at("copy" + option)});
        EXPECT_EQ(ended.exit_status, 0) << option << ended.standard_error;
        const unique_fd bottom = bottom_of(at("copy" + option), name, depth, false);
        for (const char* const each : {"one", "two"}) {
            struct stat found{};
            EXPECT_EQ(::fstatat(bottom.get(), each, &found, 0), 0) << option << each;
            EXPECT_EQ(found.st_size, 3) << option << each;
            EXPECT_EQ(found.st_nlink, option == "-a" ? 2U : 1U) << each;
        }
    }
    EXPECT_EQ(shell("rm -rf '" + at("deep") + "' '" + at("copy-r") + "' '" + at("copy-a") + "'")
                  .exit_status,
              0);
}

TEST_F(cp_odd, special_bits_are_kept_as_cp_keeps_them) {
    site_.add("tree/program", "x");
    ASSERT_EQ(::chmod(at("tree/program").c_str(), 06755), 0);
    ASSERT_EQ(::chmod(at("tree").c_str(), 01777), 0);
    const auto ended =
        shell("umask 027; '" RINGWAY_BINARY "' cp -r '" + at("tree") + "' '" + at("plain") +
              "'; '" RINGWAY_BINARY "' cp -a '" + at("tree") + "' '" + at("whole") + "'");
    ASSERT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_EQ(facts("plain/program").st_mode & 07777U, 0750U);
    EXPECT_EQ(facts("plain").st_mode & 07777U, 01750U);
    EXPECT_EQ(facts("whole/program").st_mode & 07777U, 06755U);
    EXPECT_EQ(facts("whole").st_mode & 07777U, 01777U);
}

// What an unfinished copy is called may be the name of another source.
TEST_F(cp_odd, sources_that_are_called_as_parts_are_copied_too) {
    for (int i = 0; i < 20; ++i) {
        site_.add_pattern("tree/f" + std::to_string(i), 300'000, static_cast<unsigned>(i));
        site_.add("tree/f" + std::to_string(i) + ".part", "no part of it " + std::to_string(i));
    }
    for (int round = 0; round < 2; ++round) {
        const auto ended = run_cp({"-r", "-T", "--resume", at("tree"), at("copy")});
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        EXPECT_EQ(run_program({"diff", {"-r", at("tree"), at("copy")}}).exit_status, 0);
    }
}

// Goal: many copies to one name at once: it is one of them, whole, and nothing else is left.
TEST_F(cp_odd, copies_to_one_name_at_once_leave_one_of_them) {
    site_.add_pattern("a", 3'000'001, 1);
    site_.add_pattern("b", 3'000'001, 2);
    site_.add("into/name", "old");
    for (const string option : {"-v", "--resume"}) {
        string script;
        for (int i = 0; i < 6; ++i) {
            script += "'" RINGWAY_BINARY "' cp " + option + " '" + at(i % 2 == 0 ? "a" : "b") +
                      "' '" + at("into/name") + "' 2>&1 &\n";
        }
        const auto ended = shell(script + "wait");
        EXPECT_TRUE(same_content(at("a"), at("into/name")) ||
                    same_content(at("b"), at("into/name")))
            << option << ended.standard_output;
        EXPECT_EQ(std::distance(std::filesystem::directory_iterator{at("into")}, {}), 1);
    }
}

// A file that may be written in a directory that may not: only --in-place can, and is proposed.
TEST_F(cp_odd, a_directory_without_permission_leaves_writing_in_place) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "skipped: needs root to become somebody else";
    }
    constexpr uid_t nobody = 65534;
    site_.add("file", "new");
    site_.add("closed/file", "old");
    ASSERT_EQ(::chmod(at("").c_str(), 0755), 0);
    ASSERT_EQ(::chmod(at("file").c_str(), 0644), 0);
    ASSERT_EQ(::chmod(at("closed").c_str(), 0755), 0);
    ASSERT_EQ(::chmod(at("closed/file").c_str(), 0666), 0);
    const auto refused = run_cp({at("file"), at("closed/file")}, nobody);
    EXPECT_EQ(refused.exit_status, 1);
    EXPECT_NE(refused.standard_error.find("--in-place"), string::npos) << refused.standard_error;
    EXPECT_FALSE(same_content(at("file"), at("closed/file")));
    const auto written = run_cp({"--in-place", at("file"), at("closed/file")}, nobody);
    EXPECT_EQ(written.exit_status, 0) << written.standard_error;
    EXPECT_TRUE(same_content(at("file"), at("closed/file")));
}

// A terminal that goes away ends it as ^C does; whoever ignores signals is left alone.
TEST_F(cp_odd, hanging_up_ends_it_unless_that_is_ignored) {
    make_sparse(at("large"), 1, 1);
    ASSERT_EQ(::truncate(at("large").c_str(), std::int64_t{200} << 30U), 0);
    site_.add("into/there", "");
    const std::vector<string> endless{
        "--sparse=never", "--no-preallocate", "--method=copy_file_range",
        "--resume",       at("large"),        at("into")};
    const auto is_under_way = [&] { return stored_bytes(at("into/large.part")) > 1'000'000; };
    {
        child_process running{cp_launch(endless)};
        ASSERT_TRUE(eventually([&] { return running.has_ended() || is_under_way(); }));
        running.signal(SIGHUP);
        EXPECT_EQ(running.wait().exit_status, 130);
    }
    std::filesystem::remove(at("into/large.part"));
    launch behind = cp_launch(endless);
    behind.arguments.insert(behind.arguments.begin(), behind.program);
    behind.program = "nohup";
    child_process running{behind};
    ASSERT_TRUE(eventually([&] { return running.has_ended() || is_under_way(); }));
    running.signal(SIGHUP);
    const auto then = stored_bytes(at("into/large.part"));
    EXPECT_TRUE(eventually([&] {
        return running.has_ended() || stored_bytes(at("into/large.part")) > then + 8'000'000;
    }));
    EXPECT_FALSE(running.has_ended());
    running.signal(SIGTERM);
    EXPECT_EQ(running.wait().exit_status, 130);
}

}  // namespace
}  // namespace ringway::test
