// What every measured loop of `ringway bench files` shares.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include <ringway/observe/histogram.hpp>

#include "lab/files_ways.hpp"
#include "lab/usage_meter.hpp"

namespace ringway::lab {

using loop_clock = std::chrono::steady_clock;

/// Hands out blocks until the time is over, and takes the latencies. One thread.
class read_loop {
public:
    read_loop(const trial& how, const files_target& of, const read_load& load)
        : order_{of.bytes(), load.block_bytes, load.random, how.settings.seed + how.round},
          once_{!load.direct && load.cold},
          seconds_{how.seconds},
          block_bytes_{load.block_bytes} {}

    /// Reads one share of the blocks only: for one thread of several.
    void take_share(unsigned index, unsigned count) noexcept { order_.take_share(index, count); }

    void begin() {
        begun_ = loop_clock::now();
        end_ = begun_ + std::chrono::duration_cast<loop_clock::duration>(
                            std::chrono::duration<double>{seconds_});
    }

    /// The next block to read, at `now`; none when it is over.
    [[nodiscard]] std::optional<std::uint64_t> next(loop_clock::time_point now) {
        return now >= end_ ? std::nullopt : order_.next(once_);
    }

    /// A read of one block has ended with `result` as pread(2) has it.
    void note(loop_clock::time_point from, loop_clock::time_point to, std::int64_t result) {
        if (result != static_cast<std::int64_t>(block_bytes_)) {
            ++failed_;
        }
        latency_.record(static_cast<std::uint64_t>((to - from).count()));
        ++operations_;
        last_ = to;
    }

    /// Adds another thread's, which began at the same time.
    void merge(const read_loop& other);
    /// Fills in what was noted; `processor` is finished with it.
    /// With `has_latency` false the latencies were of no interest: something read ahead.
    void finish(usage_meter& processor, measurement& into, bool has_latency = true) const;

private:
    block_order order_;
    bool once_;
    double seconds_;
    std::uint32_t block_bytes_;
    loop_clock::time_point begun_;
    loop_clock::time_point end_;
    loop_clock::time_point last_;
    observe::histogram latency_;
    std::uint64_t operations_ = 0;
    std::uint64_t failed_ = 0;
};

/// Runs `work` on a thread of its own that is bound to the core of what is measured.
outcome<measurement> on_measured_core(const trial& how,
                                      std::move_only_function<outcome<measurement>()> work);

}  // namespace ringway::lab
