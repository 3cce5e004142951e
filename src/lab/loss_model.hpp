// Which packets a lossy path loses.
#pragma once

#include <cstdint>

#include "lab/chance.hpp"

namespace ringway::lab {

/// Two states, each with a loss of its own (Gilbert-Elliott). With `to_bad` 0, which is the
/// default, the path stays in the good state, and losses are independent of each other (Bernoulli).
struct loss_options {
    double good = 0;     ///< Share that is lost in the good state.
    double bad = 1;      ///< The same in the bad state.
    double to_bad = 0;   ///< Probability, per packet, to go from good to bad.
    double to_good = 1;  ///< And back.

    /// Independent losses.
    [[nodiscard]] static loss_options independent(double share) { return {.good = share}; }
    /// Losses in bursts of `burst` packets on average, 1 or more, that make up `share` of all.
    [[nodiscard]] static loss_options in_bursts(double share, double burst);
    /// The share of packets that is lost in the long run.
    [[nodiscard]] double expected() const noexcept;
};

/// Decides packet by packet.
class loss_model {
public:
    loss_model(const loss_options& options, std::uint64_t seed, std::uint32_t purpose)
        : options_{options}, chance_{seed, purpose} {}

    [[nodiscard]] bool loses_next();

private:
    loss_options options_;
    chance chance_;
    bool bad_ = false;
};

}  // namespace ringway::lab
