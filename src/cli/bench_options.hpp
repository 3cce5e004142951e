// What `ringway bench` is to measure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ringway::cli {

struct bench_options {
    std::string table;                     ///< Which table of experiments: "quic".
    std::vector<std::string> experiments;  ///< Of it; none: all.
    bool list = false;                     ///< Print what there is and end.
    bool quick = false;
    bool quiet = false;
    std::uint64_t seed = 1;
    std::uint64_t samples = 0;  ///< 0: what each experiment needs.
    std::string out;            ///< Directory for JSON and charts; "": none.
    std::string capture;        ///< File for a pcapng capture; "": none.
    std::string quic_server;    ///< Program in place of `ringway serve`; "": ours.
    /// Instead of all that: be the client of an experiment, with these arguments (lab/probe.hpp).
    std::vector<std::string> probe;
    std::string quic_client;  ///< Program in place of `ringway get`; "": ours.
};

}  // namespace ringway::cli
