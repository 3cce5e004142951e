// Gives each frame the next source address and sends it out where it seems to have come in.
#include "flood.h"

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct flood_settings settings;
__u32 next;

SEC("xdp")
int flood(struct xdp_md* context) {
    void* const data = (void*)(long)context->data;
    __be32* const source = data + 14 + 12;
    if ((void*)(source + 1) > (void*)(long)context->data_end) return XDP_DROP;
    // Multiplied by a prime, so that neighbours in time are none in the address space.
    const __u32 number = next++ * 2654435761U % settings.sources;
    *source = bpf_htonl(settings.source + number);
    return XDP_TX;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
