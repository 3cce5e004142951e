// VLAN tags beside packets, on kernels without VLAN interfaces too: a program behind the network
// stack adds them, and veth hands them over as a card does that takes them out.
#pragma once

#include <array>
#include <cstdint>
#include <linux/bpf.h>
#include <net/if.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

#include "support/virtual_network.hpp"

namespace ringway::test {

/// What "far" sends in frames of `length` bytes gets the tag 9 of 802.1Q. Linux 6.6 (tcx).
class vlan_tagger {
public:
    vlan_tagger(const virtual_network& network, std::int32_t length) {
        network.in(net_side::far, [this, length] { attach(length); });
    }
    [[nodiscard]] bool is_there() const noexcept { return static_cast<bool>(link_); }

private:
    static constexpr std::uint32_t attach_tcx_egress = 47;  // BPF_TCX_EGRESS
    static constexpr std::int32_t tag_8021q = 0x0081;       // In network order.
    static constexpr std::int32_t number = 9;

    static unique_fd call(int what, bpf_attr& how) noexcept {
        return unique_fd{static_cast<int>(::syscall(SYS_bpf, what, &how, sizeof how))};
    }
    static constexpr bpf_insn set(std::uint8_t to, std::int32_t value) noexcept {
        return {.code = BPF_ALU64 | BPF_MOV | BPF_K,
                .dst_reg = to,
                .src_reg = 0,
                .off = 0,
                .imm = value};
    }

    void attach(std::int32_t length) {
        const std::array<bpf_insn, 7> program{{
            {.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1, .off = 0, .imm = 0},
            {.code = BPF_JMP | BPF_JNE | BPF_K,
             .dst_reg = 2,
             .src_reg = 0,
             .off = 3,
             .imm = length},
            set(2, tag_8021q),
            set(3, number),
            {.code = BPF_JMP | BPF_CALL,
             .dst_reg = 0,
             .src_reg = 0,
             .off = 0,
             .imm = BPF_FUNC_skb_vlan_push},
            set(0, -1),  // TCX_NEXT
            {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
        }};
        bpf_attr load{};
        load.prog_type = BPF_PROG_TYPE_SCHED_CLS;
        load.insns = reinterpret_cast<std::uintptr_t>(program.data());
        load.insn_cnt = program.size();
        load.license = reinterpret_cast<std::uintptr_t>("GPL");
        const unique_fd loaded = call(BPF_PROG_LOAD, load);
        bpf_attr link{};
        link.link_create.prog_fd = static_cast<std::uint32_t>(loaded.get());
        link.link_create.target_ifindex = ::if_nametoindex("far");
        link.link_create.attach_type = attach_tcx_egress;
        link_ = call(BPF_LINK_CREATE, link);
        EXPECT_TRUE(is_there()) << errno;
    }

    unique_fd link_;
};

}  // namespace ringway::test
