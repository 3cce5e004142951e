#include "cli/xdp_hints.hpp"

#include <array>
#include <cstddef>
#include <fmt/core.h>
#include <string>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/xdp/hints.hpp>

namespace ringway::cli {
namespace {

constexpr std::size_t addresses_bytes = 12;
constexpr auto second_ns = 1'000'000'000;

constexpr std::byte low(unsigned number) noexcept { return static_cast<std::byte>(number & 0xffU); }

}  // namespace

std::vector<std::byte> with_tag(byte_view frame, const xdp::vlan_tag& tag) {
    std::vector<std::byte> whole{frame.begin(), frame.end()};
    if (frame.size() >= addresses_bytes) {
        const std::array<std::byte, 4> inserted{low(tag.protocol >> 8U), low(tag.protocol),
                                                low(tag.control >> 8U), low(tag.control)};
        whole.insert(whole.begin() + addresses_bytes, inserted.begin(), inserted.end());
    }
    return whole;
}

std::string to_text(const xdp::received_hints& hints) {
    std::string text;
    if (hints.hash) {
        const std::string of = xdp::to_text_of_hash_kind(hints.hash_kind);
        text = fmt::format("hash {:#010x}{}{}", *hints.hash, of.empty() ? "" : " of ", of);
    }
    if (hints.time) {
        text += fmt::format("{}card's clock {}.{:09}", text.empty() ? "" : ", ",
                            hints.time->count() / second_ns, hints.time->count() % second_ns);
    }
    return text;
}

}  // namespace ringway::cli
