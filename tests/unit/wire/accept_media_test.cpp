#include <ringway/wire/accept_media.hpp>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

struct row {
    const char* accept;
    int html;
    int json;
};

TEST(quality_of_media, the_most_specific_range_decides) {
    for (const row& each : {
             row{"", 0, 0},
             row{"*/*", 1000, 1000},
             row{"text/html", 1000, 0},
             row{"TEXT/HTML", 1000, 0},
             row{"application/json;q=0", 0, 0},
             row{"application/json;q=0.9, text/html;q=0.1", 100, 900},
             row{"text/html;q=0, application/*", 0, 1000},
             row{"text/*;q=0.5, */*;q=0.1, application/json ; q=0", 500, 0},
             row{"*/*;q=0.8,text/html", 1000, 800},
             row{"text/html;level=1, */*;q=0.3", 1000, 300},
             row{"application/json; charset=utf-8;q=0.5", 0, 500},
             row{"text/html;q=2, application/json;q=x", 0, 0},
             row{", ,text/html,", 1000, 0},
             row{"texts/html, xtext/html, text/htmlx", 0, 0},
         }) {
        EXPECT_EQ(quality_of_media(each.accept, "text/html").thousandths, each.html) << each.accept;
        EXPECT_EQ(quality_of_media(each.accept, "application/json").thousandths, each.json)
            << each.accept;
    }
}

TEST(quality_of_media, knows_what_is_named) {
    EXPECT_TRUE(quality_of_media("*/*, text/html;q=0.1", "text/html").is_named);
    EXPECT_FALSE(quality_of_media("*/*, text/*", "text/html").is_named);
}

}  // namespace
}  // namespace ringway::wire
