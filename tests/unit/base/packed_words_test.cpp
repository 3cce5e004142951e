#include "base/packed_words.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <span>
#include <vector>

namespace ringway {
namespace {

constexpr std::uint64_t base = 0x7f12'3456'0000;

using words = std::vector<std::uint64_t>;

std::size_t packed_and_back(const words& from) {
    std::vector<std::byte> room(packed_words_max(from.size() * 8));
    const std::size_t size = pack_words(std::as_bytes(std::span{from}), base, room);
    EXPECT_LE(size, room.size());
    words back(from.size());
    unpack_words(std::span{room}.first(size), base, std::as_writable_bytes(std::span{back}));
    EXPECT_EQ(back, from);
    return size;
}

TEST(packed_words, come_back_as_they_were_at_every_limit) {
    words all;
    for (const std::uint64_t limit :
         {std::uint64_t{0}, std::uint64_t{1} << 16U, std::uint64_t{1} << 31U,
          std::uint64_t{1} << 32U, std::uint64_t{1} << 63U, base,
          base + (std::uint64_t{1} << 31U)}) {
        for (const std::uint64_t off : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
            all.push_back(limit + off);
        }
    }
    packed_and_back(all);
}

TEST(packed_words, of_any_number) {
    std::mt19937_64 random{7};
    for (std::size_t count = 0; count < 200; ++count) {
        words all(count);
        for (std::uint64_t& each : all) {
            each = random() >> (random() % 65 == 64 ? 0 : random() % 64);
            each = random() % 3 == 0 ? 0 : random() % 4 == 0 ? base + each % 300'000 : each;
        }
        packed_and_back(all);
    }
}

TEST(packed_words, of_zeros_take_next_to_nothing_and_pointers_half) {
    EXPECT_LE(packed_and_back(words(32'768)), 32'768 / 32 * 8U);
    EXPECT_LE(packed_and_back(words(32'768, base + 5)), 32'768 * 4 + 32'768 / 32 * 8U);
    EXPECT_LE(packed_and_back(words(32'768, ~std::uint64_t{0})), packed_words_max(32'768 * 8));
}

}  // namespace
}  // namespace ringway
