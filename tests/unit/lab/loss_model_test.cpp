#include "lab/loss_model.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

std::vector<bool> losses(const loss_options& options, std::uint64_t seed, int count) {
    loss_model model{options, seed, 1};
    std::vector<bool> lost;
    for (int i = 0; i < count; ++i) {
        lost.push_back(model.loses_next());
    }
    return lost;
}

double share(const std::vector<bool>& lost) {
    return static_cast<double>(std::ranges::count(lost, true)) / static_cast<double>(lost.size());
}

double mean_burst(const std::vector<bool>& lost) {
    int bursts = 0;
    for (std::size_t i = 0; i < lost.size(); ++i) {
        bursts += lost[i] && (i == 0 || !lost[i - 1]) ? 1 : 0;
    }
    return static_cast<double>(std::ranges::count(lost, true)) / bursts;
}

TEST(loss_model, nothing_is_lost_by_default) { EXPECT_EQ(share(losses({}, 1, 10'000)), 0); }

TEST(loss_model, the_same_seed_loses_the_same) {
    const auto options = loss_options::independent(0.1);
    EXPECT_EQ(losses(options, 5, 1000), losses(options, 5, 1000));
    EXPECT_NE(losses(options, 5, 1000), losses(options, 6, 1000));
}

// With 200,000 packets the deviation of the share is below 0.001: these bounds are over five.
TEST(loss_model, independent_losses) {
    for (const double wanted : {0.01, 0.05, 0.3}) {
        const auto lost = losses(loss_options::independent(wanted), 3, 200'000);
        EXPECT_NEAR(share(lost), wanted, 0.006);
        EXPECT_NEAR(mean_burst(lost), 1 / (1 - wanted), 0.05);
    }
}

TEST(loss_model, losses_in_bursts) {
    for (const double wanted : {0.02, 0.3}) {
        const auto options = loss_options::in_bursts(wanted, 3);
        EXPECT_NEAR(options.expected(), wanted, 1e-9);
        const auto lost = losses(options, 4, 400'000);
        EXPECT_NEAR(share(lost), wanted, 0.012);
        EXPECT_NEAR(mean_burst(lost), 3, 0.25);
    }
}

}  // namespace
}  // namespace ringway::lab
