// The Date field's value, formatted once per second.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ringway::http {

/// The wall clock of one shard, to the second.
class date_cache {
public:
    /// Looks at the clock (5 ns); formats when the second is a new one.
    void update() noexcept;

    /// Seconds since 1970, at the last `update`.
    [[nodiscard]] std::int64_t seconds() const noexcept { return seconds_; }
    /// The same as IMF-fixdate (RFC 9110 section 5.6.7). Lifetime: until the next `update`.
    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), text_.size()}; }

private:
    std::int64_t seconds_ = -1;
    std::array<char, 29> text_{};
};

}  // namespace ringway::http
