#include "tls/partial_record.hpp"

#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "support/sockets.hpp"

namespace ringway::tls {
namespace {

using namespace std::string_view_literals;

TEST(partial_record, takes_one_record_and_no_more) {
    const std::string wire = std::string{"\x17\3\3\0\5hello"sv} + "next";
    for (std::size_t cut = 0; cut <= 10; ++cut) {
        partial_record record;
        EXPECT_TRUE(record.empty());
        const auto bytes = as_bytes(wire);
        EXPECT_EQ(record.fill(bytes.first(cut)), cut);
        EXPECT_EQ(record.complete(), cut == 10);
        EXPECT_EQ(record.fill(bytes.subspan(cut)), 10 - cut);
        EXPECT_TRUE(record.complete());
        const buffer_lease lease = record.release(5, 5);
        EXPECT_EQ(as_text(lease.bytes()), "hello");
        EXPECT_TRUE(record.empty());
    }
}

TEST(partial_record, a_record_that_is_too_long_ends_after_its_header) {
    partial_record record;
    EXPECT_EQ(record.fill(as_bytes("\x17\3\3\xff\xff and more"sv)), 5U);
    EXPECT_TRUE(record.complete());
}

TEST(partial_record, an_empty_record_is_a_header) {
    partial_record record;
    EXPECT_EQ(record.fill(as_bytes("\x17\3\3\0\0more"sv)), 5U);
    EXPECT_TRUE(record.complete());
    EXPECT_EQ(record.bytes().size(), 5U);
}

TEST(partial_record, grows_to_the_longest) {
    partial_record record;
    const std::string wire = std::string{"\x17\3\3\x41\0"sv} + test::pattern(16640);
    std::size_t at = 0;
    while (!record.complete()) {
        at += record.fill(as_bytes(wire).subspan(at, std::min<std::size_t>(100, wire.size() - at)));
    }
    EXPECT_EQ(at, wire.size());
    EXPECT_TRUE(as_text(record.bytes()) == wire);
    record.clear();
    EXPECT_TRUE(record.empty());
}

}  // namespace
}  // namespace ringway::tls
