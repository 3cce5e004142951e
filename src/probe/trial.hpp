// A trial: one thing that is done to see whether this machine lets us.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ringway/probe/finding.hpp>

namespace ringway::probe {

/// What came of it.
struct outcome {
    state has = state::unknown;
    std::string detail = {};
    std::string fix = {};  ///< Instead of the trial's own, where the failure says more.
};

/// As the fix of a trial: a kernel from `since` on, unless this one is new enough already.
inline constexpr std::string_view fix_by_kernel = "(kernel)";

/// A row that is not known yet. Trials are run in a process of their own, which may be killed.
struct trial {
    std::string id;
    topic about;
    std::string name;
    std::string_view since;
    std::string_view found_by;
    std::string_view why;
    std::string_view fix;  ///< Told where the outcome is no yes and has no fix of its own.
    bool for_serve = false;
    outcome (*run)(const std::string& argument);
    std::string argument = {};
};

[[nodiscard]] inline outcome found_yes(std::string detail = {}) {
    return {.has = state::yes, .detail = std::move(detail)};
}
[[nodiscard]] inline outcome found_no(std::string detail = {}, std::string fix = {}) {
    return {.has = state::no, .detail = std::move(detail), .fix = std::move(fix)};
}
[[nodiscard]] inline outcome found_partial(std::string detail, std::string fix = {}) {
    return {.has = state::partial, .detail = std::move(detail), .fix = std::move(fix)};
}
[[nodiscard]] inline outcome found_nothing(std::string why, std::string fix = {}) {
    return {.has = state::unknown, .detail = std::move(why), .fix = std::move(fix)};
}

/// No, because of this errno: "EPERM: Operation not permitted".
[[nodiscard]] outcome refused(int error_number, std::string fix = {});
[[nodiscard]] std::string error_text(int error_number);

/// Whether a release such as "6.1.0-13-amd64" is `version`, such as "5.19", or newer.
[[nodiscard]] bool is_at_least(std::string_view release, std::string_view version) noexcept;

/// The row of a trial that ended so, on a kernel of that release.
[[nodiscard]] finding finding_of(const trial& from, const outcome& what, std::string_view release);

/// The first line of a file such as those below /proc/sys; "" if it can't be read.
[[nodiscard]] std::string first_line_of(const std::string& path);

// The tables. Each is run in a process of its own.
[[nodiscard]] std::vector<trial> uring_setup_trials();
[[nodiscard]] std::vector<trial> uring_file_trials();
[[nodiscard]] std::vector<trial> uring_socket_trials();
[[nodiscard]] std::vector<trial> file_trials();
[[nodiscard]] std::vector<trial> tls_trials();
[[nodiscard]] std::vector<trial> udp_trials();
[[nodiscard]] std::vector<trial> tcp_trials();
[[nodiscard]] std::vector<trial> xdp_trials();
[[nodiscard]] std::vector<trial> bpf_load_trials();
[[nodiscard]] std::vector<trial> bpf_attach_trials();
[[nodiscard]] std::vector<trial> confinement_trials();
[[nodiscard]] std::vector<trial> limit_trials();
[[nodiscard]] std::vector<trial> memory_trials();

/// All of them, in the order of topics.
using trial_table = std::vector<trial> (*)();
[[nodiscard]] std::span<const trial_table> all_tables() noexcept;

}  // namespace ringway::probe
