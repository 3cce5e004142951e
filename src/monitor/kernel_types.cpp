#include "monitor/kernel_types.hpp"

#include <bpf/btf.h>

#include <cerrno>
#include <ringway/bpf/bpf_log.hpp>

namespace ringway::monitor {

void kernel_types::release::operator()(btf* types) const noexcept { ::btf__free(types); }

bpf::outcome<kernel_types> kernel_types::load() {
    const bpf::bpf_log quiet;
    btf* const types = ::btf__load_vmlinux_btf();
    if (types == nullptr) {
        return bpf::refuse({errc::unsupported, errno},
                           "the kernel does not describe its types (/sys/kernel/btf/vmlinux is "
                           "missing): it needs CONFIG_DEBUG_INFO_BTF");
    }
    return kernel_types{types};
}

unsigned kernel_types::tracepoint_arguments(std::string_view name) const {
    const std::string wanted = "btf_trace_" + std::string{name};
    const int id = ::btf__find_by_name_kind(types_.get(), wanted.c_str(), BTF_KIND_TYPEDEF);
    if (id < 0) {
        return 0;
    }
    const btf_type* type = ::btf__type_by_id(types_.get(), static_cast<unsigned>(id));
    type = ::btf__type_by_id(types_.get(), type->type);                              // A pointer
    type = type != nullptr ? ::btf__type_by_id(types_.get(), type->type) : nullptr;  // to this.
    if (type == nullptr || BTF_INFO_KIND(type->info) != BTF_KIND_FUNC_PROTO) {
        return 0;
    }
    const unsigned arguments = BTF_INFO_VLEN(type->info);
    return arguments > 0 ? arguments - 1 : 0;  // The first is the tracepoint's own.
}

bool kernel_types::has_function(std::string_view name) const {
    return ::btf__find_by_name_kind(types_.get(), std::string{name}.c_str(), BTF_KIND_FUNC) > 0;
}

std::string kernel_types::constant(std::string_view enum_name, std::uint32_t value,
                                   std::string_view prefix) const {
    const int id =
        ::btf__find_by_name_kind(types_.get(), std::string{enum_name}.c_str(), BTF_KIND_ENUM);
    if (id < 0) {
        return {};
    }
    const btf_type* const type = ::btf__type_by_id(types_.get(), static_cast<unsigned>(id));
    const struct btf_enum* const members = ::btf_enum(type);
    for (unsigned i = 0; i < BTF_INFO_VLEN(type->info); ++i) {
        if (static_cast<std::uint32_t>(members[i].val) == value) {
            std::string_view name = ::btf__name_by_offset(types_.get(), members[i].name_off);
            name.remove_prefix(name.starts_with(prefix) ? prefix.size() : 0);
            return std::string{name};
        }
    }
    return {};
}

}  // namespace ringway::monitor
