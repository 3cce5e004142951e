// Random numbers that depend on nothing but their seed: xoshiro256**, seeded by splitmix64.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include <ringway/base/assert.hpp>

namespace ringway::detail {

/// One step of splitmix64: a good mix of `value`, which it moves on.
[[nodiscard]] constexpr std::uint64_t splitmix(std::uint64_t& value) noexcept {
    value += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = value;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

class simulated_random {
public:
    explicit constexpr simulated_random(std::uint64_t seed) noexcept {
        for (std::uint64_t& word : words_) {
            word = splitmix(seed);
        }
    }

    [[nodiscard]] constexpr std::uint64_t next() noexcept {
        const std::uint64_t value = std::rotl(words_[1] * 5, 7) * 9;
        const std::uint64_t shifted = words_[1] << 17;
        words_[2] ^= words_[0];
        words_[3] ^= words_[1];
        words_[1] ^= words_[2];
        words_[0] ^= words_[3];
        words_[2] ^= shifted;
        words_[3] = std::rotl(words_[3], 45);
        return value;
    }

    /// A number less than `bound`, which is not 0.
    [[nodiscard]] constexpr std::uint64_t below(std::uint64_t bound) noexcept {
        RW_ASSERT(bound > 0);
        return next() % bound;
    }

    /// A number from `low` to `high`, both included.
    [[nodiscard]] constexpr std::uint64_t between(std::uint64_t low, std::uint64_t high) noexcept {
        return low + below(high - low + 1);
    }

    /// True in `rate` of 1000 cases.
    [[nodiscard]] constexpr bool per_mille(unsigned rate) noexcept {
        return rate > 0 && below(1000) < rate;
    }

private:
    std::array<std::uint64_t, 4> words_{};
};

}  // namespace ringway::detail
