#include "guard/talkers.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

namespace ringway::guard {
namespace {

constexpr std::size_t cells_of_row = GUARD_SKETCH_COLUMNS;
constexpr std::size_t all_cells = GUARD_SKETCH_ROWS * cells_of_row;

// As hash_of in guard.bpf.c.
std::uint64_t hash_of(std::uint64_t seed, const guard_source& source) {
    constexpr std::uint64_t first = 0xff51afd7ed558ccd;
    constexpr std::uint64_t other = 0xc4ceb9fe1a85ec53;
    const auto pair = [&source](std::size_t at) {
        return std::uint64_t{source.word[at]} << 32U | source.word[at + 1];
    };
    std::uint64_t hash = (pair(0) ^ seed) * first + pair(2);
    hash = (hash ^ hash >> 33U) * first;
    hash = (hash ^ hash >> 33U) * other;
    return hash ^ hash >> 33U;
}

// Three standard deviations of a binomial count of one packet in `weight`, of which each stood for
// that many, are deviation * sqrt(packets).
constexpr double weight = 1U << unsigned{GUARD_WEIGHT_SHIFT};
const double deviation = 3 * std::sqrt(weight - 1);

// The most packets of which so few may have been counted.
std::uint64_t most_behind(std::uint64_t counted) {
    const double root = std::sqrt(static_cast<double>(counted) + deviation * deviation / 4);
    const double most = root + deviation / 2;
    return static_cast<std::uint64_t>(std::ceil(most * most));
}

}  // namespace

std::string to_text(const guard_source& source) {
    cidr range{.address = {}, .length = 64, .v6 = true};
    std::memcpy(range.address.data(), source.word, sizeof source.word);
    if (source.word[0] == 0 && source.word[1] == 0 && source.word[2] != 0) {
        std::array<std::uint8_t, 16> v4{};
        std::copy_n(range.address.begin() + 12, 4, v4.begin());
        range = {.address = v4, .length = 32};
    }
    return to_text(range);
}

talkers::talkers() { all_.cells.resize(all_cells); }

void talkers::sketch::add(const sketch& other) {
    packets += other.packets;
    weighed += other.weighed;
    std::ranges::transform(cells, other.cells, cells.begin(), std::plus{});
}

void talkers::sketch::take_away(const sketch& other) {
    packets -= other.packets;
    weighed -= other.weighed;
    std::ranges::transform(cells, other.cells, cells.begin(), std::minus{});
}

void talkers::harvest(firewall& from) {
    sketch& second = seconds_[oldest_];
    oldest_ = (oldest_ + 1) % seconds_.size();
    if (second.packets > 0) {
        all_.take_away(second);
        second.packets = 0;
        second.weighed = 0;
        std::ranges::fill(second.cells, 0U);
    }
    for (unsigned cpu = 0; cpu < from.cpus(); ++cpu) {
        // Since the last turn nobody writes here.
        guard_sketch& counted = from.sketch(cpu, false);
        if (counted.packets == 0) {
            continue;
        }
        second.cells.resize(all_cells);
        second.packets += counted.packets;
        second.weighed += counted.weighed;
        const std::uint32_t* cell = &counted.cell[0][0];
        for (std::uint32_t& sum : second.cells) {
            sum += *cell++;
        }
        std::memset(&counted, 0, sizeof counted);
    }
    if (second.packets > 0) {
        all_.add(second);
    }
    from.turn_sketches();
}

std::uint64_t talkers::packets_max(std::uint64_t seed, const guard_source& source) const {
    const std::uint64_t hash = hash_of(seed, source);
    std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
    for (std::size_t row = 0; row < GUARD_SKETCH_ROWS; ++row) {
        const std::size_t column = hash >> (16 * row) & 0xffffU;
        least = std::min(least, all_.cells[row * cells_of_row + column]);
    }
    if (all_.weighed == 0) {
        return least;
    }
    return std::min(most_behind(least), least + all_.weighed);
}

std::uint64_t talkers::error_bound(std::uint64_t packets_max) const noexcept {
    double error = error_share * static_cast<double>(packets());
    if (all_.weighed > 0) {
        error += 2 * deviation * std::sqrt(static_cast<double>(packets_max));
    }
    return static_cast<std::uint64_t>(std::ceil(error));
}

std::vector<talker> talkers::top(const firewall& of, std::size_t count) const {
    std::vector<talker> all;
    for (const auto& [source, sample] : of.samples()) {
        const auto packets = packets_max(of.seed(), source);
        if (packets > 0 && sample.packets > 0) {
            all.push_back({.source = source,
                           .packets_max = packets,
                           .bytes = packets * (sample.bytes / sample.packets)});
        }
    }
    const auto more = [](const talker& a, const talker& b) {
        return a.packets_max > b.packets_max;
    };
    const auto kept = static_cast<std::ptrdiff_t>(std::min(count, all.size()));
    std::ranges::partial_sort(all, all.begin() + kept, more);
    all.resize(static_cast<std::size_t>(kept));
    return all;
}

}  // namespace ringway::guard
