// What is told about one URL in the end.
#pragma once

#include <cstdint>
#include <string>

#include <ringway/http/client.hpp>

#include "cli/get_exit.hpp"

namespace ringway::cli {

struct get_report {
    std::string url;
    std::string final_url;
    std::string file;
    get_exit status = get_exit::ok;
    std::string problem;  ///< Why it failed.
    int http_status = 0;  ///< 0: there was no answer.
    http::client_version version = http::client_version::automatic;
    unsigned redirects = 0;
    std::uint64_t bytes = 0;  ///< That came now.
    std::string encoding;     ///< It came in this one and was decoded; empty: as it is.
    std::uint64_t encoded_bytes = 0;
    std::uint64_t resumed = 0;  ///< That were there before.
    std::size_t pieces = 0;
    unsigned retries = 0;
    http::client_timings timings;
    http::client_facts facts;

    /// Notes what `from` says; of several responses the last.
    void take(const http::client_response& from);
};

/// One line of JSON, with its line feed. Times in seconds, as floating point.
[[nodiscard]] std::string to_json(const get_report& report);

/// One line for people: "big.iso: 345 MiB in 1.23 s (280 MiB/s), HTTP/2".
[[nodiscard]] std::string to_line(const get_report& report);

}  // namespace ringway::cli
