// What changed between two runs beyond the noise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "lab/results_json.hpp"
#include "lab/statistics.hpp"

namespace ringway::lab {

struct compare_settings {
    /// A smaller change is passed over, however certain it is.
    double threshold_percent = 2;
    /// Of the interval of each ratio. Many figures are compared at once, so this is more than the
    /// usual 95 %: each false alarm costs somebody a day.
    double confidence = 0.99;
    std::uint64_t seed = 1;
};

enum class verdict : std::uint8_t { same, better, worse, unknown };

struct change {
    std::string experiment;  ///< "net echo"
    std::string test;
    std::string subject;
    metric what;
    double before;
    double after;
    interval ratio;  ///< Of after to before.
    verdict is = verdict::unknown;
};

struct comparison {
    /// Why the two can't be compared: other machines, kernels or settings, results of --quick.
    std::vector<std::string> obstacles;
    std::vector<std::string> remarks;  ///< Rows of one run only, noisy rounds, failures.
    std::vector<change> changes;       ///< Every figure of both, in the order of the first run.
    std::size_t rows_compared = 0;

    [[nodiscard]] std::size_t count(verdict of) const;
    [[nodiscard]] std::size_t worse() const { return count(verdict::worse); }
};

/// Compares rates, latencies and processor time of every row that both runs have.
///
/// A figure is better or worse when the bootstrap interval of the ratio of its medians excludes 1
/// and the ratio itself is further from 1 than the threshold. `unknown` with fewer than 3 rounds on
/// either side: nothing can be said of noise then.
[[nodiscard]] comparison compare(const bench_run_record& before, const bench_run_record& after,
                                 const compare_settings& how = {});

/// For people: obstacles, what changed, and a line with the counts.
[[nodiscard]] std::string as_text(const comparison& of);

}  // namespace ringway::lab
