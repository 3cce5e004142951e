// Who sends how much: count-min sketches of the last ten seconds, and the sources to ask about.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "guard/firewall.hpp"

namespace ringway::guard {

/// A source and at most how much it has sent in the window.
struct talker {
    guard_source source{};
    std::uint64_t packets_max = 0;  ///< More than it was by `error_bound` at most.
    std::uint64_t bytes = 0;        ///< From the mean size of its sampled packets.
};

/// "192.0.2.1", or "2001:db8:1:2::/64".
[[nodiscard]] std::string to_text(const guard_source& source);

/// What the last ten seconds have seen of all sources, in 11 MiB, whatever their number: a window
/// that moves on by a second with each harvest, and shows what is two seconds old or older.
///
/// A count-min sketch (Cormode and Muthukrishnan 2005) of 4 rows of 65,536: what it says of a
/// source is never too low, and with a probability of 1 - e^-4 too high by e / 65,536 of all
/// packets at most. Behind the first 524,288 packets of a second on a CPU one of 16 is counted
/// for 16, unless sources are limited by what was counted; what is said then has three standard
/// deviations of that added, so that it is too low for one source of 700 at most.
class talkers {
public:
    static constexpr std::chrono::seconds window{10};
    static constexpr double error_share = 2.718281828459045 / int{GUARD_SKETCH_COLUMNS};

    talkers();

    /// Takes what the CPUs have counted, up to the turn before, and turns their sketches. Once a
    /// second: a limit begins to count a source when it sends enough in this time.
    void harvest(firewall& from);

    /// The sources that sent most in the window. Only those are found that were sampled, one packet
    /// of 64 (of 512 in a flood).
    [[nodiscard]] std::vector<talker> top(const firewall& of, std::size_t count) const;

    /// At most how many packets `source` has sent in that window.
    [[nodiscard]] std::uint64_t packets_max(std::uint64_t seed, const guard_source& source) const;
    /// All packets of that window that were counted.
    [[nodiscard]] std::uint64_t packets() const noexcept { return all_.packets; }
    /// How much less it may have been than the `packets_max` said of a source.
    [[nodiscard]] std::uint64_t error_bound(std::uint64_t packets_max) const noexcept;
    /// Of all of these, as `top` tells them: the first has the greatest.
    [[nodiscard]] std::uint64_t error_bound(const std::vector<talker>& told) const noexcept {
        return error_bound(told.empty() ? 0 : told.front().packets_max);
    }

private:
    struct sketch {
        std::uint64_t packets = 0;
        std::uint64_t weighed = 0;
        std::vector<std::uint32_t> cells;  ///< None: all 0.

        /// Cells wrap around, so that taking away is exact. No window sees 2^32 packets.
        void add(const sketch& other);
        void take_away(const sketch& other);
    };

    std::array<sketch, static_cast<std::size_t>(window.count())> seconds_;
    std::size_t oldest_ = 0;
    sketch all_;  // Their sum.
};

}  // namespace ringway::guard
