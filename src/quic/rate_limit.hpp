// How often something may be done: answers to strangers, so that nobody can make us send much.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ringway::quic::detail {

/// A bucket of permissions that fills up with time.
class rate_limit {
public:
    rate_limit(std::uint64_t per_second, std::uint64_t at_once) noexcept
        : per_second_{per_second}, full_{at_once * unit}, level_{full_} {}

    /// Whether it may be done at `now_ns`; then it counts as done. A time before the last one is
    /// taken for that: what another shard hands over came in earlier than what we have read since.
    [[nodiscard]] bool allows(std::uint64_t now_ns) noexcept {
        const std::uint64_t latest = std::max(now_ns, last_ns_);
        const std::uint64_t passed = std::min(latest - last_ns_, unit);
        last_ns_ = latest;
        level_ = std::min(full_, level_ + passed * per_second_);
        if (level_ < unit) {
            return false;
        }
        level_ -= unit;
        return true;
    }

private:
    static constexpr std::uint64_t unit = 1'000'000'000;  // One permission, in ns * rate.

    std::uint64_t per_second_;
    std::uint64_t full_;
    std::uint64_t level_;
    std::uint64_t last_ns_ = 0;
};

}  // namespace ringway::quic::detail
