#include "probe/bpf_calls.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/syscall.h>
#include <unistd.h>

namespace ringway::probe {
namespace {

constexpr int load_attempts = 5;  // As libbpf.

std::uint64_t address_of(const void* what) noexcept {
    return reinterpret_cast<std::uintptr_t>(what);
}

// The kernel takes a shorter struct than its own, and a longer one whose rest is zero.
int call(bpf_cmd command, bpf_attr& with) noexcept {
    return static_cast<int>(::syscall(SYS_bpf, command, &with, sizeof with));
}

}  // namespace

unique_fd load_program(const small_program& what) noexcept {
    const std::array<bpf_insn, 2> constant{
        bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, what.yields},
        bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    const std::span<const bpf_insn> all =
        what.instructions.empty() ? std::span<const bpf_insn>{constant} : what.instructions;
    bpf_attr with{};
    with.prog_type = what.type;
    with.expected_attach_type = what.attach_type;
    with.insns = address_of(all.data());
    with.insn_cnt = static_cast<std::uint32_t>(all.size());
    with.license = address_of("GPL");
    with.prog_flags = what.flags;
    with.attach_btf_id = what.attached_type_id;
    std::memcpy(with.prog_name, "ringway_doctor", sizeof "ringway_doctor");
    return load_with_retries(with);
}

unique_fd load_with_retries(bpf_attr& how) noexcept {
    int made = call(BPF_PROG_LOAD, how);
    for (int attempt = 1; made < 0 && errno == EAGAIN && attempt < load_attempts; ++attempt) {
        made = call(BPF_PROG_LOAD, how);
    }
    return unique_fd{made};
}

unique_fd make_map(const small_map& what) noexcept {
    bpf_attr with{};
    with.map_type = what.type;
    with.key_size = what.key_bytes;
    with.value_size = what.value_bytes;
    with.max_entries = what.entries;
    with.map_flags = what.flags;
    return unique_fd{call(BPF_MAP_CREATE, with)};
}

bool set_value(int map, std::uint32_t key, std::uint32_t value) noexcept {
    bpf_attr with{};
    with.map_fd = static_cast<std::uint32_t>(map);
    with.key = address_of(&key);
    with.value = address_of(&value);
    return call(BPF_MAP_UPDATE_ELEM, with) == 0;
}

unique_fd link_program(int program, std::uint32_t target, std::uint32_t attach_type,
                       std::uint32_t flags) noexcept {
    bpf_attr with{};
    with.link_create.prog_fd = static_cast<std::uint32_t>(program);
    with.link_create.target_fd = target;  // A union with the number of an interface.
    with.link_create.attach_type = attach_type;
    with.link_create.flags = flags;
    return unique_fd{call(BPF_LINK_CREATE, with)};
}

unique_fd open_tracepoint(int program, const char* name) noexcept {
    bpf_attr with{};
    with.raw_tracepoint.name = address_of(name);
    with.raw_tracepoint.prog_fd = static_cast<std::uint32_t>(program);
    return unique_fd{call(BPF_RAW_TRACEPOINT_OPEN, with)};
}

bool is_compiled(int program) noexcept {
    bpf_prog_info told{};
    bpf_attr with{};
    with.info.bpf_fd = static_cast<std::uint32_t>(program);
    with.info.info_len = sizeof told;
    with.info.info = address_of(&told);
    return call(BPF_OBJ_GET_INFO_BY_FD, with) == 0 && told.jited_prog_len > 0;
}

}  // namespace ringway::probe
