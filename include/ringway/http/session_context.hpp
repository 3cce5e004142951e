// What all connections of a shard have in common.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <ringway/http/abuse_budget.hpp>
#include <ringway/http/abuse_listener.hpp>
#include <ringway/http/connection_gate.hpp>
#include <ringway/http/date_cache.hpp>
#include <ringway/http/file_blocks.hpp>
#include <ringway/http/handler.hpp>
#include <ringway/observe/access_log.hpp>
#include <ringway/observe/http_metrics.hpp>
#include <ringway/transfer/transfer.hpp>
#include <ringway/wire/h1_request.hpp>

namespace ringway::http {

/// What a connection may cost. Every limit has a name and a default that suits a public server.
struct session_limits {
    wire::head_limits head;
    /// From the first byte of a head (or from the start of the connection) to its last.
    std::chrono::milliseconds header_timeout{10'000};
    /// Between a response and the next request.
    std::chrono::milliseconds idle_timeout{75'000};
    /// A response must move this many bytes per second, measured over `rate_window`; 0: no limit.
    std::uint64_t rate_min = 500;
    std::chrono::milliseconds rate_window{10'000};
    /// Bytes of an unwanted request body that are read so that the connection can go on.
    std::uint64_t discard_bytes_max = std::uint64_t{64} * 1024;
    /// Requests per connection; 0: no limit.
    std::uint64_t requests_max = 0;
    /// How long to read what a peer still sends after the last response, so that a reset does not
    /// overtake it.
    std::chrono::milliseconds linger{2'000};
    /// Connections without TLS may begin with HTTP/2 (RFC 9113 section 3.3).
    bool h2c = false;
    /// Requests of a connection of HTTP/2 or HTTP/3 that may be in flight at a time.
    std::uint32_t streams_max = 100;
    /// Of files that are sent with HTTP/3, per shard, beyond what is in flight.
    std::size_t block_bytes_max = std::size_t{32} * 1024 * 1024;
    /// Of a connection with streams, for what serves nobody.
    budget_limits budget;
};

class session;

/// Shared by the sessions of one shard; outlives them.
struct session_context {
    session_context(handler& answers, const session_limits& bounds, transfer_method method,
                    observe::http_metrics& counters, observe::access_log* access, unsigned shard,
                    abuse_listener* hears_of_abuse = nullptr)
        : answer{answers},
          limits{bounds},
          sender{method},
          metrics{counters},
          log{access},
          shard_id{shard},
          abuse{hears_of_abuse},
          budgets{bounds.budget},
          blocks{std::make_unique<file_blocks>(bounds.block_bytes_max)} {}

    handler& answer;
    const session_limits& limits;
    file_sender sender;
    observe::http_metrics& metrics;
    observe::access_log* log;  ///< Null: no access log.
    unsigned shard_id;
    abuse_listener* abuse;  ///< Null: nobody.
    budget_table budgets;   ///< By client address.
    std::unique_ptr<file_blocks> blocks;
    date_cache date;
    bool draining = false;     ///< Every response is the last of its connection.
    session* first = nullptr;  ///< The open sessions, from the youngest
    session* last = nullptr;   ///< to the oldest.
    std::uint64_t connections = 0;
};

}  // namespace ringway::http
