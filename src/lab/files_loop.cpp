#include "lab/files_loop.hpp"

#include <algorithm>
#include <sched.h>
#include <thread>

namespace ringway::lab {

void read_loop::merge(const read_loop& other) {
    latency_.merge(other.latency_);
    operations_ += other.operations_;
    failed_ += other.failed_;
    last_ = std::max(last_, other.last_);
}

void read_loop::finish(usage_meter& processor, measurement& into, bool has_latency) const {
    const std::chrono::duration<double> passed = last_ - begun_;
    processor.finish(into, operations_, operations_ * block_bytes_, passed.count());
    into.failed = failed_;
    if (has_latency) {
        into.set_latency(latency_);
    }
}

outcome<measurement> on_measured_core(const trial& how,
                                      std::move_only_function<outcome<measurement>()> work) {
    outcome<measurement> found;
    std::thread{[&] {
        cpu_set_t core;
        CPU_ZERO(&core);
        CPU_SET(how.settings.server_core, &core);
        ::sched_setaffinity(0, sizeof core, &core);
        found = work();
    }}.join();
    return found;
}

outcome<void> prepare_cache(const files_target& of, const read_load& load) {
    if (load.direct) {
        return {};
    }
    return load.cold ? of.make_cold() : of.make_warm();
}

}  // namespace ringway::lab
