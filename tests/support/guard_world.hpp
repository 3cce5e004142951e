// Firewalls for tests.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <span>

#include "guard/firewall.hpp"
#include "support/guard_model.hpp"
#include "support/need_bpf.hpp"

namespace ringway::test {

inline guard::cidr range_of(std::string_view text) {
    const auto made = guard::parse_cidr(text);
    EXPECT_TRUE(made.has_value()) << text;
    return made.value_or(guard::cidr{});
}

/// The reason that the firewall had for its verdict about the frame; GUARD_REASONS after a failure.
inline guard_reason reason_of(const guard::firewall& asked, std::span<const std::byte> frame) {
    const auto before = asked.counters();
    const auto verdict = asked.try_frame(frame);
    EXPECT_TRUE(verdict.has_value());
    const auto after = asked.counters();
    for (int i = 0; i < GUARD_REASONS; ++i) {
        if (after.packets[i] != before.packets[i]) {
            return static_cast<guard_reason>(i);
        }
    }
    return GUARD_REASONS;
}

}  // namespace ringway::test
