#include "monitor/drop_watch.hpp"

#include "drop_watch.skel.h"

#include <bpf/libbpf.h>
#include <fmt/core.h>
#include <ringway/bpf/bpf_log.hpp>

#include "monitor/processor_maps.hpp"

namespace ringway::monitor {
namespace {

constexpr const char* part = "drops";

// Reasons of other parts of the kernel have their part's number in the upper half.
std::string reason_text(const kernel_types& types, std::uint32_t reason) {
    if (auto name = types.constant("skb_drop_reason", reason, "SKB_DROP_REASON_"); !name.empty()) {
        return name;
    }
    const std::uint32_t subsystem = reason >> 16U;
    const auto name =
        types.constant("skb_drop_reason_subsys", subsystem, "SKB_DROP_REASON_SUBSYS_");
    return fmt::format("{}:{}", name.empty() ? std::to_string(subsystem) : name, reason & 0xffffU);
}

monitor_drop add_up(std::span<const monitor_drop> values) {
    monitor_drop out{};
    for (const monitor_drop& each : values) {
        const std::uint64_t packets = out.packets + each.packets;
        const std::uint64_t bytes = out.bytes + each.bytes;
        if (each.last_ns >= out.last_ns) {
            out = each;
        }
        out.packets = packets;
        out.bytes = bytes;
    }
    return out;
}

}  // namespace

void drop_watch::release::operator()(drop_watch_bpf* what) const noexcept {
    ::drop_watch_bpf__destroy(what);
}

bpf::outcome<drop_watch> drop_watch::start(const kernel_types& types,
                                           const watch_options& options) {
    if (types.tracepoint_arguments("kfree_skb") < 3) {
        return std::unexpected{bpf::refusal{
            {errc::unsupported, 0},
            "drops: this kernel does not say why it drops packets (Linux 5.17 and later do)"}};
    }
    const bpf::bpf_log log;
    drop_watch made;
    made.programs_.reset(::drop_watch_bpf__open());
    if (!made.programs_) {
        return std::unexpected{refusal_of(part, errno, log.reason())};
    }
    auto& all = *made.programs_;
    set_room(all.maps.drops, options);
    made.room_ = ::bpf_map__max_entries(all.maps.drops);
    if (const int failed = ::drop_watch_bpf__load(&all); failed != 0) {
        return std::unexpected{refusal_of(part, failed, log.reason())};
    }
    if (const int failed = ::drop_watch_bpf__attach(&all); failed != 0) {
        return std::unexpected{refusal_of(part, failed, log.reason())};
    }
    return made;
}

void drop_watch::collect(snapshot& into, const kernel_types& types, kernel_symbols& symbols) {
    std::vector<std::uint64_t> locations;
    for_each_entry<monitor_drop_key, monitor_drop>(
        ::bpf_map__fd(programs_->maps.drops), room_, [&](const auto& key, auto values) {
            locations.push_back(key.location);
            into.drops.push_back({.key = key,
                                  .reason = reason_text(types, key.reason),
                                  .location = {},
                                  .seen = add_up(values)});
        });
    symbols.resolve(locations);
    for (drop_record& each : into.drops) {
        each.location = symbols.name(each.key.location);
    }
    const std::uint32_t zero = 0;
    const auto counts =
        read_processors<monitor_overflow>(::bpf_map__fd(programs_->maps.drop_overflow), zero);
    into.drops_total = sum(std::span<const monitor_overflow>{counts});
    into.fills.push_back({"drops", into.drops.size(), room_});
    into.losses.push_back({"drops without a place", into.drops_total.lost, "--table-size"});
}

std::vector<std::uint32_t> drop_watch::program_ids() const {
    return monitor::program_ids(programs_->obj);
}

}  // namespace ringway::monitor
