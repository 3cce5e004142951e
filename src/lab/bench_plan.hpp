// The framework of `ringway bench` for everything but QUIC: an experiment prepares a plan, a table
// of rows; the runner measures the rows in interleaved rounds and says what can be said of them.
//
// To add an experiment: write `outcome<bench_plan> plan_x(const bench_settings&)`, put it into the
// list of its group (bench_groups.cpp), and say in tools/untested.txt what tests it. The rows of a
// plan own what they need through their closures (shared_ptr); it is gone when the plan dies.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lab/measurement.hpp"
#include "lab/metric.hpp"
#include "lab/outcome.hpp"

namespace ringway::lab {

/// What the user has chosen.
struct bench_settings {
    std::string program;    ///< This executable, to be started as a server or as a load.
    std::string directory;  ///< For the files of experiments; it exists and has room.
    std::uint64_t seed = 1;
    bool quick = false;  ///< Smaller and shorter: to see that it works, not to quote.
    unsigned rounds = 5;
    double seconds = 3;                 ///< Of one measurement.
    std::vector<unsigned> connections;  ///< Counts of connections; none: what each needs.
    std::vector<double> rates;          ///< Constant rates per second; none: what each needs.
    unsigned server_core = 0;
    unsigned load_core = 1;
    void (*progress)(std::string_view line) = nullptr;  ///< Told what is being done; may be null.
    bool (*interrupted)() = nullptr;  ///< Whether the user wants the end; may be null.

    void tell(std::string_view line) const {
        if (progress != nullptr) {
            progress(line);
        }
    }
    [[nodiscard]] bool ends() const { return interrupted != nullptr && interrupted(); }
};

/// One call of a row's function.
struct trial {
    const bench_settings& settings;
    unsigned round = 0;
    double seconds = 1;  ///< How long to measure, where that is a choice.
    /// The round in which system calls are counted: counting costs, so nothing else of this round
    /// is used. It also warms up.
    bool counting = false;
};

/// What somebody claims, to stand beside what was measured.
struct claimed_value {
    metric what;
    double value;
};

struct measured_row {
    std::string test;     ///< Under which conditions: rows with the same are compared. "64 conn."
    std::string subject;  ///< Who or which way: "epoll".
    /// Fails with a line for people; the row then lacks this round.
    std::move_only_function<outcome<measurement>(const trial&)> measure;
    std::string not_measured;           ///< Why not, in place of `measure`: "needs fio".
    std::vector<claimed_value> claims;  ///< Of the tutorial.
};

struct wanted_chart {
    metric what;
    bool logarithmic = false;
};

struct bench_plan {
    std::string title;      ///< What is measured, with its conditions.
    std::string operation;  ///< Of what "per operation" speaks: "message".
    std::string baseline;   ///< The subject that ratios are to; "": the first of each test.
    std::vector<metric> ratios{metric::rate, metric::cpu};  ///< Of which ratios are shown.
    std::vector<measured_row> rows;                         ///< In the order of the table.
    std::vector<wanted_chart> charts;
    std::vector<std::string> notes;  ///< What the reader must know.
    /// Called between the rounds, for what has to be done once in each; may be empty.
    std::move_only_function<void(unsigned round)> before_round;
};

struct bench_experiment {
    std::string_view name;
    std::string_view summary;
    /// Fails with a line for people when nothing of it can be measured here.
    outcome<bench_plan> (*prepare)(const bench_settings& settings);
};

}  // namespace ringway::lab
