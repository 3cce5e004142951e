#include <ringway/wire/accept_encoding.hpp>

#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

// The codings that `header` accepts, best first, in one word.
std::string order(std::string_view header) {
    std::string text;
    for (const coding which : preferred_codings(header).order()) {
        text += text.empty() ? "" : " ";
        text += name_of(which);
    }
    return text;
}

TEST(accept_encoding, quality_decides_then_our_order) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", "identity"},
        {"gzip", "gzip identity"},
        {"gzip, br", "br gzip identity"},
        {"gzip, deflate, br, zstd", "br zstd gzip identity"},
        {"zstd, br;q=0.9, gzip;q=0.8", "zstd br gzip identity"},
        {"gzip;q=1.0, br;q=0.999", "gzip br identity"},
        {"br;q=0.001", "br identity"},
        {"identity, gzip;q=0.5", "identity gzip"},
        {"identity;q=0.5, gzip;q=0.5", "gzip identity"},
        {"GZIP, X-Gzip, Br", "br gzip identity"},
        {"x-gzip;q=0.3", "gzip identity"},
        {"deflate, compress", "identity"},
        {"gzip ; q=0.5 , br\t;\tq=0.4", "gzip br identity"},
        {", gzip,,", "gzip identity"},
        {"gzip;q=0", "identity"},
        {"gzip;q=0.000, br", "br identity"},
    };
    for (const auto& [header, expected] : cases) {
        EXPECT_EQ(order(header), expected) << header;
    }
}

TEST(accept_encoding, star_stands_for_what_is_not_named) {
    EXPECT_EQ(order("*"), "br zstd gzip identity");
    EXPECT_EQ(order("*, br;q=0"), "zstd gzip identity");
    EXPECT_EQ(order("gzip, *;q=0.1"), "gzip br zstd identity");
    EXPECT_EQ(order("gzip, *;q=0"), "gzip");
    EXPECT_EQ(order("identity;q=0.2, *;q=0"), "identity");
}

TEST(accept_encoding, everything_can_be_refused) {
    EXPECT_EQ(order("identity;q=0"), "");
    EXPECT_EQ(order("*;q=0"), "");
    EXPECT_EQ(order("identity;q=0, br"), "br");
}

TEST(accept_encoding, malformed_value_accepts_identity_alone) {
    for (const std::string_view header :
         {"gzip;", "gzip;q", "gzip;q=", "gzip;q=2", "gzip;q=1.001", "gzip;q=0.1234", "gzip;q=-1",
          "gzip;q=.5", "gzip;q=0,5;", "gzip;level=1", "gzip;q=1;q=0", "gzip br", "gzip;q= 1",
          "br, \"", ";q=1", "gzip;q=1x", "gzip;q=01"}) {
        EXPECT_EQ(order(header), "identity") << header;
    }
}

TEST(accept_encoding, best_available_is_chosen) {
    const auto gzip = coding_bit(coding::gzip);
    const auto all = static_cast<std::uint8_t>(gzip | coding_bit(coding::brotli));
    EXPECT_EQ(choose_coding("gzip, br", all), coding::brotli);
    EXPECT_EQ(choose_coding("gzip, br", gzip), coding::gzip);
    EXPECT_EQ(choose_coding("gzip, br", 0), coding::identity);
    EXPECT_EQ(choose_coding("zstd", all), coding::identity);
    EXPECT_EQ(choose_coding("", all), coding::identity);
    EXPECT_EQ(choose_coding("identity;q=0, zstd", all), std::nullopt);
}

}  // namespace
}  // namespace ringway::wire
