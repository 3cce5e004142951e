// Numbers for things that are enrolled with a kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway {

/// Up to `driver::slots_max` things, each under the lowest number that was free.
template <class Thing>
class slot_table {
public:
    /// None when all numbers are in use.
    [[nodiscard]] std::optional<std::uint16_t> take(const Thing& thing) {
        if (!free_.empty()) {
            const std::uint16_t slot = free_.back();
            free_.pop_back();
            things_[slot] = thing;
            return slot;
        }
        if (things_.size() == driver::slots_max) {
            return std::nullopt;
        }
        things_.emplace_back(thing);
        return static_cast<std::uint16_t>(things_.size() - 1);
    }

    void give_back(std::uint16_t slot) noexcept {
        RW_ASSERT(slot < things_.size() && things_[slot].has_value());
        things_[slot].reset();
        free_.push_back(slot);
    }

    /// What has the number; null if nothing has.
    [[nodiscard]] const Thing* find(std::uint16_t slot) const noexcept {
        return slot < things_.size() && things_[slot] ? &*things_[slot] : nullptr;
    }

private:
    std::vector<std::optional<Thing>> things_;
    std::vector<std::uint16_t> free_;
};

}  // namespace ringway
