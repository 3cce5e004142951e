// What the firewall costs a packet, by BPF_PROG_TEST_RUN: each row less `harness` is its net cost.
// One source, everything in the processor's cache. Needs root.
#include <array>
#include <bpf/bpf.h>
#include <cstddef>
#include <cstdint>
#include <linux/bpf.h>
#include <random>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include <ringway/base/unique_fd.hpp>

#include "guard/firewall.hpp"

namespace {

using namespace ringway;  // NOLINT(google-build-using-namespace)

constexpr unsigned runs = 200'000;

// A TCP ACK to port 443 from 203.0.113.9, and a SYN.
std::vector<std::byte> frame_of(unsigned char flags) {
    constexpr std::array<unsigned char, 54> bytes{
        0,    0,    0, 0,    0, 1, 0,    0, 0,  0, 0, 2, 8,    0,  // Ethernet
        0x45, 0,    0, 40,   0, 0, 0x40, 0, 64, 6, 0, 0, 203,  0,    113, 9, 10, 77, 0, 1,   // IPv4
        0x9c, 0x40, 1, 0xbb, 0, 0, 0,    1, 0,  0, 0, 1, 0x50, 0x10, 1,   0, 0,  0,  0, 0};  // TCP
    std::vector<std::byte> out;
    for (const unsigned char each : bytes) {
        out.push_back(static_cast<std::byte>(each));
    }
    out.at(14 + 20 + 13) = static_cast<std::byte>(flags);
    return out;
}

std::vector<guard::cidr> many_ranges() {
    std::vector<guard::cidr> all(100'000);
    std::mt19937 random{5};
    for (auto& each : all) {
        each = {
            .address = {static_cast<std::uint8_t>(1 + random() % 200),
                        static_cast<std::uint8_t>(random()), static_cast<std::uint8_t>(random()),
                        static_cast<std::uint8_t>(random())},
            .length = 32};
    }
    return all;
}

void harness(benchmark::State& state) {
    constexpr std::array<bpf_insn, 2> pass{{
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 2},
        {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
    }};
    const unique_fd program{
        ::bpf_prog_load(BPF_PROG_TYPE_XDP, "bench", "GPL", pass.data(), pass.size(), nullptr)};
    const auto frame = frame_of(0x10);
    for (auto each : state) {
        bpf_test_run_opts how{};
        how.sz = sizeof how;
        how.data_in = frame.data();
        how.data_size_in = static_cast<std::uint32_t>(frame.size());
        how.repeat = runs;
        if (!program || ::bpf_prog_test_run_opts(program.get(), &how) != 0) {
            state.SkipWithError("BPF programs may not be run here");
            return;
        }
        state.SetIterationTime(how.duration * 1e-9);
    }
}

void judge(benchmark::State& state, const guard::firewall_settings& settings,
           std::span<const guard::cidr> block, unsigned char flags = 0x10) {
    const auto wall = guard::firewall::load(settings);
    if (!wall || !(*wall)->replace_lists({}, block)) {
        state.SkipWithError("BPF programs may not be run here");
        return;
    }
    const auto frame = frame_of(flags);
    for (auto each : state) {
        const auto ran = (*wall)->try_frame(frame, runs);
        if (!ran) {
            state.SkipWithError("the program does not run");
            return;
        }
        state.SetIterationTime(ran->nanoseconds * 1e-9);
    }
}

void lists_empty(benchmark::State& state) { judge(state, {.count_sources = false}, {}); }
void counting(benchmark::State& state) { judge(state, {}, {}); }
void lists_of_100k(benchmark::State& state) {
    judge(state, {.count_sources = false}, many_ranges());
}
void lists_of_100k_counting(benchmark::State& state) { judge(state, {}, many_ranges()); }
void everything(benchmark::State& state) {
    judge(state,
          {.per_source = {.per_second = 90'000'000, .burst = 1000},
           .syn_per_source = {.per_second = 1000, .burst = 100}},
          many_ranges());
}
void blocked(benchmark::State& state) {
    auto ranges = many_ranges();
    ranges.push_back({.address = {203, 0, 113, 9}, .length = 32});
    judge(state, {}, ranges);
}
void syn_flood(benchmark::State& state) {
    judge(state, {.syn_all = {.per_second = 1, .burst = 1}}, {}, 2);
}

#define RW_GUARD_BENCH(name) \
    BENCHMARK(name)->UseManualTime()->Iterations(20)->Unit(benchmark::kNanosecond)
RW_GUARD_BENCH(harness);
RW_GUARD_BENCH(lists_empty);
RW_GUARD_BENCH(counting);
RW_GUARD_BENCH(lists_of_100k);
RW_GUARD_BENCH(lists_of_100k_counting);
RW_GUARD_BENCH(everything);
RW_GUARD_BENCH(blocked);
RW_GUARD_BENCH(syn_flood);

}  // namespace

BENCHMARK_MAIN();
