// What is there of the commands that run BPF programs in a build that has none: why they are not.
#include <cstdio>

#include "cli/guard_command.hpp"
#include "cli/guard_front.hpp"
#include "cli/top.hpp"
#include "cli/xdp_run.hpp"

namespace ringway::cli {
namespace {

int refuse(const char* command) {
    std::fprintf(stderr,
                 "ringway: this build has no BPF programs, which %s is made of; ./dev setup "
                 "installs what building them needs (clang, bpftool, libbpf)\n",
                 command);
    return 1;
}

}  // namespace

int run_top(const top_options&) { return refuse("top"); }

int run_xdp(const xdp_options&) { return refuse("xdp"); }

int run_guard(const guard_command&) { return refuse("guard"); }

parsed<std::unique_ptr<guard_front>> guard_front::start(const serve_guard_options&,
                                                        std::span<const std::uint16_t>,
                                                        connection_cutter&) {
    return std::unexpected{std::string{
        "this build has no BPF programs; ./dev setup installs what building them needs"}};
}

}  // namespace ringway::cli
