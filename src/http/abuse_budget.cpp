#include <ringway/http/abuse_budget.hpp>

#include <iterator>

namespace ringway::http {

bool abuse_budget::spend(std::uint32_t points, nanoseconds now) noexcept {
    const std::uint64_t elapsed_us =
        now > refilled_ ? static_cast<std::uint64_t>((now - refilled_).count()) / 1000 : 0;
    const std::uint64_t refill =
        std::min<std::uint64_t>(elapsed_us, 1'000'000'000) * limits_.points_per_second / 1'000'000;
    if (refill > 0) {  // Else the time counts on, so that small steps add up.
        points_ = std::min<std::uint64_t>(points_ + refill, limits_.points_max);
        refilled_ = now;
    }
    if (points_ < points) {
        points_ = 0;
        return false;
    }
    points_ -= points;
    return true;
}

budget_table::budget_table(const budget_limits& of_connection, std::size_t entries_max) noexcept
    : limits_{.points_max = of_connection.points_max * address_factor,
              .points_per_second = of_connection.points_per_second * address_factor},
      entries_max_{entries_max} {}

address_budget_ref budget_table::find(const std::string& key) {
    if (key.empty()) {
        return {};
    }
    if (const auto known = entries_.find(key); known != entries_.end()) {
        return known->second;
    }
    if (entries_.size() >= entries_max_ && !make_room()) {
        return {};
    }
    address_budget_ref made = make_shared_here<address_budget>(limits_);
    entries_.emplace(key, made);
    return made;
}

// Forgets who has no connection: first those with most left, half of them at a time, so that this
// is rare.
bool budget_table::make_room() {
    std::uint64_t least = limits_.points_max;
    for (;;) {
        std::size_t freed = 0;
        for (auto each = entries_.begin(); each != entries_.end();) {
            const bool goes = each->second->references() == 1 && each->second->left() >= least;
            freed += goes ? 1 : 0;
            each = goes ? entries_.erase(each) : std::next(each);
        }
        if (freed > 0 || least == 0) {
            return freed > 0;
        }
        least /= 2;
    }
}

}  // namespace ringway::http
