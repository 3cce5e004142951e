// Decides what becomes of the packets that rules match; all others go to the network stack.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "xdp_steer.h"

#include "xdp_steer_card.h"

#define VLAN_TAGS_MAX 2
#define EXTENSIONS_MAX 6
#define FRAGMENT_HEADER 44
#define HEADERS_MAX 128
#define TCX_PASS (-1)

struct {
    __uint(type, BPF_MAP_TYPE_XSKMAP);
    __uint(max_entries, 256);
    __type(key, __u32);
    __type(value, __u32);
} sockets SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, STEER_VERDICTS);
    __type(key, __u32);
    __type(value, struct steer_count);
} counts SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);  // Made larger by who wants copies.
} copies SEC(".maps");

const volatile struct steer_config config;

struct parsed {
    __u64 key[STEER_WORDS];
    void* network;    // The IP header, or null.
    void* transport;  // The header behind it; null in later fragments.
    __u8 protocol;
    __u8 is_fragment;
};

static __always_inline void count(__u32 verdict, __u64 bytes) {
    struct steer_count* to = bpf_map_lookup_elem(&counts, &verdict);
    if (to) {
        to->packets++;
        to->bytes += bytes;
    }
}

// Ports of what has them; `at` may lie beyond the packet.
static __always_inline __u64 ports_at(const struct parsed* it, void* end) {
    __be16* ports = it->transport;
    if (it->protocol == IPPROTO_ICMP || it->protocol == IPPROTO_ICMPV6) {
        __u8* kind = it->transport;
        return kind && (void*)(kind + 1) <= end ? (__u64)*kind << 16 : 0;
    }
    if (it->protocol != IPPROTO_UDP && it->protocol != IPPROTO_TCP && it->protocol != 132) {
        return 0;
    }
    if (!ports || (void*)(ports + 2) > end) {
        return 0;
    }
    return (__u64)bpf_ntohs(ports[0]) << 32 | (__u64)bpf_ntohs(ports[1]) << 16;
}

static __always_inline void parse_arp(struct parsed* it, void* at, void* end) {
    __u8* arp = at;
    __be32 source, target;
    if ((void*)(arp + 28) > end) {
        return;
    }
    __builtin_memcpy(&source, arp + 14, 4);
    __builtin_memcpy(&target, arp + 24, 4);
    it->key[1] = bpf_cpu_to_be64((__u64)bpf_ntohl(source));
    it->key[3] = bpf_cpu_to_be64((__u64)bpf_ntohl(target));
    it->key[4] |= (__u64)arp[7] << 8 | STEER_VERSION_ARP;
}

static __always_inline void parse_v4(struct parsed* it, void* at, void* end) {
    struct iphdr* ip = at;
    if ((void*)(ip + 1) > end || ip->version != 4 || ip->ihl < 5) {
        return;
    }
    it->network = ip;
    it->protocol = ip->protocol;
    it->key[1] = bpf_cpu_to_be64((__u64)bpf_ntohl(ip->saddr));
    it->key[3] = bpf_cpu_to_be64((__u64)bpf_ntohl(ip->daddr));
    it->key[4] |= (__u64)ip->protocol << 8 | 4;
    it->is_fragment = (bpf_ntohs(ip->frag_off) & 0x3fff) != 0;
    if ((bpf_ntohs(ip->frag_off) & 0x1fff) == 0) {
        it->transport = at + ip->ihl * 4;
    }
}

static __always_inline void parse_v6(struct parsed* it, void* at, void* end) {
    struct ipv6hdr* ip = at;
    if ((void*)(ip + 1) > end || ip->version != 6) {
        return;
    }
    it->network = ip;
    __builtin_memcpy(&it->key[0], &ip->saddr, 16);
    __builtin_memcpy(&it->key[2], &ip->daddr, 16);
    __u8 next = ip->nexthdr;
    void* here = ip + 1;
    int later_fragment = 0;
    for (int i = 0; i < EXTENSIONS_MAX; ++i) {
        __u8* extension = here;
        if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS &&
            next != FRAGMENT_HEADER) {
            break;
        }
        if ((void*)(extension + 8) > end) {
            return;
        }
        if (next == FRAGMENT_HEADER) {
            it->is_fragment |= (extension[2] | (extension[3] & 0xf9)) != 0;
            later_fragment |= (extension[2] | (extension[3] & 0xf8)) != 0;
            here += 8;
        } else {
            here += 8 + extension[1] * 8;
        }
        next = extension[0];
    }
    it->protocol = next;
    it->key[4] |= (__u64)next << 8 | 6;
    if (!later_fragment) {
        it->transport = here;
    }
}

static __always_inline int parse(void* begin, void* end, struct parsed* it) {
    struct ethhdr* ethernet = begin;
    if ((void*)(ethernet + 1) > end) {
        return -1;
    }
    void* at = ethernet + 1;
    __u16 type = bpf_ntohs(ethernet->h_proto);
    for (int i = 0; i < VLAN_TAGS_MAX; ++i) {
        __be16* tag = at;
        if (type != ETH_P_8021Q && type != ETH_P_8021AD) {
            break;
        }
        if ((void*)(tag + 2) > end) {
            return -1;
        }
        type = bpf_ntohs(tag[1]);
        at = tag + 2;
    }
    it->key[4] = (__u64)type << 48;
    if (type == ETH_P_IP) {
        parse_v4(it, at, end);
    } else if (type == ETH_P_IPV6) {
        parse_v6(it, at, end);
    } else if (type == ETH_P_ARP) {
        parse_arp(it, at, end);
    }
    it->key[4] |= ports_at(it, end);
    return 0;
}

static __always_inline int is_matched(const struct parsed* it) {
    if (config.rules == 0) {
        return 1;
    }
    for (__u32 i = 0; i < STEER_RULES_MAX; ++i) {
        if (i >= config.rules) {
            break;
        }
        const volatile struct steer_rule* rule = &config.rule[i];
        __u64 differs = 0;
        for (int word = 0; word < STEER_WORDS; ++word) {
            differs |= (it->key[word] ^ rule->value[word]) & rule->mask[word];
        }
        if (differs == 0) {
            return 1;
        }
    }
    return 0;
}

// One's complement sum of 16 bits after the word `from` became `to` (RFC 1624, equation 3).
static __always_inline __u16 adjusted(__u16 checksum, __u16 from, __u16 to) {
    __u32 sum = (__u16)~checksum + (__u16)~from + to;
    sum = (sum & 0xffff) + (sum >> 16);
    return ~((sum & 0xffff) + (sum >> 16));
}

// Each turn costs a hop, so that two reflectors that meet do not play for ever.
static __always_inline int is_expired(void* network, int v4, void* end) {
    if (v4) {
        struct iphdr* ip = network;
        return (void*)(ip + 1) > end || ip->ttl <= 1;
    }
    struct ipv6hdr* ip = network;
    return (void*)(ip + 1) > end || ip->hop_limit <= 1;
}

static __always_inline void turn_v4(struct iphdr* ip, void* end) {
    if ((void*)(ip + 1) > end) {
        return;
    }
    __be32 source = ip->saddr;
    ip->saddr = ip->daddr;
    ip->daddr = source;
    __u16 before = *(__u16*)&ip->ttl;
    ip->ttl--;
    ip->check = adjusted(ip->check, before, *(__u16*)&ip->ttl);
}

static __always_inline void turn_v6(struct ipv6hdr* ip, void* end) {
    if ((void*)(ip + 1) > end) {
        return;
    }
    struct in6_addr source = ip->saddr;
    ip->saddr = ip->daddr;
    ip->daddr = source;
    ip->hop_limit--;
}

// UDP, TCP and SCTP: the ports change places, which no checksum notices. An echo request becomes
// the reply.
static __always_inline int turn_transport(const struct parsed* it, void* end) {
    __u16* words = it->transport;
    if (!words) {
        return 0;
    }
    if ((void*)(words + 2) > end) {
        return -1;
    }
    const __u8 kind = *(__u8*)words;
    if (it->protocol == IPPROTO_UDP || it->protocol == IPPROTO_TCP || it->protocol == 132) {
        __u16 port = words[0];
        words[0] = words[1];
        words[1] = port;
        return 0;
    }
    const int v6 = it->protocol == IPPROTO_ICMPV6;
    if (it->protocol != IPPROTO_ICMP && !v6) {
        return 0;
    }
    if (kind != (v6 ? 128 : 8)) {
        return -1;
    }
    __u16 before = words[0];
    *(__u8*)words = v6 ? 129 : 0;
    words[1] = adjusted(words[1], before, words[0]);
    return 0;
}

static __always_inline int reflect(struct xdp_md* context, const struct parsed* it) {
    void* end = (void*)(long)context->data_end;
    struct ethhdr* ethernet = (void*)(long)context->data;
    if ((void*)(ethernet + 1) > end || (ethernet->h_dest[0] & 1) || !it->network) {
        return -1;  // Never to a group: everybody would answer.
    }
    // Whatever may be refused comes first: what is passed on must be as it was.
    const int v4 = (it->key[4] & 0xff) == 4;
    if (is_expired(it->network, v4, end) || turn_transport(it, end)) {
        return -1;
    }
    if (v4) {
        turn_v4(it->network, end);
    } else {
        turn_v6(it->network, end);
    }
    __u8 source[ETH_ALEN];
    __builtin_memcpy(source, ethernet->h_source, ETH_ALEN);
    __builtin_memcpy(ethernet->h_source, ethernet->h_dest, ETH_ALEN);
    __builtin_memcpy(ethernet->h_dest, source, ETH_ALEN);
    return 0;
}

// The tag of a packet that is sent may still be beside it: it belongs behind the addresses.
static __always_inline int load_sent(struct __sk_buff* packet, __u8* to, __u32 captured) {
    if (!packet->vlan_present) {
        return bpf_skb_load_bytes(packet, 0, to, captured);
    }
    __be16 tag[2] = {packet->vlan_proto, bpf_htons(packet->vlan_tci)};
    if (captured <= 16 || bpf_skb_load_bytes(packet, 0, to, 12)) {
        return -1;
    }
    __builtin_memcpy(to + 12, tag, sizeof(tag));
    return bpf_skb_load_bytes(packet, 12, to + 16, captured - 16);
}

// Room in the ring buffer must have a constant size, so there are some to choose from.
static __always_inline int copy_into(void* context, __u32 length, __u32 captured,
                                     const __u32 room, const int is_sent) {
    struct steer_copy* to = bpf_ringbuf_reserve(&copies, sizeof(*to) + room, 0);
    if (!to) {
        return -1;
    }
    to->time_ns = bpf_ktime_get_ns();
    to->length = length;
    to->captured = captured;
    to->is_sent = is_sent;
    to->unused = 0;
    if (!is_sent) {
        struct steer_hints hints = {};
        ask_card(context, &hints);
        to->hints = hints;
    } else {
        __builtin_memset(&to->hints, 0, sizeof(to->hints));
    }
    // One comparison for both bounds, which the compiler may not take apart: verifiers before
    // Linux 6.8 learn nothing from a number not being zero.
    __u64 behind_first = (__u64)captured - 1;
    barrier_var(behind_first);
    if (behind_first >= room ||
        (is_sent ? load_sent(context, (__u8*)(to + 1), behind_first + 1)
                 : bpf_xdp_load_bytes(context, 0, to + 1, behind_first + 1))) {
        bpf_ringbuf_discard(to, 0);
        return -1;
    }
    bpf_ringbuf_submit(to, 0);
    return 0;
}

static __always_inline void copy(void* context, __u64 bytes, const int is_sent) {
    const __u32 captured = bytes < config.captured_max ? bytes : config.captured_max;
    int failed = -1;
    if (captured <= 128) {
        failed = copy_into(context, bytes, captured, 128, is_sent);
    } else if (captured <= 512) {
        failed = copy_into(context, bytes, captured, 512, is_sent);
    } else if (captured <= 2048) {
        failed = copy_into(context, bytes, captured, 2048, is_sent);
    } else {
        failed = copy_into(context, bytes, captured, STEER_COPY_MAX, is_sent);
    }
    count(failed ? STEER_LOST : STEER_COPY, bytes);
}

SEC("xdp.frags")
int xdp_steer(struct xdp_md* context) {
    const __u64 bytes = bpf_xdp_get_buff_len(context);
    struct parsed it = {};
    if (parse((void*)(long)context->data, (void*)(long)context->data_end, &it) ||
        !is_matched(&it)) {
        count(STEER_PASS, bytes);
        return XDP_PASS;
    }
    if (config.verdict == STEER_DROP) {
        count(STEER_DROP, bytes);
        return XDP_DROP;
    }
    if (config.verdict == STEER_REFLECT && !reflect(context, &it)) {
        count(STEER_REFLECT, bytes);
        return XDP_TX;
    }
    if (config.verdict == STEER_COPY) {
        copy(context, bytes, 0);
        return XDP_PASS;
    }
    const int is_part = it.is_fragment || bytes > config.whole_max;
    if (config.verdict == STEER_SOCKET && (config.whole_max == 0 || !is_part)) {
        const int has_hints = !prepend_hints(context);
        const int to = bpf_redirect_map(&sockets, context->rx_queue_index, XDP_PASS);
        if (to != XDP_REDIRECT && has_hints) {  // The network stack would compare them (GRO).
            bpf_xdp_adjust_meta(context, sizeof(struct steer_hints));
        }
        count(to == XDP_REDIRECT ? STEER_SOCKET : STEER_NO_SOCKET, bytes);
        return to;
    }
    count(STEER_PASS, bytes);
    return XDP_PASS;
}

// Copies what the interface sends. Packets of AF_XDP and of XDP_TX do not come by here.
SEC("tcx/egress")
int steer_sent(struct __sk_buff* packet) {
    const __u32 bytes = packet->len + (packet->vlan_present ? 4 : 0);
    void* begin = (void*)(long)packet->data;
    void* end = (void*)(long)packet->data_end;
    const __u32 wanted = packet->len < HEADERS_MAX ? packet->len : HEADERS_MAX;
    if (end - begin < wanted) {  // Headers may lie in fragments.
        bpf_skb_pull_data(packet, wanted);
        begin = (void*)(long)packet->data;
        end = (void*)(long)packet->data_end;
    }
    struct parsed it = {};
    if (!parse(begin, end, &it) && is_matched(&it)) {
        copy(packet, bytes, 1);
    }
    return TCX_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
