// Gives each frame the next source address and sends it out where it seems to have come in.
#include "flood.h"

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { late = 1000000 };  // Nanoseconds; a sender that was held up by more does not catch up.

struct flood_settings settings;
struct flood_sent sent;
__u32 next;

// Whether a frame is to be sent now. By one processor, so nothing here is atomic.
static int is_due(void) {
    if (settings.gap == 0 && sent.frames % 64 != 0) {
        ++sent.frames;
        return 1;
    }
    const __u64 now = bpf_ktime_get_ns();
    if (settings.gap != 0) {
        if (now < sent.due) return 0;
        sent.due = (now > sent.due + late ? now : sent.due) + settings.gap;
    }
    if (sent.frames++ == 0) sent.first = now;
    sent.last = now;
    return 1;
}

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
    if (data + 54 > (void*)(long)context->data_end || !is_due()) return XDP_DROP;
    // Multiplied by a prime, so that neighbours in time are none in the address space.
    const __u32 number = next++ * 2654435761U % settings.sources;
    const __u32 address = settings.source + number;
    *source = bpf_htonl(address);
    *(__be16*)(data + 14 + 10) = checksum(settings.ip_sum, address);
    if (settings.tcp) *(__be16*)(data + 34 + 16) = checksum(settings.tcp_sum, address);
    return XDP_TX;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
