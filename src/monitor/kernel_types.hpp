// What the types of the running kernel (BTF) tell: which tracepoints there are, names of constants.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <ringway/bpf/refusal.hpp>

struct btf;

namespace ringway::monitor {

class kernel_types {
public:
    /// Reads the BTF of the kernel. Fails with `unsupported` where it has none
    /// (CONFIG_DEBUG_INFO_BTF).
    [[nodiscard]] static bpf::outcome<kernel_types> load();

    /// How many arguments the tracepoint hands to programs; 0 if there is no such tracepoint.
    [[nodiscard]] unsigned tracepoint_arguments(std::string_view name) const;

    /// Whether the kernel has a function of this name.
    [[nodiscard]] bool has_function(std::string_view name) const;

    /// Name of the constant of an enum, without `prefix`; empty if there is none.
    [[nodiscard]] std::string constant(std::string_view enum_name, std::uint32_t value,
                                       std::string_view prefix) const;

private:
    struct release {
        void operator()(btf* types) const noexcept;
    };
    explicit kernel_types(btf* types) noexcept : types_{types} {}

    std::unique_ptr<btf, release> types_;
};

}  // namespace ringway::monitor
