#include "monitor/program_costs.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <string>
#include <utility>

namespace ringway::monitor {

bpf::outcome<program_costs> program_costs::start(timed when, std::uint64_t now_ns) {
    unique_fd clock{::bpf_enable_stats(BPF_STATS_RUN_TIME)};
    if (!clock) {
        const auto why = error_from_errno(errno);
        return bpf::refuse(
            why, fmt::format("programs: the kernel does not take their times: {} (CAP_SYS_ADMIN "
                             "may ask for that, since Linux 5.8)",
                             describe(why)));
    }
    return program_costs{when, std::move(clock), now_ns};
}

// A window is as likely before a look as behind it, so that the iterators' share is right too.
void program_costs::tick(std::uint64_t now_ns) {
    if (when_ == timed::always) {
        return;
    }
    if (clock_) {
        if (now_ns - begun_ns_ >= window_ns) {
            timed_ns_ += now_ns - begun_ns_;
            begun_ns_ = now_ns;
            clock_.reset();
        }
        return;
    }
    if (now_ns - begun_ns_ >= window_ns) {  // As long as a window: one in ten of them is one.
        begun_ns_ = now_ns;
        if (chance_() % one_window_in == 0) {
            clock_ = unique_fd{::bpf_enable_stats(BPF_STATS_RUN_TIME)};
        }
    }
}

void program_costs::collect(snapshot& into, const std::unordered_set<std::uint32_t>& ours) const {
    into.programs_timed_ns = timed_ns_ + (clock_ ? into.at_ns - begun_ns_ : 0);
    std::uint32_t id = 0;
    while (into.programs.size() < programs_max && ::bpf_prog_get_next_id(id, &id) == 0) {
        const unique_fd program{::bpf_prog_get_fd_by_id(id)};
        bpf_prog_info about{};
        std::uint32_t size = sizeof about;
        if (!program || ::bpf_prog_get_info_by_fd(program.get(), &about, &size) != 0) {
            continue;  // It went away meanwhile.
        }
        const char* const type = ::libbpf_bpf_prog_type_str(static_cast<bpf_prog_type>(about.type));
        into.programs.push_back({.id = id,
                                 .name = {about.name, ::strnlen(about.name, sizeof about.name)},
                                 .type = type != nullptr ? type : std::to_string(about.type),
                                 .ours = ours.contains(id),
                                 .runs = about.run_cnt,
                                 .run_time_ns = about.run_time_ns});
    }
}

}  // namespace ringway::monitor
