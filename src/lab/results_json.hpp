// Results of experiments as JSON, to keep, to compare and to render again.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "lab/bench_results.hpp"
#include "lab/outcome.hpp"
#include "lab/report.hpp"

namespace ringway::lab {

/// Why an experiment has no result that an interrupt has kept from running, or to its end.
inline constexpr std::string_view interrupted_problem = "interrupted";

/// An experiment without results.
struct bench_failure {
    std::string experiment;  ///< "net echo"
    std::string problem;     ///< A line for people.
};

/// A whole run: what a file holds.
struct bench_run_record {
    std::string version;                                                 ///< Of Ringway.
    nlohmann::ordered_json machine = nlohmann::ordered_json::object();   ///< describe_machine()
    nlohmann::ordered_json settings = nlohmann::ordered_json::object();  ///< Which change figures.
    std::vector<experiment_result> experiments;
    std::vector<report> reports;          ///< Of the experiments over an impaired path.
    std::vector<bench_failure> failures;  ///< Experiments that were wanted and are not there.
    bool interrupted = false;             ///< It ended before its time, or has not ended yet.
};

/// Every round of every row, with its medians for those who read it without us.
[[nodiscard]] std::string to_json(const bench_run_record& run);

/// What `to_json` has written. Fails with what is wrong with it; unknown fields are passed over.
[[nodiscard]] outcome<bench_run_record> from_json(std::string_view text);

/// `from_json` of a file; "-" is standard input. Failures name the file.
[[nodiscard]] outcome<bench_run_record> read_record(const std::string& path);

/// The facts that a reader of figures has to know, name by name: what machine_facts has, and also
/// the memory, the frequency governor, the host, the driver that io_uring's probing chose, the file
/// system of `directory` and the system's name.
[[nodiscard]] nlohmann::ordered_json describe_machine(const std::string& directory);

}  // namespace ringway::lab
