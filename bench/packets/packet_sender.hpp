// The floods of packets that bench/xdp measures receivers with.
#pragma once

#include <cstdint>
#include <vector>

#include <ringway/base/result.hpp>

namespace ringway::bench {

/// Sends the frame from the interface for so many seconds: from an XDP program that the kernel runs
/// again and again (BPF_PROG_RUN with BPF_F_TEST_XDP_LIVE_FRAMES, Linux 5.18), which is more than
/// any socket sends. After each `run_packets` it pauses for some 20 ms. How many were sent, or why
/// the kernel refused. Needs root; takes SIGALRM; once in a process.
result<std::uint64_t> send_packets(const char* interface, double seconds,
                                   const std::vector<std::uint8_t>& frame,
                                   std::uint32_t run_packets);

}  // namespace ringway::bench
