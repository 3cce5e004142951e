#include "copy/new_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <unistd.h>

#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

class new_files : public testing::Test {
protected:
    [[nodiscard]] int folder() const { return folder_.get(); }
    [[nodiscard]] std::size_t names() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator{directory_.path()}, {}));
    }
    [[nodiscard]] std::string content(const char* name) const {
        std::ifstream in{directory_.at(name)};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    static void write(const new_file& to, std::string_view text) {
        ASSERT_EQ(::write(to.fd(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }

    test::scratch_directory directory_;

private:
    unique_fd folder_{::open(directory_.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
};

TEST_F(new_files, appear_complete) {
    auto made = new_file::make(folder(), "file", 0640);
    ASSERT_TRUE(made.has_value()) << describe(made.error());
    write(*made, "content");
    EXPECT_FALSE(std::filesystem::exists(directory_.at("file")));

    ASSERT_TRUE(made->publish(existing_name::keep).has_value());

    EXPECT_EQ(content("file"), "content");
    EXPECT_EQ(names(), 1U);
}

TEST_F(new_files, leave_nothing_behind_when_they_are_given_up) {
    {
        auto made = new_file::make(folder(), "file", 0640);
        ASSERT_TRUE(made.has_value());
        write(*made, "content");
    }
    EXPECT_EQ(names(), 0U);
}

TEST_F(new_files, do_not_replace_unless_told_to) {
    directory_.write("file", "old");
    auto made = new_file::make(folder(), "file", 0640);
    ASSERT_TRUE(made.has_value());
    write(*made, "new");

    const auto refused = made->publish(existing_name::keep);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().sys, EEXIST);
    EXPECT_EQ(content("file"), "old");

    ASSERT_TRUE(made->publish(existing_name::replace).has_value());
    EXPECT_EQ(content("file"), "new");
    EXPECT_EQ(names(), 1U);
}

TEST_F(new_files, do_not_replace_a_directory) {
    directory_.make_directory("file");
    {
        auto made = new_file::make(folder(), "file", 0640);
        ASSERT_TRUE(made.has_value());
        const auto refused = made->publish(existing_name::replace);
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().sys, EISDIR);
    }
    EXPECT_EQ(names(), 1U);
}

TEST_F(new_files, with_a_name_for_the_part_stay_and_are_found_again) {
    {
        auto made = new_file::make(folder(), "file", 0640, "file.part");
        ASSERT_TRUE(made.has_value());
        write(*made, "half");
    }
    EXPECT_EQ(content("file.part"), "half");

    auto again = new_file::make(folder(), "file", 0640, "file.part");
    ASSERT_TRUE(again.has_value());
    ASSERT_TRUE(again->publish(existing_name::replace).has_value());

    EXPECT_EQ(content("file"), "half");
    EXPECT_EQ(names(), 1U);
}

// Goal: two copies at once never write into one part.
TEST_F(new_files, have_their_part_to_themselves) {
    {
        auto first = new_file::make(folder(), "file", 0640, "file.part");
        ASSERT_TRUE(first.has_value());
        const auto second = new_file::make(folder(), "file", 0640, "file.part");
        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().sys, EBUSY);
    }
    EXPECT_TRUE(new_file::make(folder(), "file", 0640, "file.part").has_value());
}

TEST_F(new_files, tell_why_they_can_not_be_made) {
    const auto made = new_file::make(-1, "file", 0640);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().sys, EBADF);
}

}  // namespace
}  // namespace ringway
