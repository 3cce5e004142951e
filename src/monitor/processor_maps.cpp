#include "monitor/processor_maps.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>

namespace ringway::monitor {

unsigned processors() noexcept {
    static const int count = ::libbpf_num_possible_cpus();
    return count > 0 ? static_cast<unsigned>(count) : 1;
}

namespace detail {

std::vector<std::byte> read_values(int map, const void* key, std::size_t value_bytes) {
    std::vector<std::byte> out(processors() * stride(value_bytes));
    if (::bpf_map_lookup_elem(map, key, out.data()) != 0) {
        out.clear();
    }
    return out;
}

raw_entries read_entries(int map, std::size_t key_bytes, std::size_t value_bytes,
                         std::size_t entries_max) {
    constexpr std::size_t batch = 512;
    const std::size_t entry_bytes = processors() * stride(value_bytes);
    raw_entries out;
    std::vector<std::byte> keys(batch * key_bytes);
    std::vector<std::byte> values(batch * entry_bytes);
    std::vector<std::byte> place(std::max<std::size_t>(key_bytes, 8));
    for (bool first = true; out.count < entries_max; first = false) {
        auto count = static_cast<std::uint32_t>(batch);
        const int failed = ::bpf_map_lookup_batch(map, first ? nullptr : place.data(), place.data(),
                                                  keys.data(), values.data(), &count, nullptr);
        const bool ended = failed != 0 && errno == ENOENT;
        if (failed != 0 && !ended) {
            break;
        }
        out.keys.insert(out.keys.end(), keys.data(), keys.data() + count * key_bytes);
        out.values.insert(out.values.end(), values.data(), values.data() + count * entry_bytes);
        out.count += count;
        if (ended) {
            break;
        }
    }
    return out;
}

}  // namespace detail
}  // namespace ringway::monitor
