// Gives each frame the next source address and sends it out where it seems to have come in.
#include "flood.h"

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct flood_settings settings;
__u32 next;

static __be16 checksum(__u32 sum, __u32 source) {
    sum += (source >> 16) + (source & 0xffff);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return bpf_htons(~sum & 0xffff);
}

SEC("xdp")
int flood(struct xdp_md* context) {
    void* const data = (void*)(long)context->data;
    __be32* const source = data + 14 + 12;
    if (data + 54 > (void*)(long)context->data_end) return XDP_DROP;
    // Multiplied by a prime, so that neighbours in time are none in the address space.
    const __u32 number = next++ * 2654435761U % settings.sources;
    const __u32 address = settings.source + number;
    *source = bpf_htonl(address);
    *(__be16*)(data + 14 + 10) = checksum(settings.ip_sum, address);
    if (settings.tcp) *(__be16*)(data + 34 + 16) = checksum(settings.tcp_sum, address);
    return XDP_TX;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
