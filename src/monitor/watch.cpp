#include "monitor/watch.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <fmt/core.h>

namespace ringway::monitor {

void set_room(bpf_map* table, const watch_options& options) noexcept {
    if (options.table_entries > 0) {
        ::bpf_map__set_max_entries(table, static_cast<std::uint32_t>(options.table_entries));
    }
}

bpf::refusal refusal_of(const char* part, int failed, const std::string& reason) {
    const int number = failed < 0 ? -failed : failed;
    return {error_from_errno(number),
            fmt::format("{}: the kernel does not take the programs: {}{}{}", part,
                        describe(error_from_errno(number)), reason.empty() ? "" : "; ", reason)};
}

std::vector<std::uint32_t> program_ids(bpf_object* of) {
    std::vector<std::uint32_t> ids;
    bpf_program* each = nullptr;
    while ((each = ::bpf_object__next_program(of, each)) != nullptr) {
        bpf_prog_info about{};
        std::uint32_t size = sizeof about;
        const int fd = ::bpf_program__fd(each);
        if (fd >= 0 && ::bpf_prog_get_info_by_fd(fd, &about, &size) == 0) {
            ids.push_back(about.id);
        }
    }
    return ids;
}

bpf::refusal no_tracepoint(const char* part, const char* name) {
    return {{errc::unsupported, 0},
            fmt::format("{}: this kernel has no tracepoint {}", part, name)};
}

}  // namespace ringway::monitor
