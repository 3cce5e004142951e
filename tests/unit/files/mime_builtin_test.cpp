#include "files/mime_builtin.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace ringway::files {
namespace {

TEST(mime_builtin, names_every_extension_once_and_in_lower_case) {
    std::istringstream lines{std::string{builtin_mime_types}};
    std::set<std::string> seen;
    std::set<std::string> types;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string type;
        words >> type;
        types.insert(type);
        for (std::string extension; words >> extension;) {
            EXPECT_TRUE(seen.insert(extension).second) << extension;
            EXPECT_TRUE(std::ranges::none_of(extension, [](char c) {
                return c >= 'A' && c <= 'Z';
            })) << extension;
        }
    }
    EXPECT_GE(types.size(), 120U);
    EXPECT_GE(seen.size(), 200U);
}

}  // namespace
}  // namespace ringway::files
