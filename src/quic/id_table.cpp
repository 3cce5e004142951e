#include "quic/id_table.hpp"

#include <cstring>
#include <span>
#include <utility>

#include <ringway/base/assert.hpp>

#include "quic/connection_id.hpp"

namespace ringway::quic::detail {
namespace {

constexpr std::size_t slots_at_first = 64;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

id_table::id_table() : slots_(slots_at_first) {
    fill_random(std::as_writable_bytes(std::span{secret_}));
}

std::size_t id_table::home_of(const std::uint8_t* id, std::size_t size) const noexcept {
    RW_ASSERT(size <= NGTCP2_MAX_CIDLEN);
    std::uint64_t words[3]{};
    std::memcpy(words, id, size);
    const std::uint64_t first = mix(words[0] ^ secret_[0], words[1] ^ secret_[1]);
    return mix(first ^ words[2] ^ size, secret_[2] | 1) & (slots_.size() - 1);
}

// The slot of the id, or the free one where it would go.
std::size_t id_table::find_slot(const std::uint8_t* id, std::size_t size) const noexcept {
    std::size_t index = home_of(id, size);
    while (slots_[index].target != nullptr && (slots_[index].id.datalen != size ||
                                               std::memcmp(slots_[index].id.data, id, size) != 0)) {
        index = (index + 1) & (slots_.size() - 1);
    }
    return index;
}

packet_target* id_table::find(const std::uint8_t* id, std::size_t size) const noexcept {
    if (size > NGTCP2_MAX_CIDLEN) {
        return nullptr;
    }
    return slots_[find_slot(id, size)].target;
}

void id_table::put(const ngtcp2_cid& id, packet_target& target) {
    if (2 * (size_ + 1) > slots_.size()) {
        grow();
    }
    slot& place = slots_[find_slot(id.data, id.datalen)];
    size_ += place.target == nullptr ? 1 : 0;
    place = {id, &target};
}

void id_table::erase(const ngtcp2_cid& id, const packet_target& target) noexcept {
    std::size_t hole = find_slot(id.data, id.datalen);
    if (slots_[hole].target != &target) {
        return;
    }
    // Later ones of the same run move up, so that no search ends early.
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = (hole + 1) & mask; slots_[at].target != nullptr; at = (at + 1) & mask) {
        const std::size_t home = home_of(slots_[at].id.data, slots_[at].id.datalen);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            slots_[hole] = slots_[at];
            hole = at;
        }
    }
    slots_[hole].target = nullptr;
    --size_;
}

void id_table::grow() {
    std::vector<slot> before(slots_.size() * 2);
    std::swap(before, slots_);
    for (const slot& moved : before) {
        if (moved.target != nullptr) {
            slots_[find_slot(moved.id.data, moved.id.datalen)] = moved;
        }
    }
}

}  // namespace ringway::quic::detail
