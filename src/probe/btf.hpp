// Finding a type in the kernel's description of itself (BTF, Documentation/bpf/btf.rst).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ringway::probe {

enum class btf_kind : std::uint8_t { type_name = 8, function = 12 };

/// The number of the type of that kind and name in `bytes`; 0 if there is none, or if they are no
/// BTF.
[[nodiscard]] std::uint32_t find_btf_type(std::span<const std::byte> bytes, btf_kind kind,
                                          std::string_view name) noexcept;

/// The same in the running kernel's, /sys/kernel/btf/vmlinux; 0 also where that can't be read.
[[nodiscard]] std::uint32_t find_kernel_type(btf_kind kind, std::string_view name) noexcept;

/// Whether the kernel shows it.
[[nodiscard]] bool has_kernel_btf() noexcept;

}  // namespace ringway::probe
