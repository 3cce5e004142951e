// What `ringway bench` is to measure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ringway::cli {

/// What is to be done: measure, or something with results of earlier runs.
enum class bench_action : std::uint8_t { measure, compare, render };

struct bench_options {
    bench_action action = bench_action::measure;
    std::string table;                     ///< Which table of experiments: "quic"; "all".
    std::vector<std::string> experiments;  ///< Of it; none: all.
    std::vector<std::string> files;        ///< Results to compare or to render.
    bool list = false;                     ///< Print what there is and end.
    bool quick = false;
    bool quiet = false;
    std::uint64_t seed = 1;
    std::uint64_t samples = 0;          ///< 0: what each experiment needs.
    std::uint64_t rounds = 0;           ///< 0: what is usual.
    double seconds = 0;                 ///< Of one measurement; 0: what is usual.
    std::vector<unsigned> connections;  ///< None: what each experiment needs.
    std::vector<double> rates;          ///< Constant ones; none: what each needs.
    std::uint64_t server_core = 0;
    std::uint64_t load_core = 1;
    std::string directory;  ///< For the files of experiments; "": a temporary one.
    double threshold = 2;   ///< Of compare: percent that a change must have to be told.

    std::string out;       ///< Directory for JSON and charts of each quic experiment; "": none.
    std::string json;      ///< File for all results; "": none.
    std::string html;      ///< File for a report; "": none.
    std::string markdown;  ///< File for tables; "": none.
    std::string capture;   ///< File for a pcapng capture; "": none.

    std::string quic_server;  ///< Program in place of `ringway serve`; "": ours.
    std::string quic_client;  ///< Program in place of `ringway get`; "": ours.
    /// Instead of all that: be a part of an experiment, with these arguments.
    enum class part : std::uint8_t { none, probe, server, load, datagrams };
    part be = part::none;
    std::vector<std::string> part_arguments;
};

}  // namespace ringway::cli
