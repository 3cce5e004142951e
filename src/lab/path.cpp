#include "lab/path.hpp"

#include <algorithm>
#include <utility>

namespace ringway::lab {

path_options path_options::symmetric(lab_time round_trip, std::uint64_t bits_per_second,
                                     loss_options loss) {
    const link_options one_way{
        .delay = round_trip / 2, .bits_per_second = bits_per_second, .loss = loss};
    return {.up = one_way, .down = one_way, .nat = {}};
}

path::path(const path_options& options)
    : up_{options.up, options.seed, 1}, down_{options.down, options.seed, 2}, nat_{options.nat} {}

void path::push(path_direction direction, lab_time now, packet bytes) {
    if (direction == path_direction::up) {
        nat_.up(now, bytes);
        up_.push(now, std::move(bytes));
    } else {
        down_.push(now, std::move(bytes));
    }
}

std::optional<lab_time> path::next() const {
    const auto up = up_.next();
    const auto down = down_.next();
    return up && down ? std::min(*up, *down) : up ? up : down;
}

std::optional<path::arrival> path::pop(lab_time now) {
    for (;;) {
        const auto due = next();
        if (!due || *due > now) {
            return std::nullopt;
        }
        if (up_.next() == due) {
            return arrival{path_direction::up, *due, *up_.pop(now)};
        }
        auto bytes = *down_.pop(now);
        if (nat_.down(bytes)) {  // It stands at the client's end, and may have forgotten by now.
            return arrival{path_direction::down, *due, std::move(bytes)};
        }
    }
}

path_counters path::counters() const {
    return {.up = up_.counters(), .down = down_.counters(), .nat = nat_.counters()};
}

}  // namespace ringway::lab
