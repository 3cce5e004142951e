// Running beside the programs of others: as a member of libxdp's dispatcher.
#pragma once

#include <memory>

#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/bpf/xdp_link.hpp>

struct bpf_object;
struct xdp_program;

namespace ringway::xdp {

/// A program that the dispatcher of an interface runs, after those with a smaller priority that let
/// the packet pass. Unlike a link it does not end with the process: libxdp keeps it in
/// /sys/fs/bpf/xdp. Killed, we leave it behind, and `xdp-loader unload` takes it away.
class dispatcher_member {
public:
    /// Loads the program in section "xdp.frags" of `opened`, which is not loaded yet, as an
    /// extension of the dispatcher, and has libxdp put a new dispatcher with one more program in
    /// the place of `there`. Fails with `unsupported`, where the kernel has no extensions (BPF
    /// trampolines) or this build no libxdp. Lifetime: `opened` outlives it.
    [[nodiscard]] static bpf::outcome<std::unique_ptr<dispatcher_member>> join(
        bpf_object* opened, const bpf::network_interface& where, const bpf::xdp_hook& there);
    /// Takes the program out again.
    ~dispatcher_member();
    dispatcher_member(const dispatcher_member&) = delete;
    dispatcher_member& operator=(const dispatcher_member&) = delete;

    [[nodiscard]] bpf::xdp_mode mode() const noexcept { return mode_; }

private:
    dispatcher_member(xdp_program* program, unsigned interface, bpf::xdp_mode mode) noexcept
        : program_{program}, interface_{interface}, mode_{mode} {}

    xdp_program* program_;
    unsigned interface_;
    bpf::xdp_mode mode_;
};

}  // namespace ringway::xdp
