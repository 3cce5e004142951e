// Running beside the programs of others: as a member of libxdp's dispatcher.
#pragma once

#include <cstdint>
#include <memory>

#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/bpf/xdp_link.hpp>

#include "xdp/dispatcher_hold.hpp"

struct bpf_object;
struct xdp_program;

namespace ringway::xdp {

/// A program that the dispatcher of an interface runs, after those with a smaller priority that let
/// the packet pass. It leaves the dispatcher with the process, however that ends, while nobody else
/// changes what the dispatcher runs: then libxdp makes a new one and keeps our program in that, in
/// /sys/fs/bpf/xdp, until `keep` notices. Killed in between, or before that, we leave it behind.
/// One that died stays in libxdp's list, and the next `find` takes it out, whether it runs or not;
/// but not who was killed before its first `keep` had an effect: `xdp-loader unload` does that.
class dispatcher_member {
public:
    /// libxdp's priority of programs that do not say theirs, and ours for what is to run before
    /// all others.
    static constexpr unsigned usual_priority = 50;
    static constexpr unsigned first_priority = 1;

    /// What is attached to `where`, as `bpf::query_xdp`, but without programs in a dispatcher whose
    /// process has died.
    [[nodiscard]] static bpf::outcome<bpf::xdp_hook> find(const bpf::network_interface& where);

    /// Loads the program in section "xdp.frags" of `opened`, which is not loaded yet, as an
    /// extension of the dispatcher, and has libxdp put a new dispatcher with one more program in
    /// the place of `there`. Fails with `unsupported`, where the kernel has no extensions (BPF
    /// trampolines) or this build no libxdp. Lifetime: `opened` outlives it.
    [[nodiscard]] static bpf::outcome<std::unique_ptr<dispatcher_member>> join(
        bpf_object* opened, const bpf::network_interface& where, const bpf::xdp_hook& there,
        unsigned priority = usual_priority);
    /// Takes the program out again.
    ~dispatcher_member();
    dispatcher_member(const dispatcher_member&) = delete;
    dispatcher_member& operator=(const dispatcher_member&) = delete;

    [[nodiscard]] bpf::xdp_mode mode() const noexcept { return mode_; }

    /// Whether the dispatcher still runs the program. To be called now and then: holds it anew
    /// where somebody else has had a new dispatcher made.
    [[nodiscard]] bool keep() noexcept;
    /// Whether it would stay if the process died now.
    [[nodiscard]] bool outlives_process() const noexcept { return hold_.dispatcher() == 0; }

private:
    dispatcher_member(xdp_program* program, unsigned interface, bpf::xdp_mode mode) noexcept
        : program_{program}, interface_{interface}, mode_{mode} {}
    [[nodiscard]] std::uint32_t number() const noexcept;

    xdp_program* program_;
    unsigned interface_;
    bpf::xdp_mode mode_;
    dispatcher_hold hold_;
};

}  // namespace ringway::xdp
