// On what an experiment ran, for the reader of its figures.
#pragma once

#include <cstdint>
#include <string>

namespace ringway::lab {

struct machine_facts {
    std::string kernel;     ///< uname -r
    std::string processor;  ///< Its model's name.
    unsigned cores = 0;     ///< That this process may use.
    double load = 0;        ///< Of the last minute: above `cores`, others were at work.
    std::string time;       ///< When: ISO 8601, UTC.
};

[[nodiscard]] machine_facts look_at_machine();

/// Whether the host of this virtual machine takes memory back that is free for some seconds
/// (VIRTIO_BALLOON_F_REPORTING, Linux 5.7): its next use costs several times as much. `devices` as
/// /sys/bus/virtio/devices.
[[nodiscard]] bool host_takes_free_memory(const std::string& devices = "/sys/bus/virtio/devices");

/// Processor time of the whole machine since it was started, in clock ticks (proc(5)).
struct machine_ticks {
    std::uint64_t total = 0;
    std::uint64_t idle = 0;
    std::uint64_t stolen = 0;  ///< Taken by the host of a virtual machine.
};
[[nodiscard]] machine_ticks read_machine_ticks();

/// Shares of the time between two readings, in percent.
struct machine_use {
    double busy = 0;
    double stolen = 0;
};
[[nodiscard]] machine_use use_between(const machine_ticks& from, const machine_ticks& to) noexcept;

/// Reads the first line of /proc/stat.
[[nodiscard]] machine_ticks parse_machine_ticks(const std::string& line);

}  // namespace ringway::lab
