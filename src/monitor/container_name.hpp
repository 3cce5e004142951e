// Which container a process is in, told from its control group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ringway::monitor {

/// What the path of a control group says: "docker:0123456789ab", "podman:...", "containerd:...",
/// "crio:...", "lxc:NAME", "machine:NAME", or the systemd unit, "nginx.service". Empty for others.
[[nodiscard]] std::string container_of_cgroup(std::string_view path);

/// Remembers whose container is which. Blocks in /proc and /sys for moments.
class container_names {
public:
    /// Looks at `proc_root` and below the mount of the control groups (v2) that
    /// `proc_root`/self/mountinfo tells.
    explicit container_names(std::string proc_root = "/proc");

    /// Of a process; empty if it has none or is gone. Control groups of version 1 count too.
    [[nodiscard]] std::string of_process(std::uint32_t process) const;

    /// Of the control group with that id, also after its processes have ended. An id that is not
    /// known makes it look through all of them, at most once per `advance`.
    [[nodiscard]] std::string of_cgroup(std::uint64_t id);

    /// A new snapshot begins.
    void advance() noexcept { may_walk_ = true; }

    static constexpr std::size_t groups_max = 20'000;

private:
    void walk();

    std::string proc_root_;
    std::string mount_;
    std::unordered_map<std::uint64_t, std::string> names_;
    bool may_walk_ = true;
};

}  // namespace ringway::monitor
