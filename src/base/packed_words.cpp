#include "base/packed_words.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <ringway/base/assert.hpp>

namespace ringway {
namespace {

// How a word is written: two bits each, 32 of them in front of 32 words.
enum kind : std::uint8_t {
    zero,   // Not at all.
    small,  // In 2 bytes.
    half,   // In 4 bytes, the highest bit saying that it counts from the base.
    whole,
};

constexpr std::size_t word_bytes = sizeof(std::uint64_t);
constexpr std::size_t group = 32;
constexpr std::uint64_t small_end = std::uint64_t{1} << 16U;
constexpr std::uint64_t half_end = std::uint64_t{1} << 31U;

std::uint64_t load(const std::byte* from, std::size_t bytes) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, from, bytes);  // The lowest bytes come first on what we run on.
    return word;
}

// Returns the kind; `into` moves behind what was written.
kind write_word(std::uint64_t word, std::uint64_t base, std::byte*& into) noexcept {
    const auto put = [&into](std::uint64_t what, std::size_t bytes) {
        std::memcpy(into, &what, bytes);
        into += bytes;
    };
    if (word == 0) {
        return zero;
    }
    if (word < small_end) {
        put(word, 2);
        return small;
    }
    if (word < half_end) {
        put(word, 4);
        return half;
    }
    if (word - base < half_end) {
        put((word - base) | half_end, 4);
        return half;
    }
    put(word, word_bytes);
    return whole;
}

}  // namespace

std::size_t pack_words(std::span<const std::byte> from, std::uint64_t base,
                       std::span<std::byte> into) noexcept {
    RW_ASSERT(from.size() % word_bytes == 0 && into.size() >= packed_words_max(from.size()));
    std::byte* to = into.data();
    while (!from.empty()) {
        const std::size_t words = std::min(group, from.size() / word_bytes);
        std::byte* const kinds_at = to;
        std::uint64_t kinds = 0;
        to += word_bytes;
        for (std::size_t i = 0; i < words; ++i) {
            const std::uint64_t word = load(from.data() + i * word_bytes, word_bytes);
            kinds |= std::uint64_t{write_word(word, base, to)} << (2 * i);
        }
        std::memcpy(kinds_at, &kinds, word_bytes);
        from = from.subspan(words * word_bytes);
    }
    return static_cast<std::size_t>(to - into.data());
}

void unpack_words(std::span<const std::byte> packed, std::uint64_t base,
                  std::span<std::byte> into) noexcept {
    const std::byte* at = packed.data();
    const std::byte* const end = at + packed.size();
    for (std::size_t from = 0; from < into.size(); from += group * word_bytes) {
        RW_ASSERT(at + word_bytes <= end);
        std::uint64_t kinds = load(at, word_bytes);
        at += word_bytes;
        for (std::byte* to = into.data() + from; kinds != 0; kinds >>= 2U, to += word_bytes) {
            constexpr std::size_t sizes[]{0, 2, 4, word_bytes};
            const auto how = static_cast<kind>(kinds & 3U);
            if (how == zero) {
                continue;
            }
            std::uint64_t word = load(at, sizes[how]);
            at += sizes[how];
            if (how == half && word >= half_end) {
                word = base + (word - half_end);
            }
            std::memcpy(to, &word, word_bytes);
        }
    }
    RW_ASSERT(at == end);
}

}  // namespace ringway
