#include <ringway/probe/examine.hpp>

#include <algorithm>
#include <array>
#include <iterator>

#include "probe/run_trials.hpp"
#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

constexpr std::array<trial_table, 10> tables{
    uring_setup_trials, uring_file_trials, uring_socket_trials, file_trials,  tls_trials,
    udp_trials,         tcp_trials,        confinement_trials,  limit_trials, memory_trials};

}  // namespace

std::span<const trial_table> all_tables() noexcept { return tables; }

std::vector<finding> examine(const examine_options& options) {
    std::vector<finding> all;
    const auto add = [&all](const std::vector<trial>& table) {
        std::ranges::move(run_trials(table), std::back_inserter(all));
    };
    for (const auto table : all_tables()) {
        add(table());
    }
    static_cast<void>(options);
    auto rows = technologies_of(all);
    std::ranges::move(all, std::back_inserter(rows));
    return rows;
}

}  // namespace ringway::probe
