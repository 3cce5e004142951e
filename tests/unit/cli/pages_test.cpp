#include "cli/pages.hpp"

#include <string>

#include <gtest/gtest.h>

#include "cli/get_option_table.hpp"
#include "cli/serve_option_table.hpp"

namespace ringway::cli {
namespace {

TEST(pages, commands_have_one) {
    EXPECT_EQ(page_of("serve"), &serve_page());
    EXPECT_EQ(page_of("get"), &get_page());
    EXPECT_EQ(page_of("quux"), nullptr);
}

TEST(pages, serve_tells_all_options) {
    EXPECT_EQ(serve_page().options.size(), serve_option_table().size() + 1);
    EXPECT_EQ(serve_page().options.back().name, "help");
}

TEST(pages, get_tells_all_options) {
    EXPECT_EQ(get_page().options.size(), get_option_table().size() + 1);
    EXPECT_EQ(get_page().options.back().name, "help");
}

}  // namespace
}  // namespace ringway::cli
