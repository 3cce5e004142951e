#include "monitor/kernel_symbols.hpp"

#include <gtest/gtest.h>
#include <string>

#include "support/temporary_site.hpp"

namespace ringway::monitor {
namespace {

TEST(kernel_symbols, finds_the_function_before_an_address) {
    test::temporary_site site;
    site.add("symbols",
             "ffffffff81000300 T third\n"
             "ffffffff81000100 t first\n"
             "ffffffff81000180 d data\n"
             "ffffffff81000200 T second\t[module]\n");
    kernel_symbols symbols{site.path() + "/symbols"};
    symbols.resolve({0xffffffff81000110, 0xffffffff81000200, 0xffffffff810003ff, 5});
    EXPECT_EQ(symbols.name(0xffffffff81000110), "first+0x10");
    EXPECT_EQ(symbols.name(0xffffffff81000200), "second+0x0");
    EXPECT_EQ(symbols.name(0xffffffff810003ff), "third+0xff");
    EXPECT_EQ(symbols.name(5), "");
    EXPECT_EQ(symbols.name(77), "");
}

// Goal: without privilege all addresses are zero; nothing is made up then.
TEST(kernel_symbols, has_no_names_where_addresses_are_hidden) {
    test::temporary_site site;
    site.add("symbols", "0000000000000000 T first\n");
    kernel_symbols symbols{site.path() + "/symbols"};
    symbols.resolve({0x1000});
    EXPECT_EQ(symbols.name(0x1000), "");
}

}  // namespace
}  // namespace ringway::monitor
