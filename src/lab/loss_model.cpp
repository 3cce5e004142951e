#include "lab/loss_model.hpp"

#include <ringway/base/assert.hpp>

namespace ringway::lab {

loss_options loss_options::in_bursts(double share, double burst) {
    RW_ASSERT(share >= 0 && share < 1 && burst >= 1);
    // The bad state lasts 1 / to_good packets, and holds the share to_bad / (to_bad + to_good).
    const double to_good = 1 / burst;
    return {.good = 0, .bad = 1, .to_bad = share * to_good / (1 - share), .to_good = to_good};
}

double loss_options::expected() const noexcept {
    const double in_bad = to_bad <= 0 ? 0 : to_bad / (to_bad + to_good);
    return good * (1 - in_bad) + bad * in_bad;
}

bool loss_model::loses_next() {
    const bool turns = chance_.happens(bad_ ? options_.to_good : options_.to_bad);
    bad_ = bad_ != turns;
    return chance_.happens(bad_ ? options_.bad : options_.good);
}

}  // namespace ringway::lab
