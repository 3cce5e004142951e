#include "probe/btf.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <vector>

namespace ringway::probe {
namespace {

constexpr const char* place = "/sys/kernel/btf/vmlinux";

struct head {
    std::uint16_t magic;
    std::uint8_t version;
    std::uint8_t flags;
    std::uint32_t head_bytes;
    std::uint32_t types_at;
    std::uint32_t types_bytes;
    std::uint32_t strings_at;
    std::uint32_t strings_bytes;
};

struct type {
    std::uint32_t name_at;
    std::uint32_t info;
    std::uint32_t size_or_type;
};

// What stands behind a type, by its kind.
std::size_t extra_bytes(std::uint32_t kind, std::size_t members) noexcept {
    switch (kind) {
        case 1:   // int
        case 14:  // variable
        case 17:  // declaration tag
            return 4;
        case 3: return 12;  // array
        case 4:             // struct
        case 5:             // union
        case 15:            // section
        case 19:            // enum of 64 bits
            return 12 * members;
        case 6:   // enum
        case 13:  // prototype
            return 8 * members;
        default: return 0;
    }
}

bool is_named(std::span<const std::byte> strings, std::uint32_t at, std::string_view name) {
    return at + name.size() < strings.size() &&
           std::memcmp(strings.data() + at, name.data(), name.size()) == 0 &&
           strings[at + name.size()] == std::byte{0};
}

std::vector<std::byte> kernel_btf() {
    std::ifstream file{place, std::ios::binary};
    std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
    std::vector<std::byte> out(bytes.size());
    std::ranges::copy(std::as_bytes(std::span{bytes}),
                      out.begin());  // Nothing where it can't be read.
    return out;
}

}  // namespace

std::uint32_t find_btf_type(std::span<const std::byte> bytes, btf_kind kind,
                            std::string_view name) noexcept {
    head from{};
    if (bytes.size() < sizeof from) {
        return 0;
    }
    std::memcpy(&from, bytes.data(), sizeof from);
    constexpr std::uint16_t magic = 0xeb9f;
    const std::uint64_t types_begin = std::uint64_t{from.head_bytes} + from.types_at;
    const std::uint64_t strings_begin = std::uint64_t{from.head_bytes} + from.strings_at;
    if (from.magic != magic || types_begin + from.types_bytes > bytes.size() ||
        strings_begin + from.strings_bytes > bytes.size()) {
        return 0;
    }
    const auto strings = bytes.subspan(strings_begin, from.strings_bytes);
    auto types = bytes.subspan(types_begin, from.types_bytes);
    for (std::uint32_t id = 1; types.size() >= sizeof(type); ++id) {
        type each{};
        std::memcpy(&each, types.data(), sizeof each);
        const std::uint32_t its_kind = each.info >> 24U & 0x1fU;
        if (its_kind == static_cast<std::uint32_t>(kind) && is_named(strings, each.name_at, name)) {
            return id;
        }
        const std::size_t size = sizeof each + extra_bytes(its_kind, each.info & 0xffffU);
        types = size > types.size() ? std::span<const std::byte>{} : types.subspan(size);
    }
    return 0;
}

std::uint32_t find_kernel_type(btf_kind kind, std::string_view name) noexcept {
    return find_btf_type(kernel_btf(), kind, name);
}

bool has_kernel_btf() noexcept { return std::ifstream{place}.good(); }

}  // namespace ringway::probe
