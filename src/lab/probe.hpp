// A client with one connection: a large response, read at a steady pace, and small requests beside.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/http/client_types.hpp>

namespace ringway::lab {

struct probe_options {
    http::client_version version = http::client_version::http_3;
    std::string trust_file;
    std::string bulk_url;
    std::string probe_url;
    std::chrono::milliseconds warm_up{1500};  ///< The large response alone.
    std::chrono::milliseconds interval{10};   ///< Between two small requests.
    std::uint64_t count = 100;                ///< Of small requests.
    std::uint64_t bulk_rate = 1'000'000;      ///< Bytes a second that are read.
};

/// What this client is told on its command line, and understands there.
[[nodiscard]] std::vector<std::string> to_arguments(const probe_options& options);
[[nodiscard]] std::optional<probe_options> from_arguments(std::span<const std::string> arguments);

/// Runs it on an event loop of its own and prints what it saw as one line of JSON:
/// {"probe_ms": [...], "bulk_bytes": N, "failed": N, "problem": ""}. Yields the exit status.
[[nodiscard]] int run_probe(const probe_options& options);

}  // namespace ringway::lab
