// Counts io_uring's operations by kind and by process; of one in 64 it takes the time.
#include "monitor_kernel.h"

#define SAMPLED_ONE_IN 64
#define MARKS 4096

struct io_kiocb {
    __u8 opcode;
} RELOCATED;

struct io_uring_cqe {
    __s32 res;
} RELOCATED;

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, MONITOR_URING_OPS);
    __type(key, __u32);
    __type(value, struct monitor_uring_op);
} ops SEC(".maps");

// Processes come and go: those that submit nothing any more make room.
struct {
    __uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
    __uint(max_entries, 4096);
    __type(key, struct monitor_uring_user_key);
    __type(value, struct monitor_uring_user);
} users SEC(".maps");

struct sample {
    __u64 begin_ns;
    __u32 op;
};

// Some requests never tell their end (IOSQE_CQE_SKIP_SUCCESS): their samples are pushed out.
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, __u64);
    __type(value, struct sample);
} samples SEC(".maps");

// Which requests may be among the samples, so that a completion mostly looks up nothing.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, MARKS);
    __type(key, __u32);
    __type(value, __u8);
} marks SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 2);  // Of users, of samples.
    __type(key, __u32);
    __type(value, struct monitor_overflow);
} uring_overflow SEC(".maps");

static __always_inline __u8* mark_of(__u64 request) {
    const __u32 slot = ((__u32)(request >> 6) * 0x9e3779b1U) >> 20;
    return bpf_map_lookup_elem(&marks, &slot);
}

static __always_inline void lost(__u32 which) {
    struct monitor_overflow* const count = bpf_map_lookup_elem(&uring_overflow, &which);
    if (count) ++count->lost;
}

static __always_inline void count_user(__u32 op) {
    const struct monitor_uring_user_key key = {.process = bpf_get_current_pid_tgid() >> 32,
                                               .op = op};
    struct monitor_uring_user* user = bpf_map_lookup_elem(&users, &key);
    if (!user) {
        struct monitor_uring_user fresh = {};
        bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
        bpf_map_update_elem(&users, &key, &fresh, BPF_NOEXIST);
        user = bpf_map_lookup_elem(&users, &key);
        if (!user) {
            lost(0);
            return;
        }
        const __u32 users_row = 0;
        struct monitor_overflow* const count = bpf_map_lookup_elem(&uring_overflow, &users_row);
        if (count) ++count->inserted;
    }
    ++user->submitted;
}

static __always_inline int submitted(struct io_kiocb* request) {
    const __u32 op = request->opcode & (MONITOR_URING_OPS - 1);
    struct monitor_uring_op* const count = bpf_map_lookup_elem(&ops, &op);
    if (!count) return 0;
    ++count->submitted;
    count_user(op);
    if (bpf_get_prandom_u32() % SAMPLED_ONE_IN != 0) return 0;
    const __u64 pointer = (__u64)request;
    __u64 id;  // The same, as a number that the verifier lets us reckon with.
    bpf_probe_read_kernel(&id, sizeof(id), &pointer);
    const struct sample begun = {.begin_ns = bpf_ktime_get_ns(), .op = op};
    if (bpf_map_update_elem(&samples, &id, &begun, BPF_ANY) != 0) {
        lost(1);
        return 0;
    }
    __u8* const mark = mark_of(id);
    if (mark) *mark = 1;
    return 0;
}

static __always_inline int completed(__u64 id, int outcome) {
    if (id == 0) return 0;  // A further completion of an operation that goes on.
    const __u32 op = BPF_CORE_READ((struct io_kiocb*)id, opcode) & (MONITOR_URING_OPS - 1);
    struct monitor_uring_op* const count = bpf_map_lookup_elem(&ops, &op);
    if (!count) return 0;
    ++count->completed;
    if (outcome < 0) ++count->failed;
    __u8* const mark = mark_of(id);
    if (!mark || *mark == 0) return 0;
    const struct sample* const begun = bpf_map_lookup_elem(&samples, &id);
    if (!begun) return 0;
    const __u64 took_us = (bpf_ktime_get_ns() - begun->begin_ns) / 1000;
    ++count->sampled;
    count->sampled_us_sum += took_us;
    ++count->latency_us[log2_bucket(took_us) & (MONITOR_LATENCY_BUCKETS - 1)];
    bpf_map_delete_elem(&samples, &id);
    *mark = 0;  // Another sample may share it; it is then not timed, and its place is taken anew.
    return 0;
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(on_submit, struct io_kiocb* request) { return submitted(request); }

// Before Linux 6.3.
SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(on_submit_before_6_3, struct io_kiocb* request) { return submitted(request); }

SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_complete, void* ring, void* request, struct io_uring_cqe* entry) {
    (void)ring;
    return completed((__u64)request, entry->res);
}

// Before Linux 6.15 the outcome came without its entry.
SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_complete_before_6_15, void* ring, void* request, __u64 user_data, int outcome) {
    (void)ring;
    (void)user_data;
    return completed((__u64)request, outcome);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
