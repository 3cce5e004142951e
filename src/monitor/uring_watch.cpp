#include "monitor/uring_watch.hpp"

#include "uring_watch.skel.h"

#include <algorithm>
#include <bpf/libbpf.h>
#include <cstring>
#include <ringway/bpf/bpf_log.hpp>

#include "monitor/processor_maps.hpp"

namespace ringway::monitor {
namespace {

constexpr const char* part = "io_uring";
constexpr unsigned complete_arguments_before_6_15 = 4;  // At least.
constexpr unsigned submit_arguments_since_6_0 = 2;      // The request itself, not parts of it.

std::vector<std::string> operation_names(const kernel_types& types) {
    std::vector<std::string> names(MONITOR_URING_OPS);
    for (std::uint32_t i = 0; i < names.size(); ++i) {
        names[i] = types.constant("io_uring_op", i, "IORING_OP_");
        if (names[i].empty()) {
            names[i] = std::to_string(i);
        }
    }
    return names;
}

}  // namespace

void uring_watch::release::operator()(uring_watch_bpf* what) const noexcept {
    ::uring_watch_bpf__destroy(what);
}

bpf::outcome<uring_watch> uring_watch::start(const kernel_types& types,
                                             const watch_options& options) {
    const bool submits = types.tracepoint_arguments("io_uring_submit_req") > 0;
    const unsigned completes = types.tracepoint_arguments("io_uring_complete");
    if (completes == 0) {
        return std::unexpected{no_tracepoint(part, "io_uring_complete")};
    }
    const unsigned submits_before_6_3 = types.tracepoint_arguments("io_uring_submit_sqe");
    if (!submits && submits_before_6_3 == 0) {
        return std::unexpected{no_tracepoint(part, "io_uring_submit_req")};
    }
    if (!submits && submits_before_6_3 != submit_arguments_since_6_0) {
        return std::unexpected{bpf::refusal{
            {errc::unsupported, 0},
            "io_uring: this kernel does not tell which request it submits (Linux 6.0 and later "
            "do)"}};
    }
    const bpf::bpf_log log;
    uring_watch made;
    made.programs_.reset(::uring_watch_bpf__open());
    if (!made.programs_) {
        return std::unexpected{refusal_of(part, errno, log.reason())};
    }
    auto& all = *made.programs_;
    const bool old_complete = completes >= complete_arguments_before_6_15;
    ::bpf_program__set_autoload(all.progs.on_submit, submits);
    ::bpf_program__set_autoload(all.progs.on_submit_before_6_3, !submits);
    ::bpf_program__set_autoload(all.progs.on_complete, !old_complete);
    ::bpf_program__set_autoload(all.progs.on_complete_before_6_15, old_complete);
    set_room(all.maps.users, options);
    set_room(all.maps.samples, options);
    made.users_room_ = ::bpf_map__max_entries(all.maps.users);
    if (const int failed = ::uring_watch_bpf__load(&all); failed != 0) {
        return std::unexpected{refusal_of(part, failed, log.reason())};
    }
    if (const int failed = ::uring_watch_bpf__attach(&all); failed != 0) {
        return std::unexpected{refusal_of(part, failed, log.reason())};
    }
    made.names_ = operation_names(types);
    return made;
}

void uring_watch::collect(snapshot& into, container_names& containers) const {
    for (std::uint32_t op = 0; op < MONITOR_URING_OPS; ++op) {
        const auto each = read_processors<monitor_uring_op>(::bpf_map__fd(programs_->maps.ops), op);
        const auto seen = sum(std::span<const monitor_uring_op>{each});
        if (seen.submitted + seen.completed > 0) {
            into.uring.push_back({.name = names_[op], .seen = seen});
        }
    }
    for_each_entry<monitor_uring_user_key, monitor_uring_user>(
        ::bpf_map__fd(programs_->maps.users), users_room_, [&](const auto& key, auto values) {
            uring_user made{.op = key.op, .op_name = names_[key.op % MONITOR_URING_OPS]};
            made.whose.process = key.process;
            for (const monitor_uring_user& each : values) {
                made.submitted += each.submitted;
                if (each.comm[0] != '\0') {
                    made.whose.name.assign(each.comm, ::strnlen(each.comm, sizeof each.comm));
                }
            }
            made.whose.container = containers.of_process(key.process);
            into.uring_users.push_back(std::move(made));
        });
    const std::uint32_t users = 0;
    const std::uint32_t samples = 1;
    const int overflow = ::bpf_map__fd(programs_->maps.uring_overflow);
    const auto counts_of = [overflow](std::uint32_t which) {
        const auto each = read_processors<monitor_overflow>(overflow, which);
        return sum(std::span<const monitor_overflow>{each});
    };
    const std::uint64_t inserted = counts_of(users).inserted;
    const std::uint64_t present = into.uring_users.size();
    into.losses.push_back(
        {"io_uring users pushed out", inserted - std::min(inserted, present), "--table-size"});
    into.fills.push_back({"io_uring users", into.uring_users.size(), users_room_});
    into.losses.push_back(
        {"io_uring users without a place", counts_of(users).lost, "--table-size"});
    into.losses.push_back(
        {"io_uring samples without a place", counts_of(samples).lost, "--table-size"});
}

std::vector<std::uint32_t> uring_watch::program_ids() const {
    return monitor::program_ids(programs_->obj);
}

}  // namespace ringway::monitor
