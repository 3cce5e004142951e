#include "monitor/source_watch.hpp"

#include "source_watch.skel.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ringway/bpf/bpf_log.hpp>

#include "monitor/processor_maps.hpp"

namespace ringway::monitor {
namespace {

constexpr const char* part = "sources";

}  // namespace

void source_watch::release::operator()(source_watch_bpf* what) const noexcept {
    ::source_watch_bpf__destroy(what);
}

bpf::outcome<source_watch> source_watch::start(const kernel_types& types,
                                               const watch_options& options) {
    if (types.tracepoint_arguments("netif_receive_skb") == 0) {
        return std::unexpected{no_tracepoint(part, "netif_receive_skb")};
    }
    const bpf::bpf_log log;
    source_watch made;
    made.programs_.reset(::source_watch_bpf__open());
    if (!made.programs_) {
        return std::unexpected{refusal_of(part, errno, log.reason())};
    }
    auto& all = *made.programs_;
    set_room(all.maps.sources, options);
    made.room_ = ::bpf_map__max_entries(all.maps.sources);
    if (const int failed = ::source_watch_bpf__load(&all); failed != 0) {
        return std::unexpected{refusal_of(part, failed, log.reason())};
    }
    const std::uint32_t zero = 0;
    const std::uint64_t room = std::max<std::uint64_t>(made.room_ / processors() / 2, 1);
    ::bpf_map_update_elem(::bpf_map__fd(all.maps.room_per_cpu), &zero, &room, BPF_ANY);
    if (const int failed = ::source_watch_bpf__attach(&all); failed != 0) {
        return std::unexpected{refusal_of(part, failed, log.reason())};
    }
    return made;
}

void source_watch::collect(snapshot& into) const {
    for_each_entry<monitor_source_key, monitor_source>(
        ::bpf_map__fd(programs_->maps.sources), room_, [&](const auto& key, auto values) {
            source_record made{.key = key, .seen = {}};
            for (const monitor_source& each : values) {
                made.seen.packets += each.packets;
                made.seen.bytes += each.bytes;
                made.seen.missed_at_most += each.missed_at_most;
                if (each.device[0] != '\0') {
                    std::ranges::copy(each.device, made.seen.device);
                }
            }
            into.sources.push_back(made);
        });
    const std::uint32_t zero = 0;
    const auto counts =
        read_processors<monitor_overflow>(::bpf_map__fd(programs_->maps.source_overflow), zero);
    into.sources_total = sum(std::span<const monitor_overflow>{counts});
    const std::uint64_t inserted = into.sources_total.inserted;
    into.sources_evicted = inserted - std::min<std::uint64_t>(inserted, into.sources.size());
    into.fills.push_back({"sources", into.sources.size(), room_});
    into.losses.push_back(
        {"packets of sources without a place", into.sources_total.lost, "--table-size"});
    into.losses.push_back({"sources pushed out", into.sources_evicted, "--table-size"});
}

std::vector<std::uint32_t> source_watch::program_ids() const {
    return monitor::program_ids(programs_->obj);
}

}  // namespace ringway::monitor
