// What `ringway doctor advise` says, as text and as JSON.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/advice.hpp"
#include "cli/advice_figures.hpp"

namespace ringway::cli {

struct advice_report {
    workload what;
    std::vector<recommendation> all;
    const lab::bench_run_record* results = nullptr;  ///< Null: none were found.
    std::string results_path;
    std::string kernel;  ///< That runs now, which figures may not be of.
};

/// No line is wider than 80 columns.
[[nodiscard]] std::string as_text(const advice_report& report, bool colours);

/// One object, whose members docs/guide/doctor.md tells.
[[nodiscard]] std::string as_json(const advice_report& report);

}  // namespace ringway::cli
