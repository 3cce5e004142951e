#include "guard/rule_book.hpp"

#include <gtest/gtest.h>

namespace ringway::guard {
namespace {

constexpr auto block = list_kind::block;

cidr range_of(const char* text) { return *parse_cidr(text); }
list_entry entry(const char* text, std::optional<seconds> lifetime = {}) {
    return {.range = range_of(text), .lifetime = lifetime};
}

class rule_book_test : public testing::Test {
protected:
    void expire(seconds after) {
        book.expire(start + after,
                    [this](list_kind, const cidr& range) { gone.push_back(to_text(range)); });
    }
    time_point start{std::chrono::hours{1}};
    rule_book book;
    std::vector<std::string> gone;
};

TEST_F(rule_book_test, a_load_exchanges_what_came_from_files_only) {
    book.load(block, std::array{entry("10.0.0.1"), entry("10.0.0.2")}, start);
    ASSERT_TRUE(book.add(block, range_of("10.0.0.3"), {.until = {}, .from = origin::command}));
    book.load(block, std::array{entry("10.0.0.2"), entry("10.0.0.4")}, start);
    EXPECT_EQ(book.ranges(block),
              (std::vector{range_of("10.0.0.2"), range_of("10.0.0.3"), range_of("10.0.0.4")}));
    EXPECT_TRUE(book.of(list_kind::allow).empty());
}

TEST_F(rule_book_test, entries_end_when_their_time_has_come) {
    book.load(block, std::array{entry("10.0.0.1", seconds{5}), entry("10.0.0.2")}, start);
    ASSERT_TRUE(book.add(block, range_of("10.0.0.3"),
                         {.until = start + seconds{2}, .from = origin::command}));
    EXPECT_EQ(book.next_end(), start + seconds{2});
    expire(seconds{1});
    EXPECT_TRUE(gone.empty());
    expire(seconds{2});
    EXPECT_EQ(gone, std::vector<std::string>{"10.0.0.3"});
    expire(seconds{9});
    EXPECT_EQ(gone, (std::vector<std::string>{"10.0.0.3", "10.0.0.1"}));
    EXPECT_EQ(book.next_end(), std::nullopt);
    EXPECT_EQ(book.ranges(block), std::vector{range_of("10.0.0.2")});
}

TEST_F(rule_book_test, a_ban_lengthens_and_never_shortens) {
    const auto range = range_of("10.0.0.1");
    const auto ban = [&](int length) {
        return rule{.until = start + seconds{length}, .from = origin::ban};
    };
    ASSERT_TRUE(book.add(block, range, ban(10)));
    ASSERT_TRUE(book.add(block, range, ban(5)));
    EXPECT_EQ(book.next_end(), start + seconds{10});
    ASSERT_TRUE(book.add(block, range, ban(20)));
    EXPECT_EQ(book.next_end(), start + seconds{20});
    expire(seconds{10});
    EXPECT_TRUE(gone.empty());
    ASSERT_TRUE(book.add(block, range, {.until = {}, .from = origin::command}));
    ASSERT_TRUE(book.add(block, range, ban(30)));
    expire(seconds{100});
    EXPECT_TRUE(gone.empty());
}

TEST_F(rule_book_test, of_entries_about_one_range_the_longest_counts) {
    book.load(
        block,
        std::array{entry("10.0.0.1", seconds{5}), entry("10.0.0.1"), entry("10.0.0.1", seconds{9})},
        start);
    EXPECT_EQ(book.next_end(), std::nullopt);
    EXPECT_EQ(book.of(block).size(), 1U);
}

// Goal: a ban for some minutes does not open what the operator's file has closed.
TEST_F(rule_book_test, what_a_file_says_comes_back) {
    const auto range = range_of("10.0.0.1");
    const auto add_for = [&](int length) {
        return book.add(block, range, {.until = start + seconds{length}, .from = origin::command});
    };
    book.load(block, std::array{entry("10.0.0.1")}, start);
    ASSERT_TRUE(add_for(2));
    EXPECT_EQ(book.of(block).at(range).from, origin::command);
    ASSERT_TRUE(add_for(3)) << "the last word of those";
    expire(seconds{5});
    EXPECT_TRUE(gone.empty());
    EXPECT_EQ(book.of(block).at(range).from, origin::file);
    EXPECT_EQ(book.next_end(), std::nullopt);

    ASSERT_TRUE(add_for(10));
    book.load(block, std::array{entry("10.0.0.1", seconds{20}), entry("10.0.0.1", seconds{7})},
              start);
    EXPECT_EQ(book.of(block).at(range).from, origin::command);
    expire(seconds{10});
    EXPECT_TRUE(gone.empty());
    expire(seconds{20});
    EXPECT_EQ(gone, std::vector<std::string>{"10.0.0.1"});
}

TEST_F(rule_book_test, what_a_file_no_longer_says_does_not_come_back) {
    book.load(block, std::array{entry("10.0.0.1")}, start);
    ASSERT_TRUE(book.add(block, range_of("10.0.0.1"),
                         {.until = start + seconds{2}, .from = origin::command}));
    book.load(block, {}, start);
    expire(seconds{1});
    EXPECT_EQ(book.of(block).size(), 1U) << "a load leaves what was added";
    expire(seconds{2});
    EXPECT_EQ(gone, std::vector<std::string>{"10.0.0.1"});
    EXPECT_TRUE(book.of(block).empty());
}

TEST_F(rule_book_test, what_is_taken_out_does_not_end_later) {
    book.load(block, std::array{entry("10.0.0.1", seconds{5})}, start);
    EXPECT_TRUE(book.remove(block, range_of("10.0.0.1")));
    EXPECT_FALSE(book.remove(block, range_of("10.0.0.1")));
    expire(seconds{9});
    EXPECT_TRUE(gone.empty());
}

TEST_F(rule_book_test, the_operators_entry_stays) {
    const auto range = range_of("192.0.2.1");
    ASSERT_TRUE(book.add(list_kind::allow, range, {.until = {}, .from = origin::admin}));
    ASSERT_TRUE(
        book.add(list_kind::allow, range, {.until = start + seconds{1}, .from = origin::command}));
    EXPECT_EQ(book.of(list_kind::allow).at(range).from, origin::admin);
    EXPECT_EQ(book.next_end(), std::nullopt);
}

}  // namespace
}  // namespace ringway::guard
