// Counts received packets by source address and interface. A source gets a place in the table at
// once while there is room, and by chance of 1 in 64 per packet afterwards, so that a flood of made
// up addresses neither costs an insertion each nor pushes out those that matter; until then a
// count-min sketch (Cormode and Muthukrishnan, 2005) bounds what it has sent.
#include "monitor_kernel.h"

#define ROWS 4
#define COLUMNS 16384
#define ADMITTED_ONE_IN 64

struct {
    __uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
    __uint(max_entries, 16384);
    __type(key, struct monitor_source_key);
    __type(value, struct monitor_source);
} sources SEC(".maps");


struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, ROWS* COLUMNS);
    __type(key, __u32);
    __type(value, __u32);
} sketch SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct monitor_overflow);
} source_overflow SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} room_per_cpu SEC(".maps");

static const __u32 zero;

static __always_inline int read_source(const struct sk_buff* packet,
                                       struct monitor_source_key* key) {
    const unsigned char* const at = packet->data;
    const __u16 protocol = bpf_ntohs(packet->protocol);
    if (protocol == 0x0800) {
        __u32 address;
        if (bpf_probe_read_kernel(&address, 4, at + 12) != 0) return -1;
        map_v4(key->address, address);
        return 0;
    }
    return protocol == 0x86dd ? (int)bpf_probe_read_kernel(key->address, 16, at + 8) : -1;
}

// What came from the source before, at most: the least of its counters.
static __always_inline __u32 count_in_sketch(const struct monitor_source_key* key) {
    const __u64* const words = (const __u64*)key;
    __u64 hash = (words[0] ^ words[2]) * 0x9e3779b97f4a7c15ULL;
    hash = (hash ^ words[1] ^ (hash >> 32)) * 0xc2b2ae3d27d4eb4fULL;
    __u32 least = ~0U;
    for (__u32 row = 0; row < ROWS; ++row) {
        hash = (hash ^ (hash >> 29)) * 0xbf58476d1ce4e5b9ULL;
        const __u32 slot = row * COLUMNS + (__u32)(hash >> 50);
        __u32* const counter = bpf_map_lookup_elem(&sketch, &slot);
        if (!counter) continue;
        if (*counter < least) least = *counter;
        ++*counter;
    }
    return least;
}

static __always_inline int admitted(const struct monitor_overflow* count) {
    const __u64* const room = bpf_map_lookup_elem(&room_per_cpu, &zero);
    return (room && count->inserted < *room) || bpf_get_prandom_u32() % ADMITTED_ONE_IN == 0;
}

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(on_packet, struct sk_buff* packet) {
    struct monitor_overflow* const count = bpf_map_lookup_elem(&source_overflow, &zero);
    struct monitor_source_key key = {};
    if (!count || read_source(packet, &key) != 0) return 0;
    struct net_device* const device = packet->dev;
    key.interface = device->ifindex;
    key.network = device->nd_net.net->ns.inum;
    ++count->seen;
    count->seen_bytes += packet->len;
    struct monitor_source* source = bpf_map_lookup_elem(&sources, &key);
    if (!source) {
        const __u32 before = count_in_sketch(&key);
        if (!admitted(count)) {
            ++count->lost;
            return 0;
        }
        struct monitor_source fresh = {.missed_at_most = before};
        bpf_core_read_str(fresh.device, sizeof(fresh.device), &device->name);
        bpf_map_update_elem(&sources, &key, &fresh, BPF_NOEXIST);
        source = bpf_map_lookup_elem(&sources, &key);
        if (!source) {
            ++count->lost;
            return 0;
        }
        ++count->inserted;
    }
    ++source->packets;
    source->bytes += packet->len;
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
