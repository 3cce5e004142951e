#include "wire/text_writer.hpp"

#include <array>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace ringway::wire::detail {
namespace {

TEST(text_writer, puts_texts_and_numbers_one_after_the_other) {
    std::array<char, 64> out{};
    text_writer text{out};
    text.add("a");
    text.add("");
    text.add_number(-5);
    text.add("/");
    text.add_number(std::numeric_limits<std::uint64_t>::max());
    text.add_number(255, 16);
    EXPECT_EQ(text.text(), "a-5/18446744073709551615ff");
}

TEST(text_writer, fills_its_memory_to_the_last_byte) {
    std::array<char, 3> out{};
    text_writer text{out};
    text.add("ab");
    text.add_number(7);
    EXPECT_EQ(text.text(), "ab7");
}

TEST(text_writer_death_test, too_much_is_a_bug) {
    std::array<char, 3> out{};
    text_writer text{out};
    EXPECT_DEATH(text.add("abcd"), "assertion failed");
    EXPECT_DEATH(text.add_number(1234), "assertion failed");
}

}  // namespace
}  // namespace ringway::wire::detail
