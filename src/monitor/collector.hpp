// The whole monitor: its parts, as far as this kernel and our privileges have them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>

#include <ringway/bpf/refusal.hpp>

#include "monitor/model.hpp"
#include "monitor/watch.hpp"

namespace ringway::monitor {

struct collector_options {
    watch_options room;
    /// Take the times of BPF programs all the time instead of a tenth of it.
    bool time_all_runs = false;
    /// What is looked at; the others cost nothing.
    std::array<bool, view_count> watched{true, true, true, true, true, true, true};
};

class collector {
public:
    /// Starts all parts. One that can't be started leaves its reason in the snapshots; fails only
    /// if nothing at all can be watched, with the first reason.
    [[nodiscard]] static bpf::outcome<std::unique_ptr<collector>> start(
        const collector_options& options);

    virtual ~collector() = default;
    collector(const collector&) = delete;
    collector& operator=(const collector&) = delete;

    /// Is told of every connection that ends; called by `take_events`.
    virtual void on_flow(std::function<void(const flow_record&)> listener) = 0;

    /// Takes what has happened since the last call, so that the ring does not overflow. Does not
    /// block.
    virtual void take_events() = 0;

    /// Readable when `take_events` is urgent; -1 if there are no events.
    [[nodiscard]] virtual int event_fd() const noexcept = 0;

    /// Collects everything. Blocks for milliseconds.
    [[nodiscard]] virtual snapshot take_snapshot() = 0;

protected:
    collector() = default;
};

}  // namespace ringway::monitor
