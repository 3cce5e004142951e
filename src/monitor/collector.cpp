#include "monitor/collector.hpp"

#include <cstring>
#include <ctime>
#include <optional>
#include <unordered_set>
#include <utility>

#include <ringway/bpf/bpf_ready.hpp>

#include "monitor/container_name.hpp"
#include "monitor/drop_watch.hpp"
#include "monitor/failures.hpp"
#include "monitor/processor_maps.hpp"
#include "monitor/program_costs.hpp"
#include "monitor/socket_list.hpp"
#include "monitor/source_watch.hpp"
#include "monitor/tcp_watch.hpp"
#include "monitor/uring_watch.hpp"

namespace ringway::monitor {
namespace {

constexpr std::size_t failures_max = 1024;

std::uint64_t clock_ns(clockid_t which) {
    timespec now{};
    ::clock_gettime(which, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec);
}

class kernel_collector final : public collector {
public:
    kernel_collector(const collector_options& options, kernel_types types)
        : options_{options},
          types_{std::move(types)},
          failures_{options.room.table_entries > 0 ? options.room.table_entries : failures_max},
          started_ns_{clock_ns(CLOCK_MONOTONIC)} {
        missing_.fill("not asked for");
    }

    bpf::outcome<void> start();

    void on_flow(std::function<void(const flow_record&)> listener) override {
        listener_ = std::move(listener);
    }
    void take_events() override {
        if (costs_) {
            costs_->tick(clock_ns(CLOCK_MONOTONIC));
        }
        if (tcp_) {
            tcp_->drain([this](const monitor_end& ended) { take_end(ended); });
        }
    }
    int event_fd() const noexcept override { return tcp_ ? tcp_->event_fd() : -1; }
    snapshot take_snapshot() override;

private:
    // Starts a part and notes why its views have nothing, if so.
    template <class Part, class Start>
    void begin(std::optional<Part>& part, std::initializer_list<view_id> views, Start start);
    void take_end(const monitor_end& ended);
    void collect_parts(snapshot& into);
    void leave_out_ended(snapshot& from);

    collector_options options_;
    kernel_types types_;
    kernel_symbols symbols_;
    container_names containers_;
    failure_table failures_;
    std::uint64_t started_ns_;
    bool notes_ends_ = false;
    std::unordered_set<std::uint64_t> ended_lately_;  // Their ids, while that is asked for.
    std::uint64_t flow_bytes_in_ = 0;
    std::uint64_t flow_bytes_out_ = 0;
    std::array<std::string, view_count> missing_;
    std::unordered_set<std::uint32_t> ours_;
    std::function<void(const flow_record&)> listener_;
    std::optional<tcp_watch> tcp_;
    std::optional<socket_list> sockets_;
    std::optional<drop_watch> drops_;
    std::optional<uring_watch> uring_;
    std::optional<source_watch> sources_;
    std::optional<program_costs> costs_;
};

template <class Part, class Start>
void kernel_collector::begin(std::optional<Part>& part, std::initializer_list<view_id> views,
                             Start start) {
    bool wanted = false;
    for (const view_id view : views) {
        wanted = wanted || options_.watched[static_cast<std::size_t>(view)];
    }
    if (!wanted) {
        return;
    }
    auto started = start();
    for (const view_id view : views) {
        auto& missing = missing_[static_cast<std::size_t>(view)];
        if (!started) {
            missing = started.error().text;
        } else if (missing == "not asked for") {
            missing.clear();
        }
    }
    if (started) {
        part.emplace(*std::move(started));
        if constexpr (requires { part->program_ids(); }) {
            const auto ids = part->program_ids();
            ours_.insert(ids.begin(), ids.end());
        }
    }
}

bpf::outcome<void> kernel_collector::start() {
    const watch_options& room = options_.room;
    begin(costs_, {view_id::programs}, [this] {
        const auto when =
            options_.time_all_runs ? program_costs::timed::always : program_costs::timed::sometimes;
        return program_costs::start(when, started_ns_);
    });
    begin(tcp_, {view_id::connections, view_id::connects},
          [&] { return tcp_watch::start(types_, room); });
    begin(sockets_, {view_id::connections, view_id::queues},
          [this] { return socket_list::start(types_, tcp_ ? tcp_->flows_map() : -1); });
    begin(drops_, {view_id::drops}, [&] { return drop_watch::start(types_, room); });
    begin(uring_, {view_id::io_uring}, [&] { return uring_watch::start(types_, room); });
    begin(sources_, {view_id::sources}, [&] { return source_watch::start(types_, room); });
    if (!tcp_ && !sockets_ && !drops_ && !uring_ && !sources_ && !costs_) {
        for (const std::string& each : missing_) {
            if (!each.empty() && each != "not asked for") {
                return bpf::refuse({errc::not_permitted, 0}, each);
            }
        }
    }
    return {};
}

void kernel_collector::take_end(const monitor_end& ended) {
    flow_record made{.seen = ended, .whose = {}};
    flow_bytes_in_ += ended.tcp.bytes_received;
    flow_bytes_out_ += ended.tcp.bytes_sent;
    if (notes_ends_) {
        ended_lately_.insert(ended.id);
    }
    const owner* const known = sockets_ ? sockets_->find_owner(ended) : nullptr;
    if (ended.process != 0) {
        made.whose.process = ended.process;
        made.whose.name.assign(ended.comm, ::strnlen(ended.comm, sizeof ended.comm));
    } else if (known != nullptr) {
        made.whose = *known;
    }
    if (made.whose.container.empty()) {
        made.whose.container = containers_.of_cgroup(ended.cgroup);
    }
    if (made.whose.container.empty() && known != nullptr && known->process == made.whose.process) {
        made.whose.container = known->container;
    }
    if (has_failed_to_connect(ended)) {
        failures_.add(made);
    }
    if (listener_) {
        listener_(made);
    }
}

// What has ended since it was listed counts as ended, so that its bytes are in one place only.
void kernel_collector::leave_out_ended(snapshot& from) {
    notes_ends_ = true;
    take_events();
    notes_ends_ = false;
    std::erase_if(from.sockets, [this](const socket_record& each) {
        return each.seen.kind == MONITOR_TCP && ended_lately_.contains(each.seen.id);
    });
    ended_lately_.clear();
}

void kernel_collector::collect_parts(snapshot& into) {
    if (sockets_) {
        sockets_->collect(into, containers_);
        leave_out_ended(into);
        into.losses.push_back({"sockets left out", sockets_->left_out(), "--filter"});
    }
    if (tcp_) {
        into.flow_bytes_in = flow_bytes_in_;
        into.flow_bytes_out = flow_bytes_out_;
        into.tcp = tcp_->totals();
        into.losses.push_back({"ended connections", into.tcp.events_lost, "--ring-size"});
        into.losses.push_back({"connections without a place", into.tcp.untracked, "--table-size"});
        into.losses.push_back({"kinds of failed connects", failures_.left_out(), "--table-size"});
        into.fills.push_back({"failed connects", failures_.all().size(), failures_.room()});
        into.failed = failures_.all();
    }
    if (drops_) {
        drops_->collect(into, types_, symbols_);
    }
    if (uring_) {
        uring_->collect(into, containers_);
    }
    if (sources_) {
        sources_->collect(into);
    }
    if (costs_) {
        costs_->collect(into, ours_);
    }
}

snapshot kernel_collector::take_snapshot() {
    take_events();
    containers_.advance();
    snapshot made;
    made.at_ns = clock_ns(CLOCK_MONOTONIC);
    made.unix_ms = static_cast<std::int64_t>(clock_ns(CLOCK_REALTIME) / 1'000'000);
    made.started_ns = started_ns_;
    made.processors = processors();
    made.missing = missing_;
    collect_parts(made);
    made.took_us = (clock_ns(CLOCK_MONOTONIC) - made.at_ns) / 1000;
    return made;
}

}  // namespace

bpf::outcome<std::unique_ptr<collector>> collector::start(const collector_options& options) {
    if (const auto ready = bpf::bpf_ready(bpf::need::tracing); !ready) {
        return std::unexpected{ready.error()};
    }
    auto types = kernel_types::load();
    if (!types) {
        return std::unexpected{types.error()};
    }
    auto made = std::make_unique<kernel_collector>(options, *std::move(types));
    if (const auto started = made->start(); !started) {
        return std::unexpected{started.error()};
    }
    return made;
}

}  // namespace ringway::monitor
