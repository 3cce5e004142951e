// Range headers against a size, which is the first eight bytes of the input.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <ringway/base/assert.hpp>
#include <ringway/wire/range.hpp>

namespace wire = ringway::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::uint64_t file_size = 0;
    if (size < sizeof file_size) {
        return 0;
    }
    std::memcpy(&file_size, data, sizeof file_size);
    const std::string_view header{reinterpret_cast<const char*>(data) + sizeof file_size,
                                  size - sizeof file_size};
    const auto set = wire::parse_range(header, file_size);
    const auto parts = set.parts();
    RW_ASSERT(parts.empty() == (set.verdict != wire::range_verdict::satisfiable));
    RW_ASSERT(parts.size() <= wire::range_parts_max);
    std::uint64_t total = 0;
    std::array<wire::byte_range, wire::range_parts_max> sorted{};
    std::ranges::copy(parts, sorted.begin());
    std::ranges::sort(sorted.begin(), sorted.begin() + set.count, {}, &wire::byte_range::first);
    std::uint64_t end = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto& [first, length] = sorted[i];
        RW_ASSERT(length > 0 && first < file_size && length <= file_size - first);
        RW_ASSERT(i == 0 || (first > end && first - end >= wire::range_gap_min));
        end = first + length;
        total += length;
        std::array<char, wire::content_range_bytes_max> text{};
        RW_ASSERT(wire::format_content_range(sorted[i], file_size, text).starts_with("bytes "));
    }
    RW_ASSERT(total <= file_size);
    return 0;
}
