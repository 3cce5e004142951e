#include <ringway/probe/examine.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include "probe/interface_trials.hpp"
#include "probe/run_trials.hpp"
#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

// In the order of topics.
constexpr std::array<trial_table, 13> tables{
    uring_setup_trials, uring_file_trials, uring_socket_trials, file_trials,     tls_trials,
    udp_trials,         tcp_trials,        xdp_trials,          bpf_load_trials, bpf_attach_trials,
    confinement_trials, limit_trials,      memory_trials};

}  // namespace

std::span<const trial_table> all_tables() noexcept { return tables; }

std::vector<finding> examine(const examine_options& options) {
    using clock = std::chrono::steady_clock;
    const auto deadline = clock::now() + options.time;
    std::vector<finding> all;
    const auto add = [&](const std::vector<trial>& table) {
        using std::chrono::milliseconds;
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock::now());
        const trial_limits limits{.each = options.time / 5,
                                  .all = std::clamp(left, milliseconds{0}, options.time / 2)};
        std::ranges::move(run_trials(table, limits), std::back_inserter(all));
    };
    for (const auto table : tables) {
        add(table());
        if (table == xdp_trials) {
            add(interface_trials(options));
        }
    }
    auto rows = technologies_of(all);
    std::ranges::move(all, std::back_inserter(rows));
    return rows;
}

}  // namespace ringway::probe
