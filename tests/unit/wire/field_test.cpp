#include <ringway/wire/field.hpp>

#include <cctype>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

field field_at(std::size_t index) { return static_cast<field>(index); }

TEST(field, every_name_is_recognised_in_any_case) {
    for (std::size_t i = 0; i < field_count; ++i) {
        const std::string lower{name_of(field_at(i))};
        std::string upper = lower;
        std::string mixed = lower;
        for (std::size_t at = 0; at < lower.size(); ++at) {
            upper[at] = static_cast<char>(std::toupper(lower[at]));
            mixed[at] = at % 2 == 0 ? upper[at] : lower[at];
        }
        EXPECT_EQ(classify_field(lower), field_at(i)) << lower;
        EXPECT_EQ(classify_field(upper), field_at(i)) << upper;
        EXPECT_EQ(classify_field(mixed), field_at(i)) << mixed;
    }
}

// Goal: the case bit is ignored for letters and for nothing else.
TEST(field, one_changed_byte_makes_another_name) {
    for (std::size_t i = 0; i < field_count; ++i) {
        const std::string name{name_of(field_at(i))};
        for (std::size_t at = 0; at < name.size(); ++at) {
            for (int code = 0; code < 256; ++code) {
                auto changed = name;
                changed[at] = static_cast<char>(code);
                const bool same = code < 128 && std::tolower(code) == name[at];
                EXPECT_EQ(classify_field(changed) == field_at(i), same) << name << ' ' << code;
            }
        }
    }
}

TEST(field, prefixes_and_longer_names_are_other) {
    for (std::size_t i = 0; i < field_count; ++i) {
        const std::string name{name_of(field_at(i))};
        EXPECT_NE(classify_field(name + "s"), field_at(i));
        EXPECT_NE(classify_field(std::string_view{name}.substr(1)), field_at(i));
    }
    EXPECT_EQ(classify_field(""), field::other);
    EXPECT_EQ(classify_field("x-forwarded-for"), field::other);
    EXPECT_EQ(classify_field(std::string(300, 'a')), field::other);
}

TEST(field, other_has_a_name_for_logs) { EXPECT_EQ(name_of(field::other), "other"); }

}  // namespace
}  // namespace ringway::wire
