/* What the steering program asks the card about a packet. Only programs that are bound to a device
 * may ask, so xdp_steer_hints.bpf.c is a second program, with STEER_HINTS. */
#pragma once

#include "xdp_steer.h"

#ifdef STEER_HINTS

enum xdp_rss_hash_type { STEER_HASH_OF_NOTHING };
extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md* context,
                                         __u64* timestamp) __ksym __weak;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md* context, __u32* hash,
                                    enum xdp_rss_hash_type* kind) __ksym __weak;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md* context, __be16* protocol,
                                        __u16* control) __ksym __weak;

static __always_inline void ask_card(const struct xdp_md* context, struct steer_hints* into) {
    __u64 time_ns = 0;
    if (bpf_ksym_exists(bpf_xdp_metadata_rx_timestamp) &&
        !bpf_xdp_metadata_rx_timestamp(context, &time_ns) && time_ns != 0) {
        into->time_ns = time_ns;
        into->valid |= STEER_HINT_TIME;
    }
    __u32 hash = 0;
    enum xdp_rss_hash_type kind = STEER_HASH_OF_NOTHING;
    if (bpf_ksym_exists(bpf_xdp_metadata_rx_hash) &&
        !bpf_xdp_metadata_rx_hash(context, &hash, &kind)) {
        into->hash = hash;
        into->hash_kind = kind;
        into->valid |= STEER_HINT_HASH;
    }
    __be16 protocol = 0;
    __u16 control = 0;
    if (bpf_ksym_exists(bpf_xdp_metadata_rx_vlan_tag) &&
        !bpf_xdp_metadata_rx_vlan_tag(context, &protocol, &control)) {
        into->vlan_protocol = protocol;
        into->vlan_control = control;
        into->valid |= STEER_HINT_VLAN;
    }
}

// A driver without room in front of packets leaves the magic as user space wrote it: cleared.
static __always_inline int prepend_hints(struct xdp_md* context) {
    struct steer_hints hints = {.magic = STEER_HINTS_MAGIC};
    ask_card(context, &hints);
    if (bpf_xdp_adjust_meta(context, -(int)sizeof(hints))) {
        return -1;
    }
    struct steer_hints* to = (void*)(long)context->data_meta;
    if ((void*)(to + 1) <= (void*)(long)context->data) {
        *to = hints;
    }
    return 0;
}

#else

static __always_inline void ask_card(const struct xdp_md* context, struct steer_hints* into) {
    (void)context;
    (void)into;
}

static __always_inline int prepend_hints(struct xdp_md* context) {
    (void)context;
    return -1;
}

#endif
