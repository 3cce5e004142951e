// What `ringway get` was asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ringway/http/client_types.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/wire/url.hpp>

namespace ringway::cli {

/// "FIRST-LAST", "FIRST-" or "-LAST": as Range has it, one part.
struct asked_range {
    std::optional<std::uint64_t> first;
    std::optional<std::uint64_t> last;

    [[nodiscard]] std::string text() const;
};

struct get_options {
    std::vector<wire::url> urls;

    http::client_version version = http::client_version::automatic;
    std::string output;  ///< "-" is standard output; empty: named after the URL.
    bool overwrite = false;
    bool go_on = false;  ///< -C
    std::optional<asked_range> range;
    std::uint64_t pieces = 1;    ///< -j
    std::uint64_t parallel = 4;  ///< URLs at a time.
    bool head_only = false;      ///< -I
    std::vector<http::client_field> fields;
    bool compressed = false;

    std::string trust_file;
    bool insecure = false;
    bool early_data = false;
    bool allow_downgrade = false;
    std::vector<endpoint> migrate;
    std::map<std::string, std::vector<endpoint>, std::less<>> addresses;

    std::chrono::milliseconds max_time{0};  ///< 0: none.
    std::chrono::milliseconds connect_timeout{30'000};
    std::chrono::milliseconds idle_timeout{60'000};
    std::uint64_t retries = 0;
    std::uint64_t limit_rate = 0;  ///< Bytes a second; 0: none.

    bool quiet = false;
    bool json = false;
    driver_kind driver = driver_kind::automatic;

    bool bench = false;
    std::uint64_t bench_connections = 10;
    std::uint64_t bench_streams = 1;
    std::chrono::milliseconds bench_duration{10'000};
    std::chrono::milliseconds bench_pause{0};  ///< Between an answer and the next request.
    std::uint64_t bench_requests = 0;          ///< 0: for as long as the duration says.
};

}  // namespace ringway::cli
