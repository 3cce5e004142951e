// What flood.bpf.c and flood.c both know.
#pragma once

#include <linux/types.h>

struct flood_settings {
    __u32 source;   // The first source, in the order of the machine,
    __u32 sources;  // and how many of them.
    // Sums of 16-bit words for the checksums of IP and TCP (RFC 1071), without the source.
    __u32 ip_sum;
    __u32 tcp_sum;
    __u32 tcp;  // It is TCP; datagrams do without.
    __u64 gap;  // Nanoseconds from one to the next; 0: as fast as it goes.
};

// What was sent, and when by CLOCK_MONOTONIC: exactly with a gap, else to 64 frames.
struct flood_sent {
    __u64 frames;
    __u64 first;
    __u64 last;
    __u64 due;  // When the next is.
};
