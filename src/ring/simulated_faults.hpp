// The dice of a simulated kernel: one generator for all that is random in a run.
#pragma once

#include <cstdint>

#include <ringway/ring/simulation_options.hpp>

#include "ring/simulated_random.hpp"

namespace ringway::detail {

class simulated_faults {
public:
    explicit simulated_faults(const simulation_options& options) noexcept
        : per_mille_{options.per_mille}, random_{options.seed} {}

    /// Whether `kind` strikes on this occasion; counted if it does.
    [[nodiscard]] bool strikes(fault kind) noexcept {
        if (!random_.per_mille(per_mille_[kind])) {
            return false;
        }
        ++struck_[kind];
        return true;
    }

    /// Takes a strike back that could not do harm.
    void missed(fault kind) noexcept { --struck_[kind]; }

    /// A part of `size` bytes: all of it, or between 1 and `size` - 1 bytes if `kind` strikes.
    [[nodiscard]] std::uint32_t shortened(fault kind, std::uint32_t size) noexcept {
        return size > 1 && strikes(kind) ? static_cast<std::uint32_t>(random_.between(1, size - 1))
                                         : size;
    }

    [[nodiscard]] simulated_random& random() noexcept { return random_; }
    [[nodiscard]] const per_fault<std::uint64_t>& struck() const noexcept { return struck_; }

private:
    per_fault<std::uint16_t> per_mille_;
    per_fault<std::uint64_t> struck_;
    simulated_random random_;
};

}  // namespace ringway::detail
