#include "cli/serve_options.hpp"

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

TEST(serve_options, defaults_are_good_for_a_first_try) {
    const serve_options options;
    EXPECT_EQ(options.site.listing, files::listing_mode::automatic);
    EXPECT_EQ(options.site.precompressed, 0b1110);
    EXPECT_TRUE(files::check(options.site));
    EXPECT_EQ(options.listen.size(), 1U);
}

}  // namespace
}  // namespace ringway::cli
