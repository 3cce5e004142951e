// An interface with somebody else's program in libxdp's dispatcher.
#pragma once

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "support/child_process.hpp"
#include "support/need_kernel.hpp"
#include "support/virtual_network.hpp"
#include "support/xdp_command.hpp"

// Ends a test as skipped, with the reason, where there is no dispatcher to be had on "near".
#define RW_MAKE_DISPATCHER(network)                                                     \
    RW_NEED_KERNEL(5, 18, "XDP for frames of several buffers");                         \
    if (std::system("command -v xdp-filter >/dev/null") != 0) {                         \
        GTEST_SKIP() << "no xdp-filter (apt-get install xdp-tools)";                    \
    }                                                                                   \
    if (!load_another(network)) {                                                       \
        GTEST_SKIP() << "libxdp can't run its dispatcher here: the kernel refuses BPF " \
                        "trampolines, or /sys/fs/bpf is no BPF file system";            \
    }                                                                                   \
    static_assert(true)

namespace ringway::test {

// Has xdp-filter(8) let everything pass. Whether that is by a dispatcher.
inline bool load_another(const virtual_network& network) {
    return network.run(net_side::near,
                       "mkdir -p /run/xdp-filter; { mountpoint -q /sys/fs/bpf || "
                       "mount -t bpf bpf /sys/fs/bpf; } && "
                       "xdp-filter load near -m native -p allow") == 0 &&
           program_on(network, net_side::near, "near") == "xdp_dispatcher";
}

// Whether "near" says anything to "far", if only that nobody listens at a port.
inline bool answers_far(const virtual_network& network) {
    constexpr int by_timeout = 124;
    return network.run(net_side::far,
                       "timeout 4 bash -c 'exec 3<>/dev/tcp/10.77.0.1/9' "
                       "2>/dev/null") != by_timeout;
}

// What libxdp has on its list.
inline string programs_on(const virtual_network& network) {
    return run_program({.program = "nsenter",
                        .arguments = {"--net=" + network.path(net_side::near), "xdp-loader",
                                      "status", "near"}})
        .standard_output;
}

}  // namespace ringway::test
