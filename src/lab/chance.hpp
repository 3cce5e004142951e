// Seeded chance: the same seed gives the same losses on any machine.
#pragma once

#include <cstdint>
#include <random>

namespace ringway::lab {

/// A stream of random numbers for one purpose. Streams of one seed and different purposes have
/// nothing to do with each other, so that to switch one impairment on does not change another.
class chance {
public:
    chance(std::uint64_t seed, std::uint32_t purpose) {
        // The engine and the sequence are specified bit for bit; the distributions of the standard
        // library are not, and so are not used.
        std::seed_seq sequence{static_cast<std::uint32_t>(seed),
                               static_cast<std::uint32_t>(seed >> 32U), purpose};
        engine_.seed(sequence);
    }

    /// True with the probability `share`, from 0 to 1.
    [[nodiscard]] bool happens(double share) {
        return static_cast<double>(engine_() >> 11U) * 0x1p-53 < share;
    }
    [[nodiscard]] std::uint64_t number() { return engine_(); }

private:
    std::mt19937_64 engine_;
};

}  // namespace ringway::lab
