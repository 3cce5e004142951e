// The XDP program that does nothing: what attaching itself costs, and a test of what a machine lets
// us attach.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("xdp.frags")
int pass(struct xdp_md* context) {
    (void)context;
    return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
