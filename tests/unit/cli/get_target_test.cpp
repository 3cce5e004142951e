#include "cli/get_target.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/run_on_shard.hpp"

namespace ringway::cli {
namespace {

using test::scratch_directory;
namespace fs = std::filesystem;

const wire::url from = *wire::parse_url("http://a/x/file.bin?q");

get_options into(const scratch_directory& scratch) { return {.output = scratch.at("f")}; }

std::string content(const std::string& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

TEST(get_target, names) {
    EXPECT_EQ(target_name({}, from), "file.bin");
    EXPECT_EQ(target_name({}, *wire::parse_url("http://a/")), "index.html");
    EXPECT_EQ(target_name({.output = "o"}, from), "o");
}

TEST(get_target, the_file_appears_when_it_is_complete) {
    const scratch_directory scratch;
    auto target = get_target::open(into(scratch), from);
    ASSERT_TRUE(target);
    ASSERT_EQ(::write(target->fd(), "hello", 5), 5);
    target->save({.url = from.text()});
    EXPECT_FALSE(fs::exists(scratch.at("f")));
    EXPECT_EQ(target->complete(), 0);
    EXPECT_EQ(content(scratch.at("f")), "hello");
    EXPECT_FALSE(fs::exists(scratch.at("f.part")) || fs::exists(scratch.at("f.part.state")));
}

// Goal: nothing of the user's is ever replaced without --overwrite.
TEST(get_target, what_is_there_stays) {
    const scratch_directory scratch;
    scratch.write("f", "mine");
    EXPECT_EQ(get_target::open(into(scratch), from).error().status, get_exit::not_written);
    auto options = into(scratch);
    options.go_on = true;
    EXPECT_EQ(get_target::open(options, from).error().status, get_exit::ok);
    options = into(scratch);
    options.overwrite = true;
    {
        auto target = get_target::open(options, from);
        ASSERT_TRUE(target);
        target->discard();
    }
    EXPECT_EQ(content(scratch.at("f")), "mine");
    fs::remove(scratch.at("f"));
    auto late = get_target::open(into(scratch), from);
    ASSERT_TRUE(late);
    scratch.write("f", "came meanwhile");
    EXPECT_EQ(late->complete(), EEXIST);
    EXPECT_EQ(content(scratch.at("f")), "came meanwhile");
}

TEST(get_target, a_part_is_not_thrown_away_unasked) {
    const scratch_directory scratch;
    scratch.write("f.part", "hel");
    EXPECT_EQ(get_target::open(into(scratch), from).error().status, get_exit::not_written);
    EXPECT_EQ(content(scratch.at("f.part")), "hel");
    scratch.write("f.part", "");  // Nothing is lost with that.
    EXPECT_TRUE(get_target::open(into(scratch), from));
}

TEST(get_target, what_is_known_counts_only_where_it_fits) {
    const scratch_directory scratch;
    const get_state state{
        .url = from.text(), .validator = "\"v\"", .total = 5, .ranges = {{0, 5, 3}}};
    auto options = into(scratch);
    options.go_on = true;
    const auto known = [&](const get_state& written, std::string_view part) {
        scratch.write("f.part", part);
        scratch.write("f.part.state", to_text(written));
        const auto target = get_target::open(options, from);
        return target && target->earlier().has_value();
    };
    EXPECT_TRUE(known(state, "hel"));
    EXPECT_FALSE(known(state, "he"));  // It says more than there is.
    auto other = state;
    other.url = "http://b/";
    EXPECT_FALSE(known(other, "hel"));
    other = state;
    other.validator = "";
    EXPECT_FALSE(known(other, "hel"));
}

TEST(get_target, two_can_not_write_at_once) {
    const scratch_directory scratch;
    const auto first = get_target::open(into(scratch), from);
    ASSERT_TRUE(first);
    const auto second = get_target::open(into(scratch), from);
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().text.contains("another download"));
}

TEST(get_target, says_what_to_do_where_it_can_not_write) {
    const scratch_directory scratch;
    const auto refusal_at = [&](const std::string& name) {
        const auto refused =
            get_target::open({.output = scratch.at(name), .overwrite = true}, from);
        return refused ? std::string{} : refused.error().text;
    };
    EXPECT_TRUE(refusal_at("missing/f").ends_with("make it, or choose another with -o"));
    scratch.write("file", "");
    EXPECT_TRUE(refusal_at("file/f").ends_with("is no directory"));
    fs::create_symlink("elsewhere", scratch.at("link.part"));
    EXPECT_TRUE(refusal_at("link").contains("symbolic link"));
    for (const int failed : {ENOSPC, EDQUOT}) {
        EXPECT_TRUE(why_not_written("f", failed).ends_with("make room, and go on with -C"));
    }
    for (const int failed : {EACCES, EPERM, EROFS}) {
        EXPECT_TRUE(why_not_written("f", failed).ends_with("choose another place with -o"));
    }
    EXPECT_EQ(why_not_written("f", EIO), "f: Input/output error");
}

TEST(get_target, places_that_are_no_files) {
    const scratch_directory scratch;
    scratch.make_directory("f");
    EXPECT_TRUE(get_target::open(into(scratch), from).error().text.contains("directory"));
    EXPECT_FALSE(get_target::open({.output = "/dev/null"}, from));
    EXPECT_FALSE(get_target::open({.output = scratch.at("no/such/f")}, from));
}

}  // namespace
}  // namespace ringway::cli
