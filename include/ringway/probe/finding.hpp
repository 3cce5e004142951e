// What was found out about this machine, as data: one row for each thing that it can do or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ringway::probe {

/// Whether the machine can do it, for this process and its rights.
enum class state : std::uint8_t {
    no,
    partial,  ///< With a restriction that the detail tells.
    yes,
    unknown,  ///< It could not be tried: the detail tells why.
};

/// What a row is about; rows are told in this order.
enum class topic : std::uint8_t {
    serving,       ///< What `ringway serve` takes of all that follows.
    technologies,  ///< The ways to move bytes that tutorials compare, put together from rows below.
    io_uring,
    files,
    tls,
    network,
    xdp,
    bpf,
    confinement,
    limits,
    count_
};

/// One row.
struct finding {
    std::string id;  ///< Stable, for programs: "io_uring.defer_taskrun".
    topic about = topic::io_uring;
    std::string name;  ///< For people: "DEFER_TASKRUN".
    state has = state::unknown;
    std::string detail;      ///< What exactly was found; may be empty.
    std::string found_by;    ///< The calls that were tried.
    std::string since;       ///< The first kernel that has it: "6.1"; "" where that says nothing.
    std::string why;         ///< Why it matters.
    std::string fix;         ///< A command that changes it; "" if it is well or none can.
    bool for_serve = false;  ///< Without it `ringway serve` is weaker.
};

/// "yes", "partial", "no" or "unknown".
[[nodiscard]] std::string_view name_of(state which) noexcept;

/// In JSON and on the command line: "io_uring", "xdp".
[[nodiscard]] std::string_view name_of(topic which) noexcept;

/// As a heading: "io_uring", "AF_XDP and XDP".
[[nodiscard]] std::string_view title_of(topic which) noexcept;

/// The one of that id; null if there is none. Lifetime: that of what `all` refers to.
[[nodiscard]] const finding* find(std::span<const finding> all, std::string_view id) noexcept;

/// `unknown` if there is no such row.
[[nodiscard]] state state_of(std::span<const finding> all, std::string_view id) noexcept;

/// What stands between `ringway serve` and its full strength.
struct verdict {
    /// Rows for serve that are not a yes, in their order: first those that were tried, then those
    /// that could not be. Where there are no rings at all, what follows from that is left out.
    std::vector<const finding*> missing;
    std::size_t untried = 0;  ///< How many at the end of `missing` are unknown.
    [[nodiscard]] bool full_strength() const noexcept { return missing.empty(); }
};

/// Lifetime: that of what `all` refers to.
[[nodiscard]] verdict judge(std::span<const finding> all);

}  // namespace ringway::probe
