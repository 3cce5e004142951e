// What is there of the commands that run BPF programs in a build that has none: why they are not.
#include <cstdio>

#include "cli/top.hpp"
#include "cli/xdp_run.hpp"

namespace ringway::cli {

int run_top(const top_options&) {
    std::fputs(
        "ringway: this build has no BPF programs, which top is made of; ./dev setup installs "
        "what building them needs (clang, bpftool, libbpf)\n",
        stderr);
    return 1;
}

int run_xdp(const xdp_options&) {
    std::fputs(
        "ringway: this build has no BPF programs, which xdp is made of; ./dev setup installs "
        "what building them needs (clang, bpftool, libbpf)\n",
        stderr);
    return 1;
}

}  // namespace ringway::cli
