// The lists of the firewall: whole ones are exchanged, single entries come and go in place.
#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <utility>

#include "guard/firewall.hpp"

#include "guard.skel.h"

namespace ringway::guard {
namespace {

constexpr std::uint32_t entries_max = 1U << 20U;  // As in guard.bpf.c.
constexpr std::size_t batch_max = 16'384;
constexpr int kernel_enotsupp = 524;  // ENOTSUPP, which is not in errno.h.

guard_key4 key4_of(const cidr& range) {
    guard_key4 key{.length = range.length, .address = 0};
    std::memcpy(&key.address, range.address.data(), sizeof key.address);
    return key;
}

guard_key6 key6_of(const cidr& range) {
    guard_key6 key{.length = range.length, .address = {}};
    std::memcpy(&key.address, range.address.data(), sizeof key.address);
    return key;
}

// Calls `work` with the key of the range, of whichever family.
template <class Work>
auto with_key(const cidr& range, Work work) {
    if (range.v6) {
        const guard_key6 key = key6_of(range);
        return work(static_cast<const void*>(&key));
    }
    const guard_key4 key = key4_of(range);
    return work(static_cast<const void*>(&key));
}

// 0, or an errno.
template <class Key>
int put_batch(int map, std::span<const Key> keys) {
    static const std::vector<guard_entry> zeros(batch_max);
    bpf_map_batch_opts how{};
    how.sz = sizeof how;
    auto count = static_cast<std::uint32_t>(keys.size());
    const int failed = ::bpf_map_update_batch(map, keys.data(), zeros.data(), &count, &how);
    if (failed != -kernel_enotsupp && failed != -EOPNOTSUPP && failed != -EINVAL) {
        return -failed;
    }
    for (const Key& key : keys) {  // Before Linux 5.17 tries take entries only one by one.
        if (const int one = ::bpf_map_update_elem(map, &key, zeros.data(), BPF_ANY); one != 0) {
            return -one;
        }
    }
    return 0;
}

template <class Key, class Make>
int fill(int map, std::span<const cidr> ranges, bool v6, Make make) {
    std::vector<Key> keys;
    for (const cidr& range : ranges) {
        if (range.v6 == v6) {
            keys.push_back(make(range));
        }
    }
    for (std::span<const Key> rest{keys}; !rest.empty();) {
        const auto piece = rest.first(std::min(rest.size(), batch_max));
        if (const int failed = put_batch<Key>(map, piece); failed != 0) {
            return failed;
        }
        rest = rest.subspan(piece.size());
    }
    return 0;
}

std::unexpected<std::string> list_refused(const char* what, int why) {
    return std::unexpected{why == ENOSPC
                               ? fmt::format("{}: the list is full, {} entries", what, entries_max)
                               : fmt::format("{}: {}", what, std::strerror(why))};
}

unsigned has_bit(list_kind list, bool v6) noexcept {
    return static_cast<unsigned>(v6 ? GUARD_HAS_ALLOW6 : GUARD_HAS_ALLOW4)
           << static_cast<unsigned>(list);
}

}  // namespace

told<firewall::list_maps> firewall::make_lists(std::span<const cidr> allow,
                                               std::span<const cidr> block) const {
    constexpr std::array names{"guard_allow4", "guard_block4", "guard_allow6", "guard_block6"};
    list_maps made;
    bpf_map_create_opts how{};
    how.sz = sizeof how;
    how.map_flags = BPF_F_NO_PREALLOC;
    for (std::size_t i = 0; i < made.map.size(); ++i) {
        const bool v6 = i >= 2;
        const auto ranges = i % 2 == 0 ? allow : block;
        const int map = ::bpf_map_create(BPF_MAP_TYPE_LPM_TRIE, names.at(i),
                                         v6 ? sizeof(guard_key6) : sizeof(guard_key4),
                                         sizeof(guard_entry), entries_max, &how);
        if (map < 0) {
            return list_refused("a list can't be made", -map);
        }
        made.map.at(i) = unique_fd{map};
        const int failed = v6 ? fill<guard_key6>(map, ranges, true, key6_of)
                              : fill<guard_key4>(map, ranges, false, key4_of);
        if (failed != 0) {
            return list_refused("a list can't be filled", failed);
        }
    }
    return made;
}

bool firewall::put_lists(const list_maps& lists, unsigned generation) const {
    for (std::size_t i = 0; i < lists.map.size(); ++i) {
        const std::uint32_t slot = generation * 2 + static_cast<std::uint32_t>(i % 2);
        const int fd = lists.map.at(i).get();
        auto* const outer = i < 2 ? object_->maps.lists4 : object_->maps.lists6;
        if (::bpf_map_update_elem(::bpf_map__fd(outer), &slot, &fd, BPF_ANY) != 0) {
            return false;
        }
    }
    return true;
}

told<void> firewall::replace_lists(std::span<const cidr> allow, std::span<const cidr> block) {
    auto made = make_lists(allow, block);
    if (!made) {
        return std::unexpected{made.error()};
    }
    auto& in_force = object_->bss->guard_in_force;
    const unsigned old = in_force & GUARD_GENERATION;
    const unsigned fresh = old ^ 1U;
    if (!put_lists(*made, fresh)) {
        return list_refused("the lists can't be exchanged", errno);
    }
    unsigned word = fresh;
    for (const bool v6 : {false, true}) {
        const auto is_family = [v6](const cidr& range) { return range.v6 == v6; };
        word |= std::ranges::any_of(allow, is_family) ? has_bit(list_kind::allow, v6) : 0;
        word |= std::ranges::any_of(block, is_family) ? has_bit(list_kind::block, v6) : 0;
    }
    __atomic_store_n(&in_force, word, __ATOMIC_SEQ_CST);
    // Changing an array of maps waits until no program uses what it saw before (synchronize_rcu in
    // maybe_wait_bpf_programs): after this nobody has the old word in hand, and its lists may go.
    const std::uint32_t again = fresh * 2;
    const int same = made->map.front().get();
    (void)::bpf_map_update_elem(::bpf_map__fd(object_->maps.lists4), &again, &same, BPF_ANY);
    for (std::uint32_t slot = old * 2; slot < old * 2 + 2; ++slot) {
        ::bpf_map_delete_elem(::bpf_map__fd(object_->maps.lists4), &slot);
        ::bpf_map_delete_elem(::bpf_map__fd(object_->maps.lists6), &slot);
    }
    lists_ = *std::move(made);  // The kernel frees the old ones on a thread of its own.
    return {};
}

int firewall::list_fd(list_kind list, bool v6) const noexcept {
    return lists_.map.at(place_of(list, v6)).get();
}

void firewall::set_has(list_kind list, bool v6) noexcept {
    auto& in_force = object_->bss->guard_in_force;
    __atomic_store_n(&in_force, in_force | has_bit(list, v6), __ATOMIC_SEQ_CST);
}

told<void> firewall::add(list_kind list, const cidr& range) {
    const guard_entry fresh{};
    const int map = list_fd(list, range.v6);
    const int failed = with_key(range, [&](const void* key) {
        return ::bpf_map_update_elem(map, key, &fresh, BPF_NOEXIST);
    });
    // Tries do not know BPF_NOEXIST of nodes that only lead on; both mean that it is there.
    if (failed != 0 && failed != -EEXIST) {
        return list_refused("the entry can't be added", -failed);
    }
    set_has(list, range.v6);
    return {};
}

void firewall::remove(list_kind list, const cidr& range) {
    const int map = list_fd(list, range.v6);
    with_key(range, [map](const void* key) { return ::bpf_map_delete_elem(map, key); });
}

std::optional<std::uint64_t> firewall::hits(list_kind list, const cidr& range) const {
    const int map = list_fd(list, range.v6);
    return with_key(range, [map](const void* key) {
        guard_entry entry{};
        const int failed = ::bpf_map_lookup_elem(map, key, &entry);
        return failed == 0 ? std::optional{entry.hits} : std::nullopt;
    });
}

}  // namespace ringway::guard
