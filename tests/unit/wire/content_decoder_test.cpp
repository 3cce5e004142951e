#include <ringway/wire/content_decoder.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::wire {
namespace {

constexpr std::string_view text = "hello, hello, hello\n";
// `text` as each coding has it, by gzip(1), zlib's compressor, brotli(1) and zstd(1).
constexpr std::string_view gzip_text =
    "1f8b0800000000000203cb48cdc9c9d751c840a2b800e7426e5214000000";
constexpr std::string_view zlib_text = "789ccb48cdc9c9d751c840a2b8004b0706df";
constexpr std::string_view raw_text = "cb48cdc9c9d751c840a2b800";
constexpr std::string_view br_text = "1b13000024154058721045a2a9c4737a27";
constexpr std::string_view zstd_text = "28b52ffd04687500004068656c6c6f2c200a0100e28a1121699d87";
// "more\n".
constexpr std::string_view gzip_more = "1f8b0800000000000203cbcd2f4ae502007669ef6b05000000";
constexpr std::string_view zstd_more = "28b52ffd04682900006d6f72650a788655d1";
// 100 MiB of zeros.
constexpr std::string_view br_bomb =
    "cbffff3f002400e2b14072effff8ffff078004401c1680eefd1fffffff00900088c302d0bdffe3ffff1f00120071"
    "5800baf77ffcffff034002200e0b40f7fe8fffff7f004800c46101e8defff1ffff0f000980382c00ddfb3ffeffff"
    "012001108705a07bffc7ffff3f002400e2b00074effff8ffff078004401c1680eefd1fffffff00900088c302d0bd"
    "ffe3ffff1f001200715800baf77ff9ffff034002200e0b40f7fe07";

std::vector<std::byte> bytes_of(std::string_view hex) {
    std::vector<std::byte> out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out.push_back(static_cast<std::byte>(
            std::strtoul(std::string{hex.substr(i, 2)}.c_str(), nullptr, 16)));
    }
    return out;
}

std::string joined(std::string_view one, std::string_view other) {
    return std::string{one}.append(other);
}

bool knows(std::string_view coding) { return known_codings().contains(coding); }

// The content, or the name of the failure in brackets.
std::string decoded(std::string_view codings, std::string_view hex, std::size_t step = SIZE_MAX,
                    std::size_t room = 65536) {
    const auto made = content_decoder::make(codings);
    if (!made) {
        return "(" + std::string{name_of(made.error().code)} + ")";
    }
    const auto all = bytes_of(hex);
    byte_view from{all};
    std::vector<std::byte> into(room);
    std::string out;
    for (bool more = false; more || !from.empty();) {
        const auto some = (*made)->decode(from.first(std::min(step, from.size())), into);
        if (!some) {
            EXPECT_FALSE((*made)->problem().empty());
            return "(" + std::string{name_of(some.error().code)} + ")";
        }
        out.append(reinterpret_cast<const char*>(into.data()), some->produced);
        more = some->produced == room;
        from = from.subspan(some->consumed);
    }
    const auto whole = (*made)->finish();
    return whole ? out : "(" + std::string{name_of(whole.error().code)} + ")";
}

TEST(content_decoder, each_coding_in_pieces_of_any_size) {
    for (const auto& [coding, hex] : {std::pair{"gzip", gzip_text},
                                      {"X-GZip", gzip_text},
                                      {"deflate", zlib_text},
                                      {"deflate", raw_text},
                                      {"br", br_text},
                                      {"zstd", zstd_text}}) {
        if (!knows(coding == std::string_view{"X-GZip"} || coding == std::string_view{"deflate"}
                       ? "gzip"
                       : coding)) {
            continue;
        }
        EXPECT_EQ(decoded(coding, hex), text) << coding;
        for (const std::size_t step : {1U, 2U, 5U}) {
            for (const std::size_t room : {1U, 3U, 20U}) {
                EXPECT_EQ(decoded(coding, hex, step, room), text) << coding << step << room;
            }
        }
    }
}

TEST(content_decoder, this_build_names_what_it_decodes) {
    for (const std::string_view each : {"gzip", "br", "zstd"}) {
        EXPECT_EQ(content_decoder::make(each).has_value(), knows(each)) << each;
    }
}

TEST(content_decoder, nothing_to_take_off) {
    for (const std::string_view each : {"", "identity", " Identity , identity", ","}) {
        const auto made = content_decoder::make(each);
        ASSERT_TRUE(made) << each;
        EXPECT_EQ(*made, nullptr) << each;
    }
}

TEST(content_decoder, unknown_codings_and_too_many_are_refused) {
    for (const std::string_view each : {"compress", "gzip, aws-chunked", "gzip;q=1", "dcb"}) {
        EXPECT_EQ(decoded(each, ""), "(unsupported)") << each;
    }
    EXPECT_EQ(decoded("gzip, gzip, gzip, gzip", ""), "(unsupported)");
}

TEST(content_decoder, codings_on_top_of_each_other) {
    if (!knows("gzip") || !knows("br")) {
        GTEST_SKIP() << "built without zlib or brotli";
    }
    constexpr std::string_view both =
        "8b0e801f8b0800000000000203cb48cdc9c9d751c840a2b800e7426e521400000003";
    EXPECT_EQ(decoded("gzip, br", both), text);
    EXPECT_EQ(decoded("gzip,identity , br", both, 1, 1), text);
    EXPECT_EQ(decoded("br, gzip", both), "(malformed)");
}

TEST(content_decoder, members_and_frames_behind_each_other) {
    if (knows("gzip")) {
        EXPECT_EQ(decoded("gzip", joined(gzip_text, gzip_more)), std::string{text} + "more\n");
        EXPECT_EQ(decoded("gzip", joined(gzip_text, gzip_more), 1, 1),
                  std::string{text} + "more\n");
    }
    if (knows("zstd")) {
        EXPECT_EQ(decoded("zstd", joined(zstd_text, zstd_more), 1), std::string{text} + "more\n");
        EXPECT_EQ(decoded("zstd", joined("502a4d1803000000616263", zstd_more)), "more\n");
    }
}

TEST(content_decoder, every_cut_is_seen) {
    for (const auto& [coding, hex] :
         {std::pair{"gzip", gzip_text}, {"br", br_text}, {"zstd", zstd_text}}) {
        for (std::size_t end = 2; knows(coding) && end < hex.size(); end += 2) {
            EXPECT_EQ(decoded(coding, hex.substr(0, end)), "(truncated)") << coding << end;
        }
    }
    if (knows("gzip")) {
        EXPECT_EQ(decoded("gzip", joined(gzip_text, "1f")), "(truncated)");
    }
}

TEST(content_decoder, damage_and_garbage_are_seen) {
    if (knows("gzip")) {
        EXPECT_EQ(decoded("gzip", joined(gzip_text, "67617262")), "(malformed)");
        EXPECT_EQ(decoded("gzip", joined(gzip_text, "0000")), "(malformed)");
        EXPECT_EQ(decoded("gzip", "68656c6c6f"), "(malformed)");
        EXPECT_EQ(decoded("deflate", joined(zlib_text, "00"), 1), "(malformed)");
        std::string wrong_sum{gzip_text};
        wrong_sum[wrong_sum.size() - 10] = '0';
        EXPECT_EQ(decoded("gzip", wrong_sum), "(malformed)");
    }
    if (knows("br")) {
        EXPECT_EQ(decoded("br", joined(br_text, "00")), "(malformed)");
        EXPECT_EQ(decoded("br", joined(br_text, "00"), 1, 1), "(malformed)");
    }
    if (knows("zstd")) {
        EXPECT_EQ(decoded("zstd", joined(zstd_text, "67617262")), "(malformed)");
        // Format 0.5, which the library decodes as well.
        EXPECT_EQ(decoded("zstd", "25b52ffd046900"), "(malformed)");
        EXPECT_EQ(decoded("zstd", joined(zstd_text, "25b52ffd046900"), 1), "(malformed)");
        EXPECT_EQ(decoded("zstd", "28b52ffd0470000001003968"), "(malformed)");  // Window: 16 MiB.
    }
}

TEST(content_decoder, a_body_without_a_byte_is_empty) {
    for (const std::string_view each : {"gzip", "br", "zstd"}) {
        EXPECT_EQ(decoded(each, ""), knows(each) ? "" : "(unsupported)") << each;
    }
}

TEST(content_decoder, growth_has_a_limit) {
    if (!knows("br")) {
        GTEST_SKIP() << "built without brotli";
    }
    EXPECT_EQ(decoded("br", br_bomb), "(limit)");
}

}  // namespace
}  // namespace ringway::wire
