#include <ringway/copy/copy_paths.hpp>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/made_file.hpp"
#include "support/run_on_shard.hpp"

namespace ringway {
namespace {

using test::run_on_shard;

struct told {
    copy_totals totals;
    std::vector<copy_event> events;
};

task<told> copy(std::vector<std::string> sources, std::string destination, copy_options options) {
    told all;
    copy_meter meter;
    copy_listener listener = [&all](const copy_event& event) { all.events.push_back(event); };
    all.totals = co_await copy_paths(sources, std::move(destination), options, meter, listener);
    co_return all;
}

copy_options tree_options() {
    copy_options options;
    options.recursive = true;
    options.follow = followed_links::none;
    return options;
}

class copying : public testing::Test {
protected:
    [[nodiscard]] std::string at(const char* name) const { return directory_.at(name); }
    [[nodiscard]] bool exists(const char* name) const {
        return std::filesystem::exists(std::filesystem::symlink_status(at(name)));
    }
    [[nodiscard]] struct stat facts(const char* name) const {
        struct stat found{};
        EXPECT_EQ(::lstat(at(name).c_str(), &found), 0) << name;
        return found;
    }
    [[nodiscard]] told run(std::vector<std::string> sources, const char* destination,
                           const copy_options& options = {}) const {
        return run_on_shard(copy(std::move(sources), at(destination), options));
    }
    // The only failure, told as it should be.
    static void expect_failure(const told& all, copy_step step, int failure) {
        EXPECT_EQ(all.totals.failures, 1U);
        ASSERT_EQ(all.events.size(), 1U);
        EXPECT_EQ(all.events[0].what, copy_what::failed);
        EXPECT_EQ(static_cast<int>(all.events[0].step), static_cast<int>(step));
        EXPECT_EQ(all.events[0].failure.sys, failure) << describe(all.events[0].failure);
    }

    test::scratch_directory directory_;
};

TEST_F(copying, a_file_to_a_name_or_into_a_directory) {
    directory_.write("a", test::pattern(100'000));
    directory_.make_directory("d");

    EXPECT_EQ(run({at("a")}, "b").totals.files, 1U);
    EXPECT_EQ(run({at("a"), at("b")}, "d").totals.files, 2U);

    EXPECT_TRUE(test::same_content(at("a"), at("b")));
    EXPECT_TRUE(test::same_content(at("a"), at("d/a")));
    EXPECT_TRUE(test::same_content(at("a"), at("d/b")));
}

// Goal: more names than a batch or a portion holds, in directories in directories.
TEST_F(copying, trees_of_many_files) {
    std::string folder = "tree";
    std::size_t files = 0;
    for (int depth = 0; depth < 5; ++depth) {
        directory_.make_directory(folder);
        const std::size_t here = depth == 0 ? 1500 : 70;
        for (std::size_t i = 0; i < here; ++i, ++files) {
            directory_.write(folder + "/f" + std::to_string(i), test::pattern(i * 13 % 3000, i));
        }
        folder += "/below";
    }

    const told all = run({at("tree")}, "copy", tree_options());

    EXPECT_EQ(all.totals.files, files);
    EXPECT_EQ(all.totals.directories, 5U);
    EXPECT_EQ(all.totals.failures, 0U);
    for (const auto& each : std::filesystem::recursive_directory_iterator{at("tree")}) {
        if (each.is_regular_file()) {
            const auto relative = std::filesystem::relative(each.path(), at("tree"));
            ASSERT_TRUE(test::same_content(each.path(), at("copy") / relative)) << relative;
        }
    }
}

TEST_F(copying, links_fifos_and_names_with_newlines_stay_what_they_are) {
    directory_.make_directory("tree");
    directory_.write("tree/new\nline \xff", "x");
    directory_.make_link("tree/link", "no such place");
    ASSERT_EQ(::mkfifo(at("tree/fifo").c_str(), 0640), 0);

    const told all = run({at("tree")}, "copy", tree_options());

    EXPECT_EQ(all.totals.failures, 0U);
    EXPECT_EQ(all.totals.links, 1U);
    EXPECT_EQ(all.totals.specials, 1U);
    EXPECT_TRUE(exists("copy/new\nline \xff"));
    EXPECT_EQ(std::filesystem::read_symlink(at("copy/link")), "no such place");
    EXPECT_TRUE(S_ISFIFO(facts("copy/fifo").st_mode));
}

TEST_F(copying, attributes_and_hard_links_are_kept_when_asked) {
    directory_.make_directory("tree");
    directory_.write("tree/one", "x");
    std::filesystem::create_hard_link(at("tree/one"), at("tree/two"));
    directory_.write("tree/large", std::string(5'000'000, 'y'));
    std::filesystem::create_hard_link(at("tree/large"), at("tree/large too"));
    ASSERT_EQ(::chmod(at("tree/one").c_str(), 0741), 0);
    const timespec times[] = {{1'000'000'000, 0}, {1'000'000'000, 7}};
    ASSERT_EQ(::utimensat(AT_FDCWD, at("tree").c_str(), times, 0), 0);
    ASSERT_EQ(::chmod(at("tree").c_str(), 0555), 0);
    copy_options options = tree_options();
    options.kept = {.mode = true, .owner = true, .times = true, .xattrs = true};
    options.hard_links = true;

    const told all = run({at("tree")}, "copy", options);

    EXPECT_EQ(all.totals.failures + all.totals.warnings, 0U);
    EXPECT_EQ(all.totals.files, 2U);
    EXPECT_EQ(all.totals.links, 2U);
    EXPECT_EQ(facts("copy/one").st_ino, facts("copy/two").st_ino);
    EXPECT_EQ(facts("copy/large").st_ino, facts("copy/large too").st_ino);
    EXPECT_NE(facts("copy/one").st_ino, facts("tree/one").st_ino);
    EXPECT_EQ(facts("copy/one").st_mode & 07777, mode_t{0741});
    EXPECT_EQ(facts("copy").st_mode & 07777, mode_t{0555});
    EXPECT_EQ(facts("copy").st_mtim.tv_sec, 1'000'000'000);
    EXPECT_EQ(facts("copy").st_mtim.tv_nsec, 7);
    ASSERT_EQ(::chmod(at("tree").c_str(), 0755), 0);
    ASSERT_EQ(::chmod(at("copy").c_str(), 0755), 0);
}

// Goal: a FIFO in the place of a copy is written into, by name and within a tree.
TEST_F(copying, small_files_into_what_has_no_offsets) {
    directory_.make_directory("tree");
    directory_.make_directory("copy");
    directory_.write("tree/name", "12345");
    ASSERT_EQ(::mkfifo(at("copy/name").c_str(), 0600), 0);
    const unique_fd fifo{::open(at("copy/name").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)};
    copy_options as_it_is = tree_options();
    as_it_is.no_target_directory = true;
    const std::vector<std::pair<const char*, const char*>> ways{{"tree/name", "copy/name"},
                                                                {"tree", "copy"}};
    for (const auto& way : ways) {
        const auto all = run({at(way.first)}, way.second, as_it_is);
        EXPECT_EQ(all.totals.failures, 0U) << way.first;
        char text[16]{};
        EXPECT_EQ(::read(fifo.get(), text, sizeof text), 5) << way.first;
        EXPECT_EQ(std::string{text}, "12345") << way.first;
        EXPECT_TRUE(S_ISFIFO(facts("copy/name").st_mode)) << way.first;
    }
}

// Goal: what has to come from disk, and is asked for ahead, is the same in the end.
TEST_F(copying, trees_that_are_not_in_the_page_cache) {
    directory_.make_directory("tree");
    for (int i = 0; i < 80; ++i) {
        const std::string name = "tree/" + std::to_string(i);
        directory_.write(name, test::pattern(static_cast<std::size_t>(i) * 13'007));
        const unique_fd file{::open(directory_.at(name).c_str(), O_RDONLY | O_CLOEXEC)};
        ASSERT_EQ(::fdatasync(file.get()), 0);
        ASSERT_EQ(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED), 0);
    }
    const auto all = run({at("tree")}, "copy", tree_options());
    EXPECT_EQ(all.totals.files, 80U);
    for (int i = 0; i < 80; ++i) {
        const std::string name = std::to_string(i);
        EXPECT_TRUE(
            test::same_content(directory_.at("tree/" + name), directory_.at("copy/" + name)))
            << i;
    }
}

// Goal: a copy is not a use of the file: nothing of the source changes.
TEST_F(copying, leaves_the_source_as_it_was) {
    directory_.make_directory("tree");
    directory_.write("tree/small", "x");
    directory_.write("tree/large", test::pattern(5'000'000));
    const timespec long_ago[2] = {{1'000'000'000, 1}, {1'000'000'000, 2}};
    for (const char* name : {"tree/small", "tree/large"}) {
        ASSERT_EQ(::utimensat(AT_FDCWD, at(name).c_str(), long_ago, 0), 0);
    }
    const auto all = run({at("tree")}, "copy", tree_options());
    EXPECT_EQ(all.totals.files, 2U);
    for (const char* name : {"tree/small", "tree/large"}) {
        EXPECT_EQ(facts(name).st_atim.tv_sec, 1'000'000'000) << name;
        EXPECT_EQ(facts(name).st_atim.tv_nsec, 1) << name;
    }
}

TEST_F(copying, a_name_that_is_replaced_keeps_its_permissions_and_is_a_new_file) {
    directory_.write("a", "new");
    directory_.write("b", "old");
    ASSERT_EQ(::chmod(at("b").c_str(), 0604), 0);
    const ino_t before = facts("b").st_ino;

    EXPECT_EQ(run({at("a")}, "b").totals.files, 1U);

    EXPECT_TRUE(test::same_content(at("a"), at("b")));
    EXPECT_EQ(facts("b").st_mode & 07777, mode_t{0604});
    EXPECT_NE(facts("b").st_ino, before);
}

TEST_F(copying, in_place_it_stays_the_same_file) {
    directory_.write("a", "new");
    directory_.write("b", "older and longer");
    const ino_t before = facts("b").st_ino;
    copy_options options;
    options.in_place = true;

    EXPECT_EQ(run({at("a")}, "b", options).totals.files, 1U);

    EXPECT_TRUE(test::same_content(at("a"), at("b")));
    EXPECT_EQ(facts("b").st_ino, before);
}

TEST_F(copying, through_a_link_the_file_behind_it_is_replaced) {
    directory_.write("a", "new");
    directory_.make_directory("d");
    directory_.write("d/b", "old");
    directory_.make_link("link", "d/b");

    EXPECT_EQ(run({at("a")}, "link").totals.files, 1U);

    EXPECT_TRUE(S_ISLNK(facts("link").st_mode));
    EXPECT_TRUE(test::same_content(at("a"), at("d/b")));
}

TEST_F(copying, what_is_there_stays_when_asked) {
    directory_.write("a", "new");
    directory_.write("b", "old");
    copy_options options;
    options.keep_existing = true;

    EXPECT_EQ(run({at("a")}, "b", options).totals.skipped, 1U);

    EXPECT_FALSE(test::same_content(at("a"), at("b")));
}

TEST_F(copying, refuses_what_makes_no_sense) {
    directory_.write("a", "x");
    directory_.make_directory("d");
    directory_.write("d/a", "y");
    directory_.make_directory("d/below");
    directory_.make_directory("into");
    directory_.make_directory("into/a");
    std::filesystem::create_hard_link(at("a"), at("twin"));

    expect_failure(run({at("a")}, "a"), copy_step::same_file, EINVAL);
    expect_failure(run({at("a")}, "twin"), copy_step::same_file, EINVAL);
    expect_failure(run({at("nothing")}, "b"), copy_step::open_source, ENOENT);
    expect_failure(run({at("a"), at("a")}, "b"), copy_step::not_a_directory, ENOTDIR);
    expect_failure(run({at("a")}, "b/"), copy_step::not_a_directory, ENOTDIR);
    expect_failure(run({at("a")}, "no/such"), copy_step::create, ENOENT);
    expect_failure(run({at("d")}, "b"), copy_step::left_out, EISDIR);
    expect_failure(run({at("a")}, "into"), copy_step::is_a_directory, EISDIR);
    expect_failure(run({at("d")}, "d/below", tree_options()), copy_step::into_itself, EINVAL);
    expect_failure(run({at("d")}, "d/below/new", tree_options()), copy_step::into_itself, EINVAL);
    EXPECT_FALSE(exists("b"));
    EXPECT_FALSE(exists("d/below/d"));
    EXPECT_FALSE(exists("d/below/new"));
}

TEST_F(copying, two_sources_of_one_name_do_not_overwrite_each_other) {
    for (const char* const folder : {"one", "two", "into"}) {
        directory_.make_directory(folder);
    }
    directory_.write("one/a", "1");
    directory_.write("two/a", "22");

    expect_failure(run({at("one/a"), at("two/a")}, "into"), copy_step::publish, EEXIST);

    EXPECT_TRUE(test::same_content(at("one/a"), at("into/a")));
}

// Goal: one that fails does not keep the others back.
TEST_F(copying, goes_on_with_the_others) {
    directory_.write("a", "x");
    directory_.write("c", "z");
    directory_.make_directory("into");
    expect_failure(run({at("a"), at("b"), at("c")}, "into"), copy_step::open_source, ENOENT);

    EXPECT_TRUE(exists("into/a"));
    EXPECT_TRUE(exists("into/c"));
}

TEST_F(copying, resumes_where_it_is_the_same) {
    const std::string content = test::pattern(6'000'000);
    directory_.write("a", content);
    directory_.write("b.part", content.substr(0, 3'000'000) + std::string(500, '\0'));
    copy_options options;
    options.resume = true;
    options.tell_each = true;

    const told first = run({at("a")}, "b", options);
    ASSERT_EQ(first.events.size(), 1U);
    EXPECT_EQ(first.events[0].what, copy_what::copied);
    EXPECT_LE(first.totals.moved, 3'300'000U);
    EXPECT_TRUE(test::same_content(at("a"), at("b")));
    EXPECT_FALSE(exists("b.part"));

    const told second = run({at("a")}, "b", options);
    EXPECT_EQ(second.totals.kept, 1U);
    EXPECT_EQ(second.totals.moved, 0U);
}

TEST_F(copying, verifies_and_tells_the_sum) {
    directory_.write("a", "abc");
    copy_options options;
    options.verify = true;
    options.tell_each = true;

    const told all = run({at("a")}, "b", options);

    ASSERT_EQ(all.events.size(), 1U);
    EXPECT_EQ(all.events[0].sha256,
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(copying, circles_of_links_are_found) {
    directory_.make_directory("tree");
    directory_.make_directory("tree/below");
    directory_.make_link("tree/below/circle", "..");
    copy_options options = tree_options();
    options.follow = followed_links::all;

    expect_failure(run({at("tree")}, "copy", options), copy_step::into_itself, ELOOP);
}

}  // namespace
}  // namespace ringway
