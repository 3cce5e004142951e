#include "monitor/tcp_watch.hpp"

#include "tcp_watch.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ringway/bpf/bpf_log.hpp>

#include "monitor/processor_maps.hpp"

namespace ringway::monitor {
namespace {

constexpr const char* part = "connections";

int hand_on(void* context, void* data, std::size_t size) {
    const auto& take = *static_cast<const std::function<void(const monitor_end&)>*>(context);
    if (take && size >= sizeof(monitor_end)) {
        monitor_end event;
        __builtin_memcpy(&event, data, sizeof event);
        take(event);
    }
    return 0;
}

}  // namespace

void tcp_watch::release::operator()(tcp_watch_bpf* what) const noexcept {
    ::tcp_watch_bpf__destroy(what);
}

void tcp_watch::release::operator()(ring_buffer* what) const noexcept { ::ring_buffer__free(what); }

bpf::outcome<tcp_watch> tcp_watch::start(const kernel_types& types, const watch_options& options) {
    if (types.tracepoint_arguments("inet_sock_set_state") == 0) {
        return std::unexpected{no_tracepoint(part, "inet_sock_set_state")};
    }
    const bpf::bpf_log log;
    tcp_watch made;
    made.programs_.reset(::tcp_watch_bpf__open());
    if (!made.programs_) {
        return std::unexpected{refusal_of(part, errno, log.reason())};
    }
    auto& all = *made.programs_;
    ::bpf_program__set_autoload(all.progs.on_reset_sent,
                                types.tracepoint_arguments("tcp_send_reset") > 0);
    ::bpf_program__set_autoload(all.progs.on_reset_received,
                                types.tracepoint_arguments("tcp_receive_reset") > 0);
    ::bpf_program__set_autoload(all.progs.on_retransmit,
                                types.tracepoint_arguments("tcp_retransmit_skb") > 0);
    set_room(all.maps.flows, options);
    ::bpf_map__set_max_entries(all.maps.ends, static_cast<std::uint32_t>(options.ring_bytes));
    if (const int failed = ::tcp_watch_bpf__load(&all); failed != 0) {
        return std::unexpected{refusal_of(part, failed, log.reason())};
    }
    const std::uint32_t zero = 0;
    const std::uint64_t quarter = options.ring_bytes / 4;
    ::bpf_map_update_elem(::bpf_map__fd(all.maps.ring_wakes_at), &zero, &quarter, BPF_ANY);
    made.take_ = std::make_unique<std::function<void(const monitor_end&)>>();
    made.ring_.reset(
        ::ring_buffer__new(::bpf_map__fd(all.maps.ends), hand_on, made.take_.get(), nullptr));
    if (!made.ring_) {
        return std::unexpected{refusal_of(part, errno, log.reason())};
    }
    if (const int failed = ::tcp_watch_bpf__attach(&all); failed != 0) {
        return std::unexpected{refusal_of(part, failed, log.reason())};
    }
    return made;
}

void tcp_watch::drain(const std::function<void(const monitor_end&)>& take) {
    *take_ = take;
    ::ring_buffer__consume(ring_.get());
    *take_ = nullptr;
}

int tcp_watch::event_fd() const noexcept { return ::ring_buffer__epoll_fd(ring_.get()); }

monitor_tcp_totals tcp_watch::totals() const {
    const std::uint32_t zero = 0;
    const auto each =
        read_processors<monitor_tcp_totals>(::bpf_map__fd(programs_->maps.totals), zero);
    return sum(std::span<const monitor_tcp_totals>{each});
}

int tcp_watch::flows_map() const noexcept { return ::bpf_map__fd(programs_->maps.flows); }

std::vector<std::uint32_t> tcp_watch::program_ids() const {
    return monitor::program_ids(programs_->obj);
}

}  // namespace ringway::monitor
