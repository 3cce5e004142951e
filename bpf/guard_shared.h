// What the XDP program guard.bpf.c and user space both know: reasons, settings, keys and values of
// its maps. Both sides assert the sizes.
#pragma once

#include <linux/types.h>

// What became of a packet. Those from GUARD_BLOCKED on are drops; GUARD_UNPARSED is one on demand.
enum guard_reason {
    GUARD_PLAIN,        // Nothing was said against it.
    GUARD_NOT_IP,       // ARP, LLDP and the like: always passed.
    GUARD_KEPT,         // A kept port, neighbour discovery or DHCP: whatever the lists say.
    GUARD_ALLOWED,      // Its source is on the allow list.
    GUARD_UNPARSED,     // Cut off, or no header that we know.
    GUARD_BLOCKED,      // Its source is on the block list.
    GUARD_PORT,         // To a blocked port.
    GUARD_RATE,         // More packets than its source may send.
    GUARD_SYN,          // More SYNs than its source may send,
    GUARD_SYN_ALL,      // or all sources together.
    GUARD_INITIAL,      // More QUIC Initials than its source may send,
    GUARD_INITIAL_ALL,  // or all sources together.
    GUARD_REASONS,
    GUARD_REASON_SLOTS = 16,
};

enum { GUARD_LIMITS_PER_SOURCE = 3 };

// The limits, in the order of guard_settings.limit. The first three are per source.
enum guard_limit_name {
    GUARD_LIMIT_RATE,
    GUARD_LIMIT_SYN,
    GUARD_LIMIT_INITIAL,
    GUARD_LIMIT_SYN_ALL,
    GUARD_LIMIT_INITIAL_ALL,
    GUARD_LIMITS,
};

// What is special about a port, bits of guard_ports.
enum {
    GUARD_PORT_KEEP_TCP = 1,
    GUARD_PORT_KEEP_UDP = 2,
    GUARD_PORT_BLOCK_TCP = 4,
    GUARD_PORT_BLOCK_UDP = 8,
    GUARD_PORT_QUIC = 16,
    GUARD_PORTS = 65536,
};

// The word guard_in_force: which lists count, and which of those have entries at all.
enum {
    GUARD_GENERATION = 1,
    GUARD_HAS_ALLOW4 = 2,
    GUARD_HAS_BLOCK4 = 4,
    GUARD_HAS_ALLOW6 = 8,
    GUARD_HAS_BLOCK6 = 16,
};

// Places in the arrays of lists: twice the generation, and one for the block list.
enum { GUARD_LIST_ALLOW, GUARD_LIST_BLOCK, GUARD_LIST_SLOTS = 4 };

enum {
    GUARD_SKETCH_ROWS = 4,
    GUARD_SKETCH_COLUMNS = 65536,
    GUARD_SAMPLE_SHIFT = 6,    // One packet of 64 reaches the table of samples,
    GUARD_SAMPLED_SO = 65536,  // of so many in a turn of a CPU;
    GUARD_FLOOD_SHIFT = 9,     // then one of 512: each drives another one out of the table.
    // So many in a turn of a CPU are counted one by one, then one of 16 for 16: counting must
    // not slow dropping down. Never where a limit per source depends on what was counted.
    GUARD_COUNTED_SO = 1 << 19,
    GUARD_WEIGHT_SHIFT = 4,
    GUARD_EVENT_SHIFT = 6,     // One drop of 64 becomes an event.
    GUARD_TIME_SHIFT = 4,      // Stamps count in 1/16 ns, for rates that do not divide a second.
    GUARD_FIRST_SHIFT = 10,    // guard_sketch.first counts in 1024 ns, of which 32 bits are kept.
    // A source gets buckets after so many packets in a turn, and one more for each 16384 of all:
    // four times what others add to its cells on average.
    GUARD_SUSPECTED_AFTER = 4,
    GUARD_SUSPECTED_SHIFT = 14,
};

// A token bucket as the generic cell rate algorithm (ITU-T I.371): what one packet costs in time,
// and how far ahead of the clock a source may be. 0: no limit.
struct guard_limit {
    __u64 increment;
    __u64 tolerance;
};

struct guard_settings {
    struct guard_limit limit[GUARD_LIMITS];
    __u64 seed;             // Of the sketch, so that nobody aims at one cell.
    __u32 suspected_after;  // Packets in a turn on a CPU: who has sent fewer can't exceed anything.
    __u32 cpus;
    __u32 unused;
    __u8 dry_run;
    __u8 drop_unparsed;
    __u8 count;
    __u8 limit_any;  // Some limit per source is set.
};

// A source: an IPv4 address as ::ffff:a.b.c.d, or an IPv6 /64 with the rest zero.
struct guard_source {
    __u32 word[4];
};

struct guard_key4 {
    __u32 length;
    __u32 address;
};

struct guard_key6 {
    __u32 length;
    __u32 address[4];
};

// An entry of a list. CPUs add up without a lock: now and then one is lost.
struct guard_entry {
    __u64 hits;
};

// When each limit's bucket will be empty again.
struct guard_buckets {
    __u64 stamp[GUARD_LIMITS_PER_SOURCE];
};

struct guard_sample {
    __u64 packets;  // Sampled ones: each stands for 64.
    __u64 bytes;
};

struct guard_counters {
    __u64 packets[GUARD_REASON_SLOTS];
    __u64 bytes[GUARD_REASON_SLOTS];
    __u64 random;
    __u64 events_lost;  // The ring was full.
    __u64 sampled;
    __u64 suspects;  // Sources that got buckets.
};

struct guard_sketch {
    __u64 packets;
    __u64 weighed;  // Of those, how many were counted by weight.
    __u64 unused[6];
    __u32 cell[GUARD_SKETCH_ROWS][GUARD_SKETCH_COLUMNS];
    __u32 first[GUARD_SKETCH_COLUMNS];  // When a cell of row 0 began to count; 0: not known.
};

struct guard_event {
    __u64 time_ns;  // CLOCK_MONOTONIC
    struct guard_source source;
    __u16 source_port;
    __u16 port;
    __u8 protocol;
    __u8 reason;
    __u8 dropped;
    __u8 unused;
    __u32 bytes;
    __u32 interface;
};

#ifdef __cplusplus
#define GUARD_SIZE(type, bytes) static_assert(sizeof(type) == (bytes))
#else
#define GUARD_SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type)
#endif
GUARD_SIZE(guard_settings, 5 * 16 + 24);
GUARD_SIZE(guard_source, 16);
GUARD_SIZE(guard_key4, 8);
GUARD_SIZE(guard_key6, 20);
GUARD_SIZE(guard_entry, 8);
GUARD_SIZE(guard_buckets, 24);
GUARD_SIZE(guard_sample, 16);
GUARD_SIZE(guard_counters, 36 * 8);
GUARD_SIZE(guard_sketch, 64 + (4 + 1) * 4 * 65536);
GUARD_SIZE(guard_event, 40);
#undef GUARD_SIZE
