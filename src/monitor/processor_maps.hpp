// Reading maps that have a value per processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace ringway::monitor {

/// Processors that a map has values for; at least 1.
[[nodiscard]] unsigned processors() noexcept;

namespace detail {

/// The values of `key`, of all processors one behind the other, each of `value_bytes` rounded up to
/// 8. Empty if there is no such entry.
[[nodiscard]] std::vector<std::byte> read_values(int map, const void* key, std::size_t value_bytes);

/// All entries at once: keys one behind the other, and for each the values as above.
struct raw_entries {
    std::vector<std::byte> keys;
    std::vector<std::byte> values;
    std::size_t count = 0;
};
[[nodiscard]] raw_entries read_entries(int map, std::size_t key_bytes, std::size_t value_bytes,
                                       std::size_t entries_max);

[[nodiscard]] constexpr std::size_t stride(std::size_t value_bytes) noexcept {
    return (value_bytes + 7) / 8 * 8;
}

}  // namespace detail

/// The values of one key, one per processor.
template <class Value, class Key>
[[nodiscard]] std::vector<Value> read_processors(int map, const Key& key) {
    const auto raw = detail::read_values(map, &key, sizeof(Value));
    std::vector<Value> out(raw.size() / detail::stride(sizeof(Value)));
    for (std::size_t i = 0; i < out.size(); ++i) {
        __builtin_memcpy(&out[i], raw.data() + i * detail::stride(sizeof(Value)), sizeof(Value));
    }
    return out;
}

/// Calls `take(key, values)` for each entry; `values` has one per processor.
template <class Key, class Value, class Take>
void for_each_entry(int map, std::size_t entries_max, Take take) {
    const auto raw = detail::read_entries(map, sizeof(Key), sizeof(Value), entries_max);
    std::vector<Value> values(processors());
    for (std::size_t i = 0; i < raw.count; ++i) {
        Key key;
        __builtin_memcpy(&key, raw.keys.data() + i * sizeof(Key), sizeof(Key));
        for (std::size_t p = 0; p < values.size(); ++p) {
            const std::size_t at = (i * values.size() + p) * detail::stride(sizeof(Value));
            __builtin_memcpy(&values[p], raw.values.data() + at, sizeof(Value));
        }
        take(key, std::span<const Value>{values});
    }
}

/// Adds structures that are nothing but 64-bit counters.
template <class Counters>
[[nodiscard]] Counters sum(std::span<const Counters> values) {
    Counters out{};
    constexpr std::size_t words = sizeof(Counters) / sizeof(std::uint64_t);
    static_assert(sizeof(Counters) % sizeof(std::uint64_t) == 0);
    for (const Counters& each : values) {
        std::uint64_t a[words];
        std::uint64_t b[words];
        __builtin_memcpy(a, &out, sizeof out);
        __builtin_memcpy(b, &each, sizeof each);
        for (std::size_t i = 0; i < words; ++i) {
            a[i] += b[i];
        }
        __builtin_memcpy(&out, a, sizeof out);
    }
    return out;
}

}  // namespace ringway::monitor
