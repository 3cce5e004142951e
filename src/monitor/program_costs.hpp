// What the BPF programs of this machine cost.
#pragma once

#include <cstdint>
#include <unordered_set>

#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/refusal.hpp>

#include "monitor/model.hpp"

namespace ringway::monitor {

/// While it lives the kernel takes the time of every BPF program's runs (BPF_ENABLE_STATS, Linux
/// 5.8), which costs some 20 ns per run.
class program_costs {
public:
    static constexpr std::size_t programs_max = 4096;

    /// Fails where that is forbidden (CAP_SYS_ADMIN).
    [[nodiscard]] static bpf::outcome<program_costs> start();

    /// Fills the programs; those among `ours` are marked.
    void collect(snapshot& into, const std::unordered_set<std::uint32_t>& ours) const;

private:
    explicit program_costs(unique_fd clock) : clock_{std::move(clock)} {}

    unique_fd clock_;
};

}  // namespace ringway::monitor
