#include "http/h3_section_check.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "support/h3_wire.hpp"

namespace ringway::http::detail {
namespace {

namespace h3 = test::h3;
using std::string;

const string three = h3::head({{":status", "200"}, {"a", "b"}, {"c", string(200, 'c')}});
const string two = h3::head({{":status", "103"}, {"link", "x"}});
const string one = h3::head({{"trailer", "x"}});
const string beside = h3::frame(h3::grease, three) + h3::frame(h3::data, two);

void give(h3_section_check& check, int fields) {
    for (int i = 0; i < fields; ++i) {
        check.on_field();
    }
}

// Goal: sections are told apart from all else, in pieces of any size.
TEST(h3_section_check, what_is_kept_back_of_each_section) {
    const string all = two + beside + three + beside + one;
    for (std::size_t piece = 1; piece <= all.size(); ++piece) {
        h3_section_check check;
        for (std::size_t at = 0; at < all.size(); at += piece) {
            check.feed(as_bytes(std::string_view{all}.substr(at, piece)));
        }
        give(check, 2);
        EXPECT_EQ(check.end_section(), 0U) << piece;
        give(check, 1);
        EXPECT_EQ(check.end_section(), 2U) << piece;
        EXPECT_EQ(check.end_section(), 1U) << piece;
    }
}

TEST(h3_section_check, one_after_the_other) {
    h3_section_check check;
    check.feed(as_bytes(std::string_view{two}));
    give(check, 2);
    EXPECT_EQ(check.end_section(), 0U);
    check.feed(as_bytes(std::string_view{three}));
    give(check, 2);
    EXPECT_EQ(check.end_section(), 1U);
}

TEST(h3_section_check, sections_that_never_came) {
    h3_section_check check;
    EXPECT_EQ(check.end_section(), 0U);
    check.feed(as_bytes(std::string_view{three}.substr(0, 20)));
    EXPECT_EQ(check.end_section(), 0U);
}

}  // namespace
}  // namespace ringway::http::detail
