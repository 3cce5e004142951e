#include "cli/parse_cp.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "support/parsed_options.hpp"

namespace ringway::cli {
namespace {

cp_options read(std::vector<std::string_view> arguments) {
    return test::accepted(parse_cp(arguments));
}

std::string refusal(std::vector<std::string_view> arguments) {
    return test::refused(parse_cp(arguments));
}

TEST(parse_cp, names) {
    const auto options = read({"a", "b", "c"});
    EXPECT_EQ(options.sources, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(options.destination, "c");
    const auto into = read({"-t", "d", "a", "b"});
    EXPECT_EQ(into.sources, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(into.destination, "d/") << "it has to be a directory";
    EXPECT_EQ(read({"-t", "d/", "a"}).destination, "d/");
    EXPECT_EQ(read({"--", "-R", "-x"}).sources, (std::vector<std::string>{"-R"}));
}

// Goal: links are treated as cp does it.
TEST(parse_cp, links_are_followed_unless_it_is_recursive) {
    EXPECT_EQ(read({"a", "b"}).how.follow, followed_links::all);
    EXPECT_EQ(read({"-r", "a", "b"}).how.follow, followed_links::none);
    EXPECT_EQ(read({"-R", "a", "b"}).how.follow, followed_links::none);
    EXPECT_EQ(read({"-rL", "a", "b"}).how.follow, followed_links::all);
    EXPECT_EQ(read({"-rH", "a", "b"}).how.follow, followed_links::named);
    EXPECT_EQ(read({"-P", "a", "b"}).how.follow, followed_links::none);
}

TEST(parse_cp, archive_is_three_in_one) {
    const auto options = read({"-a", "a", "b"});
    EXPECT_TRUE(options.how.recursive && options.how.hard_links && options.how.kept.mode &&
                options.how.kept.owner && options.how.kept.times && options.how.kept.xattrs);
    EXPECT_EQ(options.how.follow, followed_links::none);
}

TEST(parse_cp, values) {
    const auto options = read({"--method=copy_file_range", "--sparse", "never", "--reflink=never",
                               "--buffer", "1M", "--depth=32", "-j4", "--sync", "--verify",
                               "--no-preallocate", "--json", "-T", "-n", "a", "b"});
    EXPECT_EQ(options.how.how.method, copy_method::copy_file_range);
    EXPECT_EQ(options.how.how.sparse, sparse_mode::never);
    EXPECT_EQ(options.how.how.reflink, reflink_mode::never);
    EXPECT_EQ(options.how.how.buffer_bytes, 1U << 20U);
    EXPECT_EQ(options.how.how.depth, 32U);
    EXPECT_EQ(options.how.jobs, 4U);
    EXPECT_TRUE(options.how.how.sync && options.how.verify && options.json);
    EXPECT_FALSE(options.how.how.preallocate);
    EXPECT_TRUE(options.how.no_target_directory && options.how.keep_existing);
    EXPECT_EQ(read({"--reflink", "a", "b"}).how.how.reflink, reflink_mode::always);
    EXPECT_EQ(read({"--direct", "a", "b"}).how.how.method, copy_method::ring_direct);
    EXPECT_EQ(read({"--direct=no", "a", "b"}).how.how.method, copy_method::automatic);
    EXPECT_TRUE(read({"--no-preallocate=no", "a", "b"}).how.how.preallocate);
    EXPECT_FALSE(read({"--archive=no", "a", "b"}).how.recursive);
}

TEST(parse_cp, nonsense_is_refused_with_a_hint) {
    EXPECT_NE(refusal({}).find("cp what?"), std::string::npos);
    EXPECT_NE(refusal({"a"}).find("where to?"), std::string::npos);
    EXPECT_NE(refusal({"a", ""}).find("empty"), std::string::npos);
    EXPECT_NE(refusal({"-t", "", "a", "b"}).find("needs a value"), std::string::npos);
    EXPECT_NE(refusal({"-T", "a", "b", "c"}).find("-T"), std::string::npos);
    EXPECT_NE(refusal({"-T", "-t", "d", "a"}).find("contradict"), std::string::npos);
    EXPECT_NE(refusal({"--method=warp", "a", "b"}).find("--method"), std::string::npos);
    EXPECT_NE(refusal({"--buffer=5000", "a", "b"}).find("multiple of 4K"), std::string::npos);
    EXPECT_NE(refusal({"--jobs=0", "a", "b"}).find("--jobs"), std::string::npos);
    EXPECT_NE(refusal({"--sparse=always", "--method=splice", "a", "b"}).find("--sparse=always"),
              std::string::npos);
    EXPECT_NE(refusal({"--reflink", "--direct", "a", "b"}).find("contradict"), std::string::npos);
    EXPECT_NE(refusal({"--direct", "--method=splice", "a", "b"}).find("--method=splice"),
              std::string::npos);
    EXPECT_NE(refusal({"--archive=x", "a", "b"}).find("neither yes nor no"), std::string::npos);
    EXPECT_NE(refusal({"--resume", "-n", "a", "b"}).find("contradict"), std::string::npos);
}

TEST(parse_cp, help_is_no_failure) {
    auto parsed = parse_cp(std::vector<std::string_view>{"--help"});
    const auto* const told = std::get_if<reply>(&parsed);
    ASSERT_NE(told, nullptr);
    EXPECT_EQ(told->exit_code, 0);
    EXPECT_NE(told->text.find("--reflink"), std::string::npos);
}

}  // namespace
}  // namespace ringway::cli
