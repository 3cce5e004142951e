#include "probe/btf.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ringway::probe {
namespace {

// BTF of an int (1), a struct of two members (2), a type name (3) and a function (4).
std::vector<std::byte> example() {
    const std::string strings{"\0int\0pair\0number\0work\0", 22};
    const std::vector<std::uint32_t> types{1,  1U << 24U,      4, 32,  // int
                                           5,  4U << 24U | 2U, 8, 0,  1, 0, 0, 1, 32,
                                           10, 8U << 24U,      1,   // typedef
                                           17, 12U << 24U,     1};  // function
    const std::uint32_t types_bytes = static_cast<std::uint32_t>(types.size() * 4);
    const std::vector<std::uint32_t> rest{24, 0, types_bytes, types_bytes,
                                          static_cast<std::uint32_t>(strings.size())};
    std::vector<std::byte> out(4);
    constexpr std::uint32_t first = 0xeb9f | 1U << 16U;
    std::memcpy(out.data(), &first, 4);
    const auto append = [&out](const void* from, std::size_t size) {
        const auto* const bytes = static_cast<const std::byte*>(from);
        out.insert(out.end(), bytes, bytes + size);
    };
    append(rest.data(), rest.size() * 4);
    append(types.data(), types_bytes);
    append(strings.data(), strings.size());
    return out;
}

TEST(btf, types_are_found_by_kind_and_name) {
    const auto bytes = example();
    EXPECT_EQ(find_btf_type(bytes, btf_kind::type_name, "number"), 3U);
    EXPECT_EQ(find_btf_type(bytes, btf_kind::function, "work"), 4U);
    EXPECT_EQ(find_btf_type(bytes, btf_kind::function, "number"), 0U);
    EXPECT_EQ(find_btf_type(bytes, btf_kind::function, "wor"), 0U);
    EXPECT_EQ(find_btf_type(bytes, btf_kind::function, "works"), 0U);
}

// Goal: no prefix of it, and no damage, makes us read beyond its end.
TEST(btf, damage_is_survived) {
    const auto bytes = example();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::vector<std::byte> cut(bytes.begin(),
                                         bytes.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(find_btf_type(cut, btf_kind::function, "work"), 0U);
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto damaged = bytes;
        damaged[i] = std::byte{0xff};
        static_cast<void>(find_btf_type(damaged, btf_kind::function, "work"));
    }
}

TEST(btf, of_this_kernel) {
    if (!has_kernel_btf()) {
        GTEST_SKIP() << "this kernel shows no BTF";
    }
    EXPECT_NE(find_kernel_type(btf_kind::function, "vfs_read"), 0U);
    EXPECT_EQ(find_kernel_type(btf_kind::function, "there is no such function"), 0U);
}

}  // namespace
}  // namespace ringway::probe
