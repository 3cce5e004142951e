/* What the steering program and user space share: rules, verdicts, counters. */
#pragma once

#ifdef __cplusplus
#include <cstdint>
typedef std::uint64_t steer_u64;
typedef std::uint32_t steer_u32;
#else
typedef unsigned long long steer_u64;
typedef unsigned int steer_u32;
#endif

#define STEER_RULES_MAX 16
#define STEER_WORDS 5

/* Words of a key: the source and the target address, 16 bytes each as they stand in the packet
 * (IPv4 in the last four, all else zero), then: EtherType << 48 | source port << 32 |
 * target port << 16 | IP protocol << 8 | IP version (4, 6 or 0), ports and EtherType as numbers. */
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
    STEER_VERDICTS = 5,
};

struct steer_config {
    steer_u32 verdict; /* Of what a rule matches; without rules of everything. */
    steer_u32 rules;
    struct steer_rule rule[STEER_RULES_MAX];
};

struct steer_count {
    steer_u64 packets;
    steer_u64 bytes;
};

#ifdef __cplusplus
static_assert(sizeof(steer_rule) == 80);
static_assert(sizeof(steer_config) == 8 + 16 * 80);
static_assert(sizeof(steer_count) == 16);
#else
_Static_assert(sizeof(struct steer_rule) == 80, "rule");
_Static_assert(sizeof(struct steer_config) == 8 + 16 * 80, "config");
_Static_assert(sizeof(struct steer_count) == 16, "count");
#endif
