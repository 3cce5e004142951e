// The firewall: lists of sources, ports, limits per source, and counting that stays cheap with a
// million of spoofed sources. Attached by src/guard.
#include "guard_parse.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

const volatile struct guard_settings guard_settings;

// Written by user space while we run, one word or byte at a time.
__u32 guard_in_force;
__u32 guard_sketch_turn;
__u8 guard_ports[GUARD_PORTS];

__u64 guard_stamp_all[2];

struct list4 {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 1 << 20);
    __uint(key_size, sizeof(struct guard_key4));
    __uint(value_size, sizeof(struct guard_entry));
};

struct list6 {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 1 << 20);
    __uint(key_size, sizeof(struct guard_key6));
    __uint(value_size, sizeof(struct guard_entry));
};

// Whole lists are exchanged: the new ones are filled beside the old, then guard_in_force turns.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, GUARD_LIST_SLOTS);
    __type(key, __u32);
    __array(values, struct list4);
} lists4 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, GUARD_LIST_SLOTS);
    __type(key, __u32);
    __array(values, struct list6);
} lists6 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct guard_counters);
} counters SEC(".maps");

// Two per CPU, taken in turns: user space makes max_entries fit.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 2);
    __type(key, __u32);
    __type(value, struct guard_sketch);
} sketches SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 16384);
    __type(key, struct guard_source);
    __type(value, struct guard_sample);
} samples SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 65536);
    __type(key, struct guard_source);
    __type(value, struct guard_buckets);
} buckets SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 1 << 20);
} events SEC(".maps");

// The entry of `source` in a list; null if that has none.
static __always_inline struct guard_entry* find_entry(const struct packet* of, __u32 slot) {
    if (of->v6) {
        void* const list = bpf_map_lookup_elem(&lists6, &slot);
        struct guard_key6 key = {.length = 128,
                                 .address = {of->source.word[0], of->source.word[1],
                                             of->source.word[2], of->source.word[3]}};
        return list ? bpf_map_lookup_elem(list, &key) : 0;
    }
    void* const list = bpf_map_lookup_elem(&lists4, &slot);
    struct guard_key4 key = {.length = 32, .address = of->source.word[3]};
    return list ? bpf_map_lookup_elem(list, &key) : 0;
}

static __always_inline bool is_listed(const struct packet* of, __u32 in_force, __u32 list) {
    const __u32 bit = (of->v6 ? GUARD_HAS_ALLOW6 : GUARD_HAS_ALLOW4) << list;
    if (!(in_force & bit)) return false;
    struct guard_entry* const entry = find_entry(of, (in_force & GUARD_GENERATION) * 2 + list);
    if (!entry) return false;
    ++entry->hits;
    return true;
}

static __always_inline __u32 next_random(struct guard_counters* mine) {
    mine->random = mine->random * 6364136223846793005ULL + 1442695040888963407ULL;
    return mine->random >> 32;
}

static __always_inline __u64 hash_of(const struct guard_source* source) {
    const __u64 high = (__u64)source->word[0] << 32 | source->word[1];
    const __u64 low = (__u64)source->word[2] << 32 | source->word[3];
    __u64 hash = (high ^ guard_settings.seed) * 0xff51afd7ed558ccdULL + low;
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdULL;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53ULL;
    return hash ^ hash >> 33;
}

static __always_inline void sample(const struct guard_source* source, __u32 bytes) {
    struct guard_sample* const known = bpf_map_lookup_elem(&samples, source);
    if (known) {
        __sync_fetch_and_add(&known->packets, 1);
        __sync_fetch_and_add(&known->bytes, bytes);
        return;
    }
    const struct guard_sample first = {.packets = 1, .bytes = bytes};
    bpf_map_update_elem(&samples, source, &first, BPF_NOEXIST);
}

// What was counted of a source, on one CPU or on all.
struct counted {
    __u64 hash;
    __u64 now;      // In units of the stamps; 0 if nothing is limited.
    __u64 packets;  // Of this source since the turn, at most.
    __u32 age;      // Of the first of them, in units of guard_sketch.first; never too small.
    __u32 turn;
    bool suspect;  // It needs buckets, if it has none.
};

static __always_inline __u32 least(__u32 a, __u32 b, __u32 c, __u32 d) {
    const __u32 ab = a < b ? a : b;
    const __u32 cd = c < d ? c : d;
    return ab < cd ? ab : cd;
}

static __always_inline __u32 first_clock(__u64 now) {
    return now >> (GUARD_TIME_SHIFT + GUARD_FIRST_SHIFT);
}

// Counts a packet of `source` on this CPU.
static __always_inline void count(const struct guard_source* source, __u32 bytes,
                                  struct guard_counters* mine, struct counted* of) {
    of->turn = guard_sketch_turn & 1;
    const __u32 slot = bpf_get_smp_processor_id() * 2 + of->turn;
    struct guard_sketch* const sketch = bpf_map_lookup_elem(&sketches, &slot);
    if (!sketch) return;
    const __u64 all = ++sketch->packets;
    const __u32 draw = next_random(mine);
    __u32 weight = 1;
    if (all > GUARD_COUNTED_SO && !guard_settings.limit_any) {
        ++sketch->weighed;
        if (draw >> (32 - GUARD_WEIGHT_SHIFT)) return;
        weight = 1 << GUARD_WEIGHT_SHIFT;
    }
    const __u64 hash = of->hash = hash_of(source);
    if (of->now && sketch->cell[0][hash & 0xffff] == 0) {
        sketch->first[hash & 0xffff] = first_clock(of->now);
    }
    const __u32 a = sketch->cell[0][hash & 0xffff] += weight;
    const __u32 b = sketch->cell[1][hash >> 16 & 0xffff] += weight;
    const __u32 c = sketch->cell[2][hash >> 32 & 0xffff] += weight;
    const __u32 d = sketch->cell[3][hash >> 48] += weight;
    const __u32 shift = all < GUARD_SAMPLED_SO ? GUARD_SAMPLE_SHIFT : GUARD_FLOOD_SHIFT;
    // One of `weight` has come so far.
    if ((draw * weight & ((1U << shift) - 1)) == 0) {
        ++mine->sampled;
        sample(source, bytes);
    }
    const __u32 seen = least(a, b, c, d);
    of->suspect = seen >= guard_settings.suspected_after ||
                  seen >= GUARD_SUSPECTED_AFTER + (all >> GUARD_SUSPECTED_SHIFT);
}

// Adds what CPU `cpu` has counted of the source since the turn.
static long add_counted(__u32 cpu, struct counted* to) {
    const __u32 slot = cpu * 2 + to->turn;
    const struct guard_sketch* const sketch = bpf_map_lookup_elem(&sketches, &slot);
    if (!sketch) return 1;
    const __u64 hash = to->hash;
    const __u32 seen = least(sketch->cell[0][hash & 0xffff], sketch->cell[1][hash >> 16 & 0xffff],
                             sketch->cell[2][hash >> 32 & 0xffff], sketch->cell[3][hash >> 48]);
    const __u32 first = sketch->first[hash & 0xffff];
    const __u32 age = first_clock(to->now) - first;
    to->packets += seen;
    // The clock of another CPU may be a bit ahead.
    if (seen && first && age < 1U << 31 && age > to->age) to->age = age;
    return 0;
}

// Takes a token. False: there is none. `now` is in units of the stamps.
static __always_inline bool take(__u64* stamp, __u32 limit, __u64 now) {
    const __u64 increment = guard_settings.limit[limit].increment;
    const __u64 tolerance = guard_settings.limit[limit].tolerance;
    __u64 seen = *(volatile __u64*)stamp;
    for (int i = 0; i < 8; ++i) {
        const __u64 from = seen > now ? seen : now;
        if (from - now > tolerance) return false;
        const __u64 found = __sync_val_compare_and_swap(stamp, seen, from + increment);
        if (found == seen) return true;
        seen = found;
    }
    return false;
}

static __always_inline bool is_limited(__u32 limit) {
    return guard_settings.limit[limit].increment != 0;
}

// Where a bucket would be now, had it been there since the first of the packets that were counted:
// this one, which is still to be judged, is among them. Never beyond full: of a source whose bucket
// was driven out, most were dropped.
static __always_inline __u64 stamp_after(const struct counted* of, __u32 limit) {
    const __u64 spent = (of->packets - 1) * guard_settings.limit[limit].increment;
    const __u64 age = (__u64)of->age << (GUARD_TIME_SHIFT + GUARD_FIRST_SHIFT);
    if (of->packets < 2 || spent <= age) return of->now;
    const __u64 ahead = spent - age;
    const __u64 most = guard_settings.limit[limit].tolerance;
    return of->now + (ahead < most ? ahead : most);
}

// The buckets of the source of a packet. Those who have sent little can't have exceeded anything:
// they get none, so that spoofed sources do not drive the others out of the table.
static __always_inline struct guard_buckets* find_buckets(const struct packet* of,
                                                          struct counted* counted,
                                                          struct guard_counters* mine) {
    struct guard_buckets* const known = bpf_map_lookup_elem(&buckets, &of->source);
    if (known || !counted->suspect) return known;
    // What it has sent so far was let through by nobody's leave.
    if (guard_settings.count) bpf_loop(guard_settings.cpus, add_counted, counted, 0);
    // How many of them were SYNs or Initials is not known: all, if this is one.
    const __u64 now = counted->now;
    const struct guard_buckets fresh = {
        .stamp = {stamp_after(counted, GUARD_LIMIT_RATE),
                  of->syn ? stamp_after(counted, GUARD_LIMIT_SYN) : now,
                  of->initial ? stamp_after(counted, GUARD_LIMIT_INITIAL) : now}};
    ++mine->suspects;
    bpf_map_update_elem(&buckets, &of->source, &fresh, BPF_NOEXIST);
    return bpf_map_lookup_elem(&buckets, &of->source);
}

static __always_inline __u32 judge_source(const struct packet* of, struct guard_buckets* mine,
                                          __u64 now) {
    if (is_limited(GUARD_LIMIT_RATE) && !take(&mine->stamp[0], GUARD_LIMIT_RATE, now)) {
        return GUARD_RATE;
    }
    if (is_limited(GUARD_LIMIT_SYN) && of->syn && !take(&mine->stamp[1], GUARD_LIMIT_SYN, now)) {
        return GUARD_SYN;
    }
    if (is_limited(GUARD_LIMIT_INITIAL) && of->initial &&
        !take(&mine->stamp[2], GUARD_LIMIT_INITIAL, now)) {
        return GUARD_INITIAL;
    }
    return GUARD_PLAIN;
}

static __always_inline __u32 judge_rates(struct packet* of, __u32 bytes,
                                         struct guard_counters* mine) {
    if (of->v6) of->source.word[2] = of->source.word[3] = 0;
    const bool all = (is_limited(GUARD_LIMIT_SYN_ALL) && of->syn) ||
                     (is_limited(GUARD_LIMIT_INITIAL_ALL) && of->initial);
    const bool limited = guard_settings.limit_any || all;
    const __u64 now = limited ? bpf_ktime_get_ns() << GUARD_TIME_SHIFT : 0;
    struct counted counted = {.now = now, .suspect = true};
    if (guard_settings.count) count(&of->source, bytes, mine, &counted);
    if (!limited) return GUARD_PLAIN;
    if (guard_settings.limit_any) {
        struct guard_buckets* const own = find_buckets(of, &counted, mine);
        const __u32 verdict = own ? judge_source(of, own, now) : GUARD_PLAIN;
        if (verdict != GUARD_PLAIN) return verdict;
    }
    if (is_limited(GUARD_LIMIT_SYN_ALL) && of->syn &&
        !take(&guard_stamp_all[0], GUARD_LIMIT_SYN_ALL, now)) {
        return GUARD_SYN_ALL;
    }
    if (is_limited(GUARD_LIMIT_INITIAL_ALL) && of->initial &&
        !take(&guard_stamp_all[1], GUARD_LIMIT_INITIAL_ALL, now)) {
        return GUARD_INITIAL_ALL;
    }
    return GUARD_PLAIN;
}

static __always_inline __u8 port_bits(const struct packet* of) {
    if (of->later_fragment || of->unparsed) return 0;
    if (of->protocol != PROTOCOL_TCP && of->protocol != PROTOCOL_UDP) return 0;
    return guard_ports[of->port];
}

static __always_inline __u32 judge(struct xdp_md* context, struct packet* of, __u32 bytes,
                                   struct guard_counters* mine) {
    const enum parsed network = parse_network(context, of);
    if (network == PARSED_OTHER) return GUARD_NOT_IP;
    if (network == PARSED_NOTHING) return GUARD_UNPARSED;
    parse_transport(context, of);
    const bool udp = of->protocol == PROTOCOL_UDP;
    const __u8 bits = port_bits(of);
    const __u8 keep = udp ? GUARD_PORT_KEEP_UDP : GUARD_PORT_KEEP_TCP;
    const __u8 block = udp ? GUARD_PORT_BLOCK_UDP : GUARD_PORT_BLOCK_TCP;
    if (of->discovery || bits & keep) return GUARD_KEPT;
    const __u32 in_force = guard_in_force;
    if (is_listed(of, in_force, GUARD_LIST_ALLOW)) return GUARD_ALLOWED;
    if (is_listed(of, in_force, GUARD_LIST_BLOCK)) return GUARD_BLOCKED;
    if (bits & block) return GUARD_PORT;
    of->initial = of->initial && bits & GUARD_PORT_QUIC;
    const __u32 verdict = judge_rates(of, bytes, mine);
    return verdict == GUARD_PLAIN && of->unparsed ? GUARD_UNPARSED : verdict;
}

static __always_inline void tell(const struct xdp_md* context, const struct packet* of,
                                 __u32 reason, __u32 bytes, struct guard_counters* mine) {
    struct guard_event* const event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) {
        ++mine->events_lost;
        return;
    }
    event->time_ns = bpf_ktime_get_ns();
    event->source = of->source;
    event->source_port = of->source_port;
    event->port = of->port;
    event->protocol = of->protocol;
    event->reason = reason;
    event->dropped = !guard_settings.dry_run;
    event->unused = 0;
    event->bytes = bytes;
    event->interface = context->ingress_ifindex;
    bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);  // User space looks by the clock.
}

SEC("xdp.frags")
int guard(struct xdp_md* context) {
    const __u32 only = 0;
    struct guard_counters* const mine = bpf_map_lookup_elem(&counters, &only);
    if (!mine) return XDP_PASS;
    struct packet packet = {};
    const __u32 bytes = (__u32)bpf_xdp_get_buff_len(context);
    const __u32 reason = judge(context, &packet, bytes, mine);
    if (reason >= GUARD_REASONS) return XDP_PASS;
    ++mine->packets[reason];
    mine->bytes[reason] += bytes;
    if (reason < GUARD_BLOCKED && !(reason == GUARD_UNPARSED && guard_settings.drop_unparsed)) {
        return XDP_PASS;
    }
    if ((next_random(mine) & ((1 << GUARD_EVENT_SHIFT) - 1)) == 0) {
        tell(context, &packet, reason, bytes, mine);
    }
    return guard_settings.dry_run ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
