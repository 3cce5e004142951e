// What every experiment of `ringway bench` owes: all its rows, and a clean disk.
#pragma once

#include <cstddef>
#include <string>

namespace ringway::test {

/// Runs `ringway bench TABLE EXPERIMENT` quickly, in one round, and expects at least `rows_min`
/// rows, each measured without a failed operation or with a reason why not; at least two that were
/// measured, whatever is missing here; and nothing left in the directory of its files.
void expect_every_row(const std::string& table, const std::string& experiment,
                      std::size_t rows_min);

}  // namespace ringway::test
