// What all parts of the monitor that load BPF programs share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ringway/bpf/refusal.hpp>

struct bpf_map;
struct bpf_object;
struct bpf_program;

namespace ringway::monitor {

struct watch_options {
    std::size_t ring_bytes = 2U << 20U;  ///< Of ended connections; a power of 2, 4096 at least.
    std::size_t table_entries = 0;       ///< Of each table that can fill up; 0: each its own.
};

/// Gives a table the room that the options say.
void set_room(bpf_map* table, const watch_options& options) noexcept;

/// A refusal that names the part ("drops"), the kernel's word, and what libbpf said last.
[[nodiscard]] bpf::refusal refusal_of(const char* part, int failed, const std::string& reason);

/// The numbers of the programs of an object that are loaded.
[[nodiscard]] std::vector<std::uint32_t> program_ids(bpf_object* of);

/// Whether the kernel has the tracepoint; else the refusal that says so.
[[nodiscard]] bpf::refusal no_tracepoint(const char* part, const char* name);

}  // namespace ringway::monitor
