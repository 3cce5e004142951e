#include "lab/program_versions.hpp"

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

// What Debian's programs say.
TEST(program_versions, in_what_programs_say) {
    EXPECT_EQ(version_in("nginx version: nginx/1.22.1\n"), "1.22.1");
    EXPECT_EQ(version_in("lighttpd/1.4.69 (ssl) - a light and fast webserver\n"), "1.4.69");
    EXPECT_EQ(version_in("wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012 Will Glozer\n"),
              "4.1.0-3+b2");
    EXPECT_EQ(version_in("fio-3.33\n"), "3.33");
    EXPECT_EQ(version_in("cp (GNU coreutils) 9.1\nCopyright (C) 2022"), "9.1");
    EXPECT_EQ(version_in("rsync  version 3.2.7  protocol version 31"), "3.2.7");
    EXPECT_EQ(version_in("curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1"), "7.88.1");
    EXPECT_EQ(version_in("it ends with 2."), "");
    EXPECT_EQ(version_in("Copyright 2012, x86_64"), "");
    EXPECT_EQ(version_in(""), "");
}

TEST(program_versions, programs) {
    EXPECT_TRUE(find_program("sh").ends_with("/sh"));
    EXPECT_EQ(find_program("no-such-program"), "");
    EXPECT_NE(program_versions()["cp"], "unknown");
}

TEST(program_versions, libraries) {
    for (const auto& [name, version] : library_versions().items()) {
        const auto text = version.get<std::string>();
        EXPECT_EQ(version_in(text), text) << name;
    }
}

}  // namespace
}  // namespace ringway::lab
