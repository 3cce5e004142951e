#include "cli/cp_report.hpp"

#include <cerrno>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ringway::cli {
namespace {

copy_event failed(copy_step step, int failure) {
    copy_event event;
    event.what = copy_what::failed;
    event.source = "from";
    event.destination = "to";
    event.step = step;
    event.failure = error_from_errno(failure);
    return event;
}

TEST(cp_report, names_are_one_line_that_a_shell_reads) {
    EXPECT_EQ(shell_quoted("a/b-1.txt"), "a/b-1.txt");
    EXPECT_EQ(shell_quoted("a b"), "'a b'");
    EXPECT_EQ(shell_quoted("new\nline"), "$'new\\nline'");
    EXPECT_EQ(shell_quoted("it's"), "$'it\\'s'");
    EXPECT_EQ(shell_quoted("\x1b[31m"), "$'\\033[31m'");
    EXPECT_EQ(shell_quoted(""), "''");
}

// Goal: each says which file, and what to do, in one line.
TEST(cp_report, failures_name_the_file_and_what_to_do) {
    const auto text = [](copy_step step, int failure) {
        return failure_text(failed(step, failure), copy_method::automatic);
    };
    EXPECT_EQ(text(copy_step::open_source, ENOENT), "from: there is no such file");
    EXPECT_EQ(text(copy_step::open_source, EACCES),
              "from: no permission to read it: run this as somebody who may");
    EXPECT_EQ(text(copy_step::write, ENOSPC),
              "to: the disk is full: make room and copy it again, with --resume from where it "
              "stopped");
    EXPECT_EQ(text(copy_step::create, ENOSPC), text(copy_step::write, ENOSPC));
    EXPECT_EQ(text(copy_step::create, ENOENT),
              "to: its directory does not exist: make it first (mkdir -p)");
    EXPECT_EQ(text(copy_step::read_source, EIO),
              "from: could not be copied to to: Input/output error");
    EXPECT_EQ(text(copy_step::left_out, EISDIR), "from: is a directory: -r copies directories too");
    for (int step = 0; step <= static_cast<int>(copy_step::changed); ++step) {
        const auto any = text(static_cast<copy_step>(step), EIO);
        EXPECT_GT(any.size(), 20U) << any;
        EXPECT_EQ(any.find('\n'), std::string::npos);
    }
}

TEST(cp_report, what_can_not_be_used_is_named) {
    copy_event event = failed(copy_step::read_source, EOPNOTSUPP);
    EXPECT_NE(failure_text(event, copy_method::splice).find("--method=splice"), std::string::npos);
    EXPECT_NE(failure_text(event, copy_method::ring_direct).find("direct I/O"), std::string::npos);
    EXPECT_NE(failure_text(event, copy_method::automatic).find("--reflink=always"),
              std::string::npos);
}

TEST(cp_report, json_is_a_line_that_can_be_read) {
    copy_event event;
    event.source = "new\nline \xff";
    event.destination = "to";
    event.report = {.method = copy_method::reflink, .bytes = 7};
    const std::string line = to_json(event, copy_method::automatic);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const auto read = nlohmann::json::parse(line);
    EXPECT_EQ(read["method"], "reflink");
    EXPECT_EQ(read["bytes"], 7);
    EXPECT_EQ(read["result"], "copied");

    const auto all = nlohmann::json::parse(
        to_json(copy_totals{.files = 3, .failures = 1}, std::chrono::milliseconds{1500}, 1));
    EXPECT_EQ(all["files"], 3);
    EXPECT_EQ(all["seconds"], 1.5);
    EXPECT_EQ(all["exit"], 1);
}

TEST(cp_report, success_is_told_with_both_names) {
    copy_event event;
    event.source = "a b";
    event.destination = "c";
    EXPECT_EQ(success_text(event), "'a b' -> c (copied)");
}

}  // namespace
}  // namespace ringway::cli
