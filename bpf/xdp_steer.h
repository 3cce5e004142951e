/* What the steering program and user space share: rules, verdicts, counters. */
#pragma once

#ifdef __cplusplus
#include <cstdint>
typedef std::uint64_t steer_u64;
typedef std::uint32_t steer_u32;
typedef std::uint16_t steer_u16;
#else
typedef unsigned long long steer_u64;
typedef unsigned int steer_u32;
typedef unsigned short steer_u16;
#endif

#define STEER_RULES_MAX 16
#define STEER_WORDS 5

/* Words of a key: the source and the target address, 16 bytes each as they stand in the packet
 * (IPv4 in the last four, all else zero), then: EtherType << 48 | source port << 32 |
 * target port << 16 | IP protocol << 8 | IP version (4, 6 or 0), ports and EtherType as numbers.
 * ICMP has its type for a target port; ARP its operation for a protocol, the addresses it is about,
 * and a version of its own. */
#define STEER_VERSION_ARP 1

/* What the card told of a packet. It stands right in front of the first byte of a packet that goes
 * to a socket: the last 32 bytes of its headroom, as much as metadata may take (Linux 6.1). User
 * space clears `magic` in each frame that it offers, so that a packet without hints has none. */
struct steer_hints {
    steer_u64 time_ns;       /* By the clock of the card. */
    steer_u32 hash;
    steer_u32 hash_kind;     /* XDP_RSS_* of the kernel: which headers it is of. */
    steer_u16 vlan_protocol; /* In network order. */
    steer_u16 vlan_control;  /* Priority, DEI, number. */
    steer_u32 valid;         /* STEER_HINT_* */
    steer_u64 magic;
};
#define STEER_HINTS_MAGIC 0x52775278486e7473ULL
#define STEER_HINT_TIME 1
#define STEER_HINT_HASH 2
#define STEER_HINT_VLAN 4

/* In front of a packet that was copied for user space, cut off at `captured`. */
struct steer_copy {
    steer_u64 time_ns; /* CLOCK_MONOTONIC */
    steer_u32 length;
    steer_u32 captured;
    steer_u32 is_sent; /* By the interface; else received. */
    steer_u32 unused;
    struct steer_hints hints; /* All zero without. */
};
#define STEER_COPY_MAX 9216

struct steer_rule {
    steer_u64 value[STEER_WORDS];
    steer_u64 mask[STEER_WORDS];
};

enum steer_verdict {
    STEER_PASS = 0,     /* To the network stack. */
    STEER_DROP = 1,
    STEER_REFLECT = 2,  /* Back to where it came from, addresses and ports exchanged. */
    STEER_SOCKET = 3,   /* To the AF_XDP socket of the queue. */
    STEER_NO_SOCKET = 4, /* Counted only: the queue has no socket, the packet was passed. */
    STEER_COPY = 5,      /* To the network stack, and a copy to user space. */
    STEER_LOST = 6,      /* Counted only: there was no room for the copy. */
    STEER_VERDICTS = 7,
};

struct steer_config {
    steer_u32 verdict; /* Of what a rule matches; without rules of everything. */
    steer_u32 rules;
    steer_u32 captured_max; /* Bytes of a copy at most, STEER_COPY_MAX at most. */
    steer_u32 whole_max; /* Larger packets and fragments are passed; 0: not for that. */
    struct steer_rule rule[STEER_RULES_MAX];
};

struct steer_count {
    steer_u64 packets;
    steer_u64 bytes;
};

#ifdef __cplusplus
static_assert(sizeof(steer_hints) == 32);
static_assert(sizeof(steer_copy) == 56);
static_assert(sizeof(steer_rule) == 80);
static_assert(sizeof(steer_config) == 16 + 16 * 80);
static_assert(sizeof(steer_count) == 16);
#else
_Static_assert(sizeof(struct steer_hints) == 32, "hints");
_Static_assert(sizeof(struct steer_copy) == 56, "copy");
_Static_assert(sizeof(struct steer_rule) == 80, "rule");
_Static_assert(sizeof(struct steer_config) == 16 + 16 * 80, "config");
_Static_assert(sizeof(struct steer_count) == 16, "count");
#endif
