// What is there of the commands that run BPF programs in a build that has none: why they are not.
#include <cstdio>

#include "cli/guard_command.hpp"
#include "cli/guard_front.hpp"
#include "cli/top.hpp"

namespace ringway::cli {

int run_top(const top_options&) {
    std::fputs(
        "ringway: this build has no BPF programs, which top is made of; ./dev setup installs "
        "what building them needs (clang, bpftool, libbpf)\n",
        stderr);
    return 1;
}

int run_guard(const guard_command&) {
    std::fputs(
        "ringway: this build has no BPF programs, which guard is made of; ./dev setup installs "
        "what building them needs (clang, bpftool, libbpf)\n",
        stderr);
    return 1;
}

parsed<std::unique_ptr<guard_front>> guard_front::start(const serve_guard_options&,
                                                        std::span<const std::uint16_t>) {
    return std::unexpected{std::string{
        "this build has no BPF programs; ./dev setup installs what building them needs"}};
}

}  // namespace ringway::cli
