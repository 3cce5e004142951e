// How the firewall reads a packet: Ethernet, up to two VLAN tags, IPv4 or IPv6 with its extension
// headers, TCP or UDP. Included by guard.bpf.c alone.
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "guard_shared.h"

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_SERVICE_VLAN = 0x88a8,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ICMP6 = 58,
    VLAN_TAGS_MOST = 2,
    EXTENSION_HEADERS_MOST = 8,
    QUIC_VERSION_1 = 1,
    QUIC_VERSION_2 = 0x6b3343cf,
};

struct packet {
    struct guard_source source;  // As it stands there; not yet cut to a /64.
    __u32 at;                    // Where the next header begins,
    __u32 ip_end;                // and where the IP packet says that it ends.
    __u16 source_port;
    __u16 port;
    __u8 protocol;
    __u8 hop_limit;
    bool v6;
    bool later_fragment;  // It has no ports.
    bool syn;
    bool initial;
    bool unparsed;
    bool discovery;  // Neighbour discovery or DHCP: without it this machine is off the network.
};

enum parsed { PARSED_IP, PARSED_OTHER, PARSED_NOTHING };

struct ipv4_header {
    __u8 version_words;
    __u8 service;
    __be16 length;
    __be16 id;
    __be16 fragment;
    __u8 time_to_live;
    __u8 protocol;
    __be16 checksum;
    __be32 source;
    __be32 destination;
};

struct ipv6_header {
    __u8 version;
    __u8 flow[3];
    __be16 payload;
    __u8 next;
    __u8 hop_limit;
    __u32 source[4];
    __u32 destination[4];
};

// The bytes at `at`, or null if fewer than `size` are there.
static __always_inline void* bytes_at(struct xdp_md* context, __u32 at, __u32 size) {
    void* const data = (void*)(long)context->data;
    void* const end = (void*)(long)context->data_end;
    if (at > 0x7fff) return 0;
    void* const here = data + at;
    return here + size > end ? 0 : here;
}

static __always_inline enum parsed parse_ipv4(struct xdp_md* context, struct packet* to) {
    const struct ipv4_header* const ip = bytes_at(context, to->at, sizeof(*ip));
    if (!ip || ip->version_words >> 4 != 4) return PARSED_NOTHING;
    const __u32 header = (ip->version_words & 15) * 4;
    const __u32 length = bpf_ntohs(ip->length);
    if (header < sizeof(*ip) || length < header) return PARSED_NOTHING;
    to->source.word[2] = bpf_htonl(0xffff);
    to->source.word[3] = ip->source;
    to->protocol = ip->protocol;
    to->ip_end = to->at + length;
    to->later_fragment = (ip->fragment & bpf_htons(0x1fff)) != 0;
    if (!bytes_at(context, to->at, header)) to->unparsed = true;
    to->at += header;
    return PARSED_IP;
}

static __always_inline bool is_extension(__u8 protocol) {
    return protocol == 0 || protocol == 43 || protocol == 44 || protocol == 51 ||
           protocol == 60 || protocol == 135 || protocol == 139 || protocol == 140;
}

// Walks over one extension header (RFC 8200 section 4; RFC 4302 for AH). False: there is none.
static __always_inline bool skip_extension(struct xdp_md* context, struct packet* to) {
    if (!is_extension(to->protocol)) return false;
    const __u8* const head = bytes_at(context, to->at, 8);
    if (!head || to->at + 8 > to->ip_end) {
        to->unparsed = true;
        return false;
    }
    const __u8 kind = to->protocol;
    to->protocol = head[0];
    if (kind == 44) {
        to->later_fragment = ((head[2] << 8 | head[3]) & 0xfff8) != 0;
        to->at += 8;
        return !to->later_fragment;
    }
    to->at += kind == 51 ? (head[1] + 2) * 4 : (head[1] + 1) * 8;
    return true;
}

static __always_inline enum parsed parse_ipv6(struct xdp_md* context, struct packet* to) {
    const struct ipv6_header* const ip = bytes_at(context, to->at, sizeof(*ip));
    if (!ip || ip->version >> 4 != 6) return PARSED_NOTHING;
    to->v6 = true;
    to->source.word[0] = ip->source[0];
    to->source.word[1] = ip->source[1];
    to->source.word[2] = ip->source[2];
    to->source.word[3] = ip->source[3];
    to->protocol = ip->next;
    to->hop_limit = ip->hop_limit;
    to->at += sizeof(*ip);
    // A jumbogram (RFC 2675) has its length elsewhere; no link here carries one.
    to->ip_end = ip->payload ? to->at + bpf_ntohs(ip->payload) : 0x7fffffff;
    for (int i = 0; i < EXTENSION_HEADERS_MOST; ++i) {
        if (!skip_extension(context, to)) return PARSED_IP;
    }
    if (is_extension(to->protocol)) to->unparsed = true;
    return PARSED_IP;
}

static __always_inline enum parsed parse_network(struct xdp_md* context, struct packet* to) {
    const __be16* const type = bytes_at(context, 12, 2);
    if (!type) return PARSED_NOTHING;
    __u16 ethertype = bpf_ntohs(*type);
    to->at = 14;
    for (int i = 0; i < VLAN_TAGS_MOST; ++i) {
        if (ethertype != ETHERTYPE_VLAN && ethertype != ETHERTYPE_SERVICE_VLAN) break;
        const __be16* const inner = bytes_at(context, to->at + 2, 2);
        if (!inner) return PARSED_NOTHING;
        ethertype = bpf_ntohs(*inner);
        to->at += 4;
    }
    if (ethertype == ETHERTYPE_IPV4) return parse_ipv4(context, to);
    if (ethertype == ETHERTYPE_IPV6) return parse_ipv6(context, to);
    return PARSED_OTHER;
}

// RFC 9000 section 17.2 and RFC 9369 section 3.2. What has an unknown version asks for as much.
static __always_inline bool is_initial(struct xdp_md* context, const struct packet* of) {
    const __u8* const head = bytes_at(context, of->at + 8, 5);
    if (!head || of->at + 13 > of->ip_end || !(head[0] & 0x80)) return false;
    const __u32 version = (__u32)head[1] << 24 | head[2] << 16 | head[3] << 8 | head[4];
    const __u8 type = head[0] >> 4 & 3;
    if (version == QUIC_VERSION_1) return type == 0;
    return version == QUIC_VERSION_2 ? type == 1 : true;
}

static __always_inline void parse_tcp(struct xdp_md* context, struct packet* to) {
    const __u8* const head = bytes_at(context, to->at, 20);
    if (!head || to->at + 20 > to->ip_end) {
        to->unparsed = true;
        return;
    }
    to->source_port = (__u16)(head[0] << 8 | head[1]);
    to->port = (__u16)(head[2] << 8 | head[3]);
    to->syn = (head[13] & 0x12) == 2;
}

// Answers to a DHCP client (RFC 2131 section 4.1, RFC 8415 section 7.2).
static __always_inline bool is_dhcp(const struct packet* of) {
    return of->v6 ? of->source_port == 547 && of->port == 546
                  : of->source_port == 67 && of->port == 68;
}

static __always_inline void parse_transport(struct xdp_md* context, struct packet* to) {
    if (to->later_fragment || to->unparsed) return;
    if (to->protocol == PROTOCOL_TCP) {
        parse_tcp(context, to);
    } else if (to->protocol == PROTOCOL_UDP) {
        const __u8* const head = bytes_at(context, to->at, 8);
        if (!head || to->at + 8 > to->ip_end) {
            to->unparsed = true;
            return;
        }
        to->source_port = (__u16)(head[0] << 8 | head[1]);
        to->port = (__u16)(head[2] << 8 | head[3]);
        to->initial = is_initial(context, to);
        to->discovery = is_dhcp(to);
    } else if (to->v6 && to->protocol == PROTOCOL_ICMP6) {
        const __u8* const head = bytes_at(context, to->at, 4);
        if (!head || to->at + 4 > to->ip_end) {
            to->unparsed = true;
            return;
        }
        // RFC 4861 section 7.1: what a router has forwarded is no neighbour's.
        to->discovery = to->hop_limit == 255 && head[0] >= 133 && head[0] <= 137;
    }
}
