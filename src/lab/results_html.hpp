// Results of experiments as one page that needs no other file.
#pragma once

#include <string>

#include "lab/results_json.hpp"

namespace ringway::lab {

/// A whole HTML document: the machine's facts, and of each experiment its charts (SVG, inline), its
/// table with the claims and its notes. No scripts, nothing from elsewhere; light, dark and
/// printed.
[[nodiscard]] std::string as_html(const bench_run_record& run);

}  // namespace ringway::lab
