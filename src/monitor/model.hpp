// What the monitor has seen: plain data, without a kernel behind it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "../../bpf/monitor_types.h"

namespace ringway::monitor {

/// The views, in the order of their keys.
enum class view_id : std::uint8_t {
    connections,
    sources,
    drops,
    connects,
    queues,
    io_uring,
    programs,
};
inline constexpr std::size_t view_count = 7;

/// "connections", "io_uring".
[[nodiscard]] const char* name_of(view_id view) noexcept;

/// Whose a socket is. Empty where that can't be known.
struct owner {
    std::uint32_t process = 0;
    std::string name;
    std::string container;

    friend bool operator==(const owner&, const owner&) = default;
};

/// A socket that is open.
struct socket_record {
    monitor_socket seen{};
    owner whose;
};

/// A connection that has ended, or did not come about.
struct flow_record {
    monitor_end seen{};
    owner whose;
};

/// Why a connection ended: "refused", "timed out", "reset by peer", "closed here", ...
[[nodiscard]] const char* end_reason(const monitor_end& of) noexcept;
/// Whether it is a connect that came to nothing.
[[nodiscard]] bool has_failed_to_connect(const monitor_end& of) noexcept;

/// Connects to one place by one program that failed in one way.
struct failed_connect {
    std::array<std::uint8_t, 16> remote{};
    std::uint16_t port = 0;
    std::string reason;
    owner whose;
    std::uint64_t count = 0;
    std::uint64_t last_ns = 0;
    std::uint64_t took_us_sum = 0;
    std::uint64_t took_us_max = 0;
};

struct drop_record {
    monitor_drop_key key{};
    std::string reason;
    std::string location;  ///< Function of the kernel, with an offset.
    monitor_drop seen{};   ///< Summed over the processors.
};

struct uring_op {
    std::string name;  ///< "READV", "SEND_ZC".
    monitor_uring_op seen{};
};

struct uring_user {
    std::uint32_t op = 0;
    std::string op_name;
    owner whose;
    std::uint64_t submitted = 0;
};

struct source_record {
    monitor_source_key key{};
    monitor_source seen{};
};

/// A BPF program of this machine, and what it has cost.
struct program_cost {
    std::uint32_t id = 0;
    std::string name;
    std::string type;
    bool ours = false;
    std::uint64_t runs = 0;
    std::uint64_t run_time_ns = 0;
};

/// Something that was seen and not kept.
struct loss {
    std::string what;  ///< "drops", "ended connections".
    std::uint64_t count = 0;
    std::string remedy;  ///< The option that gives more room.
};

/// How full a table is.
struct table_fill {
    std::string table;
    std::uint64_t entries = 0;
    std::uint64_t room = 0;
};

/// Everything at one moment. Counters only grow, from the start of the monitor.
struct snapshot {
    std::uint64_t at_ns = 0;  ///< CLOCK_MONOTONIC.
    std::int64_t unix_ms = 0;
    std::uint64_t started_ns = 0;  ///< When the monitor began to look.
    std::uint64_t took_us = 0;     ///< To collect this.
    unsigned processors = 1;
    std::array<std::string, view_count> missing;  ///< Why a view has nothing to show; or "".
    std::vector<socket_record> sockets;
    unsigned networks = 0;         ///< Network namespaces that were looked into.
    unsigned networks_closed = 0;  ///< Those that could not be.
    monitor_tcp_totals tcp{};
    std::uint64_t flow_bytes_in = 0;  ///< Of connections that have ended.
    std::uint64_t flow_bytes_out = 0;
    std::vector<failed_connect> failed;
    std::vector<drop_record> drops;
    monitor_overflow drops_total{};
    std::vector<uring_op> uring;
    std::vector<uring_user> uring_users;
    std::vector<source_record> sources;
    monitor_overflow sources_total{};
    std::uint64_t sources_evicted = 0;
    std::vector<program_cost> programs;
    std::uint64_t programs_timed_ns = 0;  ///< For how long their runs were counted and timed.
    std::vector<loss> losses;
    std::vector<table_fill> fills;
};

/// How long the first connection in the queue of `listener` has been waiting to be accepted; 0
/// where there is none, or where that is not known.
[[nodiscard]] std::uint64_t waited_us(const monitor_socket& listener, const snapshot& now) noexcept;

}  // namespace ringway::monitor
