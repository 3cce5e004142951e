#include "cli/served_directory.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

class served_directory_test : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "served_XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override {
        ::chmod(folder_.c_str(), 0700);
        std::filesystem::remove_all(folder_);
    }
    static std::string error_of(const std::string& path) {
        const auto wrong = check_served_directory(path);
        EXPECT_TRUE(!wrong || wrong->exit_code == 2);
        return wrong ? wrong->text : "";
    }

    std::string folder_;
};

TEST_F(served_directory_test, a_directory_is_fine) {
    EXPECT_EQ(error_of(folder_), "");
    EXPECT_EQ(error_of("."), "");
    EXPECT_EQ(error_of("/"), "");
}

TEST_F(served_directory_test, does_not_exist) {
    EXPECT_EQ(error_of(folder_ + "/no"), "ringway: " + folder_ +
                                             "/no does not exist; name an "
                                             "existing directory: ringway serve DIR\n");
    EXPECT_EQ(error_of(""),
              "ringway: the directory's name is empty; for the current one: ringway serve .\n");
}

TEST_F(served_directory_test, is_a_file) {
    std::ofstream{folder_ + "/x.html"} << "x";
    EXPECT_EQ(error_of(folder_ + "/x.html"),
              "ringway: " + folder_ +
                  "/x.html is not a directory; to serve the one that holds it: "
                  "ringway serve " +
                  folder_ + "\n");
    EXPECT_NE(error_of(folder_ + "/x.html/y").find("is not a directory"), std::string::npos);
}

TEST_F(served_directory_test, may_not_be_read) {
    ::chmod(folder_.c_str(), 0);
    const bool root = ::geteuid() == 0;  // It may read everything: somebody else tries.
    if (root && ::seteuid(65534) != 0) {
        GTEST_SKIP() << "root cannot be somebody else here";
    }
    const auto error = error_of(folder_);
    ASSERT_TRUE(!root || ::seteuid(0) == 0);
    EXPECT_NE(error.find(folder_ + " may not be read by this user (uid "), std::string::npos);
    EXPECT_NE(error.find("chmod o+rx"), std::string::npos);
}

TEST_F(served_directory_test, other_failures_have_their_reason) {
    EXPECT_NE(error_of(std::string(5000, 'x')).find("File name too long"), std::string::npos);
}

}  // namespace
}  // namespace ringway::cli
