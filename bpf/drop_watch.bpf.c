// Counts dropped packets by the kernel's reason and the place in its code.
#include "monitor_kernel.h"

#define ETHERTYPE_IP 0x0800
#define ETHERTYPE_IPV6 0x86dd

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
    __uint(max_entries, 4096);
    __type(key, struct monitor_drop_key);
    __type(value, struct monitor_drop);
} drops SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct monitor_overflow);
} drop_overflow SEC(".maps");

struct packet_head {
    __u8 bytes[44];  // An IPv6 header and two ports.
};

static const __u32 zero;

static __always_inline void read_v4(const __u8* head, struct monitor_ends* ends, __u8* transport) {
    __u32 address;
    *transport = head[9];
    __builtin_memcpy(&address, head + 12, 4);
    map_v4(ends->remote, address);
    __builtin_memcpy(&address, head + 16, 4);
    map_v4(ends->local, address);
    if ((head[0] & 15) == 5) {  // Ports behind options are not worth a second read.
        ends->remote_port = (__u16)(head[20] << 8 | head[21]);
        ends->local_port = (__u16)(head[22] << 8 | head[23]);
    }
}

static __always_inline void read_v6(const __u8* head, struct monitor_ends* ends, __u8* transport) {
    *transport = head[6];
    __builtin_memcpy(ends->remote, head + 8, 16);
    __builtin_memcpy(ends->local, head + 24, 16);
    ends->remote_port = (__u16)(head[40] << 8 | head[41]);
    ends->local_port = (__u16)(head[42] << 8 | head[43]);
}

static __always_inline void read_packet(const struct sk_buff* packet, __u16 protocol,
                                        struct monitor_ends* ends, __u8* transport) {
    struct packet_head head = {};
    const unsigned char* const at = packet->head + packet->network_header;
    if (bpf_probe_read_kernel(&head, sizeof(head), at) != 0) return;
    if (protocol == ETHERTYPE_IP && head.bytes[0] >> 4 == 4) {
        read_v4(head.bytes, ends, transport);
    } else if (protocol == ETHERTYPE_IPV6 && head.bytes[0] >> 4 == 6) {
        read_v6(head.bytes, ends, transport);
    }
    if (*transport != MONITOR_IPPROTO_TCP && *transport != MONITOR_IPPROTO_UDP) {
        ends->remote_port = 0;
        ends->local_port = 0;
    }
}

static __always_inline void note(struct monitor_drop* entry, const struct sk_buff* packet,
                                 const struct monitor_ends* ends) {
    ++entry->packets;
    entry->bytes += packet->len;
    entry->last_ns = bpf_ktime_get_ns();
    entry->last = *ends;
    struct net_device* const device = BPF_CORE_READ(packet, dev);
    if (device) BPF_CORE_READ_STR_INTO(&entry->device, device, name);
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(on_drop, struct sk_buff* packet, void* location, int reason) {
    struct monitor_overflow* const count = bpf_map_lookup_elem(&drop_overflow, &zero);
    if (!count) return 0;
    ++count->seen;
    struct monitor_drop_key key = {.location = (__u64)location, .reason = (__u32)reason};
    struct monitor_ends ends = {};
    key.protocol = bpf_ntohs(packet->protocol);
    read_packet(packet, key.protocol, &ends, &key.transport);
    struct monitor_drop* entry = bpf_map_lookup_elem(&drops, &key);
    if (!entry) {
        struct monitor_drop fresh = {};
        bpf_map_update_elem(&drops, &key, &fresh, BPF_NOEXIST);
        entry = bpf_map_lookup_elem(&drops, &key);
        if (!entry) {
            ++count->lost;
            return 0;
        }
        ++count->inserted;
    }
    note(entry, packet, &ends);
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
