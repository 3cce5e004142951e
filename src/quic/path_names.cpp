#include "quic/path_names.hpp"

#include <algorithm>
#include <cstring>
#include <netinet/in.h>

#include <ringway/base/assert.hpp>

namespace ringway::quic::detail {
namespace {

constexpr std::uint8_t discard_only[8]{1, 0, 0, 0, 0, 0, 0, 0};  // 100::/64

endpoint make_name(std::uint64_t number, std::uint16_t port) noexcept {
    sockaddr_in6 made{};
    made.sin6_family = AF_INET6;
    std::memcpy(made.sin6_addr.s6_addr, discard_only, sizeof(discard_only));
    std::memcpy(made.sin6_addr.s6_addr + sizeof(discard_only), &number, sizeof(number));
    const auto name = endpoint::from(reinterpret_cast<const sockaddr*>(&made), sizeof(made));
    RW_ASSERT(name.has_value());
    return name->with_port(port);
}

bool is_name(const endpoint& what) noexcept {
    const auto* const address = reinterpret_cast<const sockaddr_in6*>(what.address());
    return what.family() == AF_INET6 &&
           std::memcmp(address->sin6_addr.s6_addr, discard_only, sizeof(discard_only)) == 0;
}

}  // namespace

const endpoint* path_names::find(const endpoint& real) const noexcept {
    const auto found = std::ranges::find(known_, real, &entry::real);
    return found == known_.end() ? nullptr : &found->name;
}

const endpoint& path_names::make_apart(const endpoint& real, const endpoint& keep) {
    return add(real, make_name(++made_, real.port()), keep);
}

const endpoint* path_names::make_like(const endpoint& real, const endpoint& like) {
    const endpoint* const name = find(like);
    return name == nullptr ? nullptr : &add(real, name->with_port(real.port()), like);
}

const endpoint* path_names::real_of(const endpoint& named) const noexcept {
    if (!is_name(named)) {
        return &named;
    }
    const auto found = std::ranges::find(known_, named, &entry::name);
    return found == known_.end() ? nullptr : &found->real;
}

const endpoint& path_names::add(const endpoint& real, const endpoint& name, const endpoint& keep) {
    RW_ASSERT(find(real) == nullptr);
    if (known_.size() == names_max) {
        known_.erase(known_.begin() + (known_.front().real == keep ? 1 : 0));
    }
    return known_.emplace_back(real, name).name;
}

}  // namespace ringway::quic::detail
