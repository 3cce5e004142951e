#include "cli/version.hpp"

#include <gtest/gtest.h>

namespace ringway::cli {
namespace {

TEST(version, is_known) {
    EXPECT_NE(version_number(), "unknown");
    EXPECT_NE(kernel_release(), "unknown");
}

TEST(version, text_has_three_lines) {
    const auto text = version_text();
    EXPECT_TRUE(text.starts_with("ringway " + std::string{version_number()} + "\nbuild: ")) << text;
    EXPECT_TRUE(text.contains("\nkernel: Linux " + kernel_release())) << text;
}

}  // namespace
}  // namespace ringway::cli
