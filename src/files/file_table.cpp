#include <ringway/files/file_table.hpp>

#include <ringway/base/assert.hpp>

namespace ringway::files {
namespace {

constexpr std::size_t slots_at_first = 64;

}  // namespace

file_table::file_table() : slots_(slots_at_first) {}

std::size_t file_table::place_of(std::size_t hash, std::string_view key) const noexcept {
    std::size_t place = hash & mask();
    while (slots_[place].entry != nullptr &&
           (slots_[place].hash != hash || slots_[place].entry->key != key)) {
        place = (place + 1) & mask();
    }
    return place;
}

cached_file* file_table::find(std::string_view key) const noexcept {
    return slots_[place_of(hash_of(key), key)].entry;
}

void file_table::insert(cached_file& entry) {
    if ((size_ + 1) * 2 > slots_.size()) {
        grow();
    }
    const std::size_t hash = hash_of(entry.key);
    slot& free = slots_[place_of(hash, entry.key)];
    RW_ASSERT(free.entry == nullptr);
    free = {hash, &entry};
    ++size_;
}

void file_table::erase(std::string_view key) noexcept {
    std::size_t hole = place_of(hash_of(key), key);
    RW_ASSERT(slots_[hole].entry != nullptr);
    --size_;
    // Whatever was pushed past the hole by it moves up, so that no search ends early.
    for (std::size_t next = (hole + 1) & mask(); slots_[next].entry != nullptr;
         next = (next + 1) & mask()) {
        const std::size_t wanted = slots_[next].hash & mask();
        if (((next - wanted) & mask()) >= ((next - hole) & mask())) {
            slots_[hole] = slots_[next];
            hole = next;
        }
    }
    slots_[hole] = {};
}

void file_table::grow() {
    std::vector<slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const slot& each : old) {
        if (each.entry != nullptr) {
            slots_[place_of(each.hash, each.entry->key)] = each;
        }
    }
}

}  // namespace ringway::files
