#include "packet_sender.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <expected>
#include <linux/bpf.h>
#include <net/if.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway::bench {
namespace {

constexpr std::uint32_t batch_size = 64;

result<int> call(bpf_cmd how, bpf_attr& with) {
    const long done = ::syscall(SYS_bpf, how, &with, sizeof(with));
    if (done < 0) {
        return fail_errno(errno);
    }
    return static_cast<int>(done);
}

result<unique_fd> descriptor(result<int> made) {
    if (!made) {
        return std::unexpected{made.error()};
    }
    return unique_fd{*made};
}

constexpr bpf_insn instruction(unsigned code, unsigned to, unsigned from, short offset, int value) {
    bpf_insn made{};
    made.code = static_cast<std::uint8_t>(code);
    made.dst_reg = to & 15U;
    made.src_reg = from & 15U;
    made.off = offset;
    made.imm = value;
    return made;
}

// Sends the frame and counts that, each time it is run.
result<unique_fd> load_sender(const unique_fd& map) {
    const std::array program{
        instruction(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_VALUE, 0, map.get()),
        instruction(0, 0, 0, 0, 0),  // r1 = address of the count
        instruction(BPF_LDX | BPF_MEM | BPF_DW, 2, 1, 0, 0),
        instruction(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, 1),
        instruction(BPF_STX | BPF_MEM | BPF_DW, 1, 2, 0, 0),
        instruction(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_TX),
        instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
    };
    bpf_attr wanted{};
    wanted.prog_type = BPF_PROG_TYPE_XDP;
    wanted.insns = reinterpret_cast<std::uintptr_t>(program.data());
    wanted.insn_cnt = program.size();
    wanted.license = reinterpret_cast<std::uintptr_t>("GPL");
    return descriptor(call(BPF_PROG_LOAD, wanted));
}

result<unique_fd> make_map() {
    bpf_attr wanted{};
    wanted.map_type = BPF_MAP_TYPE_ARRAY;
    wanted.key_size = sizeof(std::uint32_t);
    wanted.value_size = sizeof(std::uint64_t);
    wanted.max_entries = 1;
    return descriptor(call(BPF_MAP_CREATE, wanted));
}

result<std::uint64_t> count_in(const unique_fd& map) {
    std::uint32_t key = 0;
    std::uint64_t count = 0;
    bpf_attr wanted{};
    wanted.map_fd = static_cast<std::uint32_t>(map.get());
    wanted.key = reinterpret_cast<std::uintptr_t>(&key);
    wanted.value = reinterpret_cast<std::uintptr_t>(&count);
    if (const auto read = call(BPF_MAP_LOOKUP_ELEM, wanted); !read) {
        return std::unexpected{read.error()};
    }
    return count;
}

std::atomic<bool> time_is_over{false};

// A signal ends the run that goes on then. Between runs nothing is sent: each takes some 20 ms to
// be set up and taken down.
result<void> run(const unique_fd& program, const char* interface, double seconds,
                 const std::vector<std::uint8_t>& frame, std::uint32_t run_packets) {
    struct sigaction ends{};
    ends.sa_handler = [](int) { time_is_over = true; };
    ::sigaction(SIGALRM, &ends, nullptr);
    const auto whole = static_cast<time_t>(seconds);
    const itimerval until{
        .it_interval = {.tv_sec = 0, .tv_usec = 10'000},  // Again, in case it came too early.
        .it_value = {
            .tv_sec = whole,
            .tv_usec = static_cast<suseconds_t>((seconds - static_cast<double>(whole)) * 1e6)}};
    ::setitimer(ITIMER_REAL, &until, nullptr);
    xdp_md context{};
    context.data_end = static_cast<std::uint32_t>(frame.size());
    context.ingress_ifindex = ::if_nametoindex(interface);
    bpf_attr wanted{};
    wanted.test.prog_fd = static_cast<std::uint32_t>(program.get());
    wanted.test.data_in = reinterpret_cast<std::uintptr_t>(frame.data());
    wanted.test.data_size_in = static_cast<std::uint32_t>(frame.size());
    wanted.test.ctx_in = reinterpret_cast<std::uintptr_t>(&context);
    wanted.test.ctx_size_in = sizeof(context);
    wanted.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
    wanted.test.repeat = run_packets;
    wanted.test.batch_size = batch_size;
    while (!time_is_over) {
        if (const auto ran = call(BPF_PROG_TEST_RUN, wanted); !ran && ran.error().sys != EINTR) {
            return std::unexpected{ran.error()};
        }
    }
    return {};
}

}  // namespace

result<std::uint64_t> send_packets(const char* interface, double seconds,
                                   const std::vector<std::uint8_t>& frame,
                                   std::uint32_t run_packets) {
    const auto map = make_map();
    if (!map) {
        return std::unexpected{map.error()};
    }
    const auto program = load_sender(*map);
    if (!program) {
        return std::unexpected{program.error()};
    }
    if (const auto ran = run(*program, interface, seconds, frame, run_packets); !ran) {
        return std::unexpected{ran.error()};
    }
    return count_in(*map);
}

}  // namespace ringway::bench
