// While a program polls an interface itself, the interface's interrupts only disturb it.
#pragma once

#include <memory>
#include <string>

#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/network_interface.hpp>

namespace ringway::xdp {

/// Has an interface put its interrupts off as long as somebody polls it (napi_defer_hard_irqs and
/// gro_flush_timeout of sysfs, Linux 5.11; Documentation/networking/napi.rst). If nobody polls for
/// 200 us, the kernel does the work again, so a process that was killed leaves nothing worse than
/// that. The settings that were there before come back with the end of this.
class interrupt_deferral {
public:
    /// Null where it may not be changed (it needs root), or is set already: whoever set it keeps
    /// it. Any thread in the interface's network namespace.
    [[nodiscard]] static std::unique_ptr<interrupt_deferral> begin(
        const bpf::network_interface& where);
    ~interrupt_deferral();
    interrupt_deferral(const interrupt_deferral&) = delete;
    interrupt_deferral& operator=(const interrupt_deferral&) = delete;

private:
    interrupt_deferral(unique_fd folder, std::string count, std::string timeout)
        : folder_{std::move(folder)}, count_{std::move(count)}, timeout_{std::move(timeout)} {}

    unique_fd folder_;   // Of the interface in sysfs.
    std::string count_;  // What was there before.
    std::string timeout_;
};

}  // namespace ringway::xdp
