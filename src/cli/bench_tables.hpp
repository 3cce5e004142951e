// The tables of experiments that `ringway bench` knows.
#pragma once

#include <span>
#include <string_view>

#include "lab/experiment.hpp"

namespace ringway::cli {

struct bench_table {
    std::string_view name;
    std::string_view summary;
    std::span<const lab::experiment> (*experiments)();
};

/// All of them. Static.
[[nodiscard]] std::span<const bench_table> bench_tables();

/// The table called `name`; null if there is none.
[[nodiscard]] const bench_table* find_bench_table(std::string_view name);

}  // namespace ringway::cli
