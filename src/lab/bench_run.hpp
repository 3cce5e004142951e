// Measuring a plan in interleaved rounds.
#pragma once

#include <string>
#include <string_view>

#include "lab/bench_plan.hpp"
#include "lab/bench_results.hpp"

namespace ringway::lab {

/// Measures every row of `plan`: once to warm up and to count system calls, then
/// `settings.rounds` times.
///
/// Never all of A and then all of B: a machine drifts. Every round runs every test on every
/// subject, and another subject goes first in each. What others used of the processors meanwhile
/// is noted with each measurement; the children of a row must have been waited for when its
/// function returns, else they count as others. Ends early when the user wants that.
[[nodiscard]] experiment_result run_plan(bench_plan& plan, std::string_view group,
                                         std::string_view name, const bench_settings& settings);

/// The indices of the rows in the order of round `round`: test after test as they first occur, the
/// subjects of each rotated by `round`.
[[nodiscard]] std::vector<std::size_t> order_of_round(const bench_plan& plan, unsigned round);

}  // namespace ringway::lab
