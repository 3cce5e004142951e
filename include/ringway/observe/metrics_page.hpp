// Everything that Ringway exports, as one page of Prometheus text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <ringway/observe/http_metrics.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway::observe {

/// Where the counters of one shard are. All may be written while the page is made.
struct shard_sources {
    const http_metrics* http = nullptr;       ///< Not null.
    const shard_counters* runtime = nullptr;  ///< Not null.
    const driver_counters* io = nullptr;      ///< Not null.
    std::uint64_t log_dropped = 0;            ///< Access log lines that found no room.
};

/// When a certificate expires.
struct certificate_expiry {
    std::string name;  ///< "example.org"
    std::string key;   ///< "ECDSA"
    std::int64_t unix_s = 0;
};

/// The certificates of the moment, and how loading them anew went. Without any nothing is said.
struct certificate_metrics {
    std::vector<certificate_expiry> expiries;
    bool reload_successful = true;
    std::int64_t reload_success_unix_s = 0;
};

/// What is true of the process as a whole.
struct process_facts {
    std::string version;  ///< "0.1.0"
    std::string driver;   ///< "io_uring" or "epoll"
    std::string kernel;   ///< "6.12.5": uname(2)'s release.
    std::int64_t start_unix_s = 0;
    std::uint64_t open_fds = 0;
    std::uint64_t max_fds = 0;
    std::uint64_t log_lost = 0;  ///< Access log lines that could not be written.
    certificate_metrics certificates;
};

/// Appends the page. What requests did is summed over the shards; what shards themselves do has a
/// label "shard". Allocates; takes some 50 us: not for the request path.
void append_metrics_page(std::string& out, std::span<const shard_sources> shards,
                         const process_facts& process);

/// The descriptors that this process has open, counted in /proc/self/fd; 0 if that can't be read.
/// Takes longer the more there are: a system call per 1000 or so.
[[nodiscard]] std::uint64_t count_open_fds() noexcept;

}  // namespace ringway::observe
