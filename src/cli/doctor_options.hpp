// What `ringway doctor` was asked to do.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <ringway/probe/finding.hpp>

#include "cli/workload.hpp"

namespace ringway::cli {

struct doctor_options {
    std::vector<probe::topic> topics;  ///< Only these; empty: all.
    bool json = false;
    bool commands_only = false;  ///< --fix
    bool verbose = false;
    std::string interface;
    std::chrono::milliseconds time{2500};
    bool try_interface = false;

    bool advise = false;
    workload described;       ///< Of advise.
    std::string results;      ///< Of bench; "": where they are by default.
    std::string description;  ///< --describe, as given.
};

}  // namespace ringway::cli
