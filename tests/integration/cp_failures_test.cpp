// Goal: whatever goes wrong in the middle, what has its name is whole, and a line says what is not.
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "support/cp_command.hpp"
#include "support/made_file.hpp"
#include "support/patience.hpp"
#include "support/temporary_site.hpp"

namespace ringway::test {
namespace {

using std::string;

class cp_failures : public ::testing::Test {
protected:
    [[nodiscard]] string at(const string& name) const { return site_.at(name); }
    [[nodiscard]] std::vector<string> names_in(const string& folder) const {
        std::vector<string> names;
        for (const auto& each : std::filesystem::directory_iterator{at(folder)}) {
            names.push_back(each.path().filename());
        }
        return names;
    }
    // Every name in `copy` is a whole copy; yields how many there are.
    [[nodiscard]] std::size_t whole_copies(const string& source, const string& copy) const {
        std::size_t count = 0;
        if (!std::filesystem::exists(at(copy))) {
            return 0;
        }
        for (const string& name : names_in(copy)) {
            EXPECT_TRUE(same_content(at(source + "/" + name), at(copy + "/" + name))) << name;
            ++count;
        }
        return count;
    }

    temporary_site site_;
};

ended_process in_mounts(const string& script) {
    return run_program({.program = "unshare",
                        .arguments = {"-m", "--propagation", "private", "sh", "-ec", script}});
}

// Goal: lines that nobody can read end no copy, though the status tells that they are lost.
TEST_F(cp_failures, a_full_disk_behind_the_output_ends_no_copy) {
    for (int i = 0; i < 200; ++i) {
        site_.add("tree/a-long-name-so-that-the-lines-fill-a-buffer-" + std::to_string(i), "x");
    }
    const string sources = "'" + at("tree") + "' '" + at("missing") + "' '";
    const auto copy = [&](const string& name, const string& output) {
        return run_program(
            {.program = "sh",
             .arguments = {"-c", RINGWAY_BINARY " cp -rv " + sources + at(name) + "' " + output}});
    };

    std::filesystem::create_directory(at("full"));
    const auto full = copy("full", ">/dev/full");
    EXPECT_EQ(full.exit_status, 1);
    EXPECT_NE(full.standard_error.find("standard output could not be written"), string::npos)
        << full.standard_error;
    EXPECT_EQ(names_in("full/tree").size(), 200U);

    std::filesystem::create_directory(at("silent"));
    EXPECT_EQ(copy("silent", ">&- 2>/dev/full").exit_status, 1);
    EXPECT_EQ(names_in("silent/tree").size(), 200U);
}

// A disk of which the second half can't be read: the file that a loop device stands on is cut.
TEST_F(cp_failures, a_source_that_can_not_be_read_to_its_end_is_told_and_not_copied) {
    site_.add("into/x", "");
    // A file of its own each time: a loop device may stay for a while after it was unmounted.
    const auto script = [&](const string& name, const string& command) {
        const string image = "'" + at("image-" + name) + "'";
        return "truncate -s 64M " + image + "\nmkfs.ext4 -q -F -J size=1 " + image +
               "\nmount -o loop " + image +
               " /mnt\nhead -c 40000000 /dev/urandom > /mnt/large\nmkdir /mnt/tree\n"
               "for i in $(seq 100); do head -c 4000 /dev/urandom > /mnt/tree/small-$i; done\n"
               "umount /mnt\nmount -o loop,ro,noload " +
               image + " /mnt\nls -lR /mnt >/dev/null\ntruncate -s 24M " + image + "\n" +
               "timeout 60 '" RINGWAY_BINARY "' cp " + command + " || echo status $?\n";
    };
    const auto probe = in_mounts(script("probe", "--version") +
                                 "if cat /mnt/large >/dev/null; then echo whole; fi\n");
    if (::geteuid() != 0 || probe.exit_status != 0) {
        GTEST_SKIP() << "skipped: ext4 in a file can't be mounted here";
    }
    if (probe.standard_output.contains("whole")) {  // Linux 6.1 on tmpfs.
        GTEST_SKIP() << "skipped: what was cut off a file is read as zeros by its loop device here";
    }
    for (const string method :
         {"auto", "copy_file_range", "sendfile", "splice", "read_write", "mmap", "ring"}) {
        const auto ended =
            in_mounts(script(method, "--method=" + method + " /mnt/large '" + at("into") + "'"));
        if (method == "copy_file_range") {  // From one file system to another it need not work.
            EXPECT_NE(ended.standard_output.find("status 1\n"), string::npos);
            EXPECT_EQ(names_in("into"), std::vector<string>{"x"});
            continue;
        }
        EXPECT_NE(ended.standard_output.find("status 1\n"), string::npos)
            << method << ended.standard_output << ended.standard_error;
        EXPECT_NE(ended.standard_error.find("/mnt/large: could not be copied"), string::npos)
            << method << ended.standard_error;
        EXPECT_NE(ended.standard_error.find("Input/output error"), string::npos)
            << method << ended.standard_error;
        EXPECT_EQ(names_in("into"), std::vector<string>{"x"}) << method;
    }
    // In a tree: a line for what can't be read, and the others are there.
    const auto tree = in_mounts(script("tree", "-r /mnt '" + at("copy") + "'"));
    EXPECT_NE(tree.standard_output.find("status 1\n"), string::npos) << tree.standard_error;
    EXPECT_NE(tree.standard_error.find("/mnt/large: could not be copied"), string::npos);
    EXPECT_FALSE(std::filesystem::exists(at("copy/large")));
    for (const string& name : names_in("copy/tree")) {
        EXPECT_EQ(std::filesystem::file_size(at("copy/tree/" + name)), 4000U) << name;
    }
}

// Sources go away, and others shrink, while they are copied.
TEST_F(cp_failures, what_changes_meanwhile_is_copied_whole_or_told) {
    for (int i = 0; i < 3000; ++i) {
        site_.add("tree/" + std::to_string(i), pattern(3000));
    }
    for (int i = 0; i < 30; ++i) {
        site_.add_pattern("tree/large-" + std::to_string(i), 6'000'000);
    }
    child_process running{cp_launch({"-r", at("tree"), at("copy")})};
    static_cast<void>(
        eventually([&] { return running.has_ended() || std::filesystem::exists(at("copy")); }));
    for (int i = 2999; i >= 0; i -= 2) {
        std::filesystem::remove(at("tree/" + std::to_string(i)));
        if (i % 100 == 1) {
            const string large = at("tree/large-" + std::to_string(i / 100));
            static_cast<void>(!::truncate(large.c_str(), 1'000'000));
        }
    }
    const auto ended = running.wait();

    EXPECT_TRUE(ended.exit_status == 0 || ended.exit_status == 1) << ended.standard_error;
    EXPECT_EQ(ended.exit_status == 0, ended.standard_error.empty()) << ended.standard_error;
    for (const string& name : names_in("copy")) {
        const auto size = std::filesystem::file_size(at("copy/" + name));
        if (name.starts_with("large-")) {
            EXPECT_TRUE(size == 6'000'000 || size == 1'000'000) << name << ' ' << size;
        } else {
            EXPECT_EQ(size, 3000U) << name;
        }
    }
    for (int i = 0; i < 3000; i += 2) {  // Nobody touched these.
        EXPECT_TRUE(std::filesystem::exists(at("copy/" + std::to_string(i)))) << i;
    }
    for (const string& line : {string{"panic"}, string{"assert"}}) {
        EXPECT_EQ(ended.standard_error.find(line), string::npos) << ended.standard_error;
    }
}

std::uint64_t bytes_written_by(pid_t process) {
    std::ifstream counters{"/proc/" + std::to_string(process) + "/io"};
    for (string name; counters >> name;) {
        std::uint64_t value = 0;
        if (counters >> value && name == "wchar:") {
            return value;
        }
    }
    return 0;
}

// Killed at many moments: what has a name is whole, nothing else is left, and a further run
// completes it.
TEST_F(cp_failures, killed_at_any_time_it_leaves_whole_files_and_can_be_resumed) {
    for (int i = 0; i < 400; ++i) {
        site_.add_pattern("tree/" + std::to_string(i), static_cast<std::size_t>(i * 97), 3);
    }
    for (int i = 0; i < 3; ++i) {
        site_.add_pattern("tree/large-" + std::to_string(i), 12'000'000, 5);
    }
    const auto all = names_in("tree").size();
    for (const bool resumes : {false, true}) {
        for (const std::uint64_t moment : {1U, 500'000U, 5'000'000U, 9'000'000U, 30'000'000U}) {
            std::filesystem::remove_all(at("copy"));
            auto arguments = std::vector<string>{"-r", at("tree"), at("copy")};
            if (resumes) {
                arguments.insert(arguments.begin(), "--resume");
            }
            child_process running{cp_launch(arguments)};
            static_cast<void>(eventually(
                [&] { return running.has_ended() || bytes_written_by(running.id()) >= moment; }));
            running.signal(SIGKILL);
            static_cast<void>(running.wait());
            if (!resumes) {
                EXPECT_LE(whole_copies("tree", "copy"), all) << moment;
            }
            const auto again = run_cp({"-r", "-T", "--resume", at("tree"), at("copy")});
            EXPECT_EQ(again.exit_status, 0) << again.standard_error;
            EXPECT_EQ(whole_copies("tree", "copy"), all) << moment;
        }
    }
}

// A directory into itself, by every name that it has: refused before anything is made.
TEST_F(cp_failures, a_directory_is_not_copied_into_itself_by_any_name) {
    site_.add("tree/below/file", "x");
    site_.add_link("link", "tree/below");
    for (const string into : {"tree/new", "tree", "tree/below", "tree/below/new", "link",
                              "link/new", "tree/../tree/below", "tree/./new"}) {
        const auto ended = run_cp({"-r", at("tree"), at(into)});
        EXPECT_EQ(ended.exit_status, 1) << into;
        EXPECT_NE(ended.standard_error.find("into itself"), string::npos)
            << into << ": " << ended.standard_error;
    }
    EXPECT_EQ(names_in("tree"), std::vector<string>{"below"});
    EXPECT_EQ(names_in("tree/below"), std::vector<string>{"file"});
}

}  // namespace
}  // namespace ringway::test
