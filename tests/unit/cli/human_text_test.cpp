#include "cli/human_text.hpp"

#include <cerrno>
#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

using namespace std::chrono_literals;

TEST(human_text, sizes_have_three_digits) {
    EXPECT_EQ(size_text(0), "0 B");
    EXPECT_EQ(size_text(1023), "1023 B");
    EXPECT_EQ(size_text(1024), "1.00 KiB");
    EXPECT_EQ(size_text(1536 * 1024), "1.50 MiB");
    EXPECT_EQ(size_text(345ULL << 20U), "345 MiB");
    EXPECT_EQ(size_text(1020ULL << 20U), "1.00 GiB");
    EXPECT_EQ(size_text(UINT64_MAX), "16.0 EiB");
}

TEST(human_text, clocks) {
    EXPECT_EQ(clock_text(7), "0:07");
    EXPECT_EQ(clock_text(754), "12:34");
    EXPECT_EQ(clock_text(11'045), "3:04:05");
}

TEST(human_text, spans) {
    EXPECT_EQ(span_text(850us), "850 us");
    EXPECT_EQ(span_text(12'300us), "12.3 ms");
    EXPECT_EQ(span_text(1230ms), "1.23 s");
    EXPECT_EQ(span_text(12'345ms), "12.3 s");
}

TEST(human_text, files_that_could_not_be_opened) {
    const auto text = [](int sys, bool writing) {
        return file_text("/a/b", error_from_errno(sys), writing);
    };

    EXPECT_EQ(text(ENOENT, true), "/a/b: there is no directory /a; make it first");
    EXPECT_EQ(text(ENOENT, false), "/a/b: no such file; name one that exists");
    EXPECT_EQ(text(ENOTDIR, true), "/a/b: /a is no directory; name another file");
    EXPECT_EQ(text(EISDIR, true), "/a/b: that is a directory; name a file");
    EXPECT_NE(text(EACCES, true).find("may not write to it; grant that"), std::string::npos);
    EXPECT_NE(text(EACCES, false).find("may not read it; grant that"), std::string::npos);
    EXPECT_EQ(text(EIO, true), "/a/b: system: Input/output error");
    EXPECT_EQ(file_text("b", error_from_errno(ENOENT), true),
              "b: there is no directory .; make it first");
    EXPECT_EQ(file_text("/b", error_from_errno(ENOTDIR), true),
              "/b: / is no directory; name another file");
}

}  // namespace
}  // namespace ringway::cli
