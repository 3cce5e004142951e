// What the BPF programs of this machine cost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <unordered_set>
#include <utility>

#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/refusal.hpp>

#include "monitor/model.hpp"

namespace ringway::monitor {

/// Lets the kernel take the time of every BPF program's runs (BPF_ENABLE_STATS, Linux 5.8). That
/// costs some 20 to 40 ns per run, as much as a short program itself: so it is done in a tenth of
/// the time, by chance, unless all of it is wanted.
class program_costs {
public:
    static constexpr std::size_t programs_max = 4096;
    static constexpr std::uint64_t window_ns = 100'000'000;
    static constexpr unsigned one_window_in = 10;

    enum class timed : bool { sometimes, always };

    /// Fails where that is forbidden (CAP_SYS_ADMIN).
    [[nodiscard]] static bpf::outcome<program_costs> start(timed when, std::uint64_t now_ns);

    /// To be called often: begins and ends the windows in which times are taken.
    void tick(std::uint64_t now_ns);

    /// Fills the programs, and for how long they were timed; those among `ours` are marked.
    void collect(snapshot& into, const std::unordered_set<std::uint32_t>& ours) const;

private:
    program_costs(timed when, unique_fd clock, std::uint64_t now_ns)
        : when_{when}, clock_{std::move(clock)}, begun_ns_{now_ns} {}

    timed when_;
    unique_fd clock_;  // Times are taken while it is open.
    std::uint64_t begun_ns_;
    std::uint64_t timed_ns_ = 0;  // In windows that have ended.
    std::minstd_rand chance_{std::random_device{}()};
};

}  // namespace ringway::monitor
