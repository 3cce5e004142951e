// The tables of experiments that `ringway bench` knows.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "lab/bench_plan.hpp"
#include "lab/experiment.hpp"

namespace ringway::cli {

/// One of the two kinds of experiments is there, the other is null.
struct bench_table {
    std::string_view name;
    std::string_view summary;
    std::span<const lab::experiment> (*experiments)() = nullptr;     ///< Over the network.
    std::span<const lab::bench_experiment> (*measured)() = nullptr;  ///< In interleaved rounds.

    struct entry {
        std::string_view name;
        std::string_view summary;
    };
    /// What there is to choose from.
    [[nodiscard]] std::vector<entry> entries() const;
};

/// The name that stands for every table.
inline constexpr std::string_view all_tables = "all";

/// All of them. Static.
[[nodiscard]] std::span<const bench_table> bench_tables();

/// The table called `name`; null if there is none.
[[nodiscard]] const bench_table* find_bench_table(std::string_view name);

}  // namespace ringway::cli
