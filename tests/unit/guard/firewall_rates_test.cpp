// How exact the firewall's limits are: by BPF_PROG_TEST_RUN, against a bucket that knows all.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <sched.h>
#include <span>
#include <thread>
#include <vector>

#include "guard/firewall.hpp"
#include "support/guard_world.hpp"

namespace ringway::guard {
namespace {

using test::made_frame;
using test::range_of;
using test::reason_of;
using clock = std::chrono::steady_clock;  // The clock of the program too.
using seconds_of = std::chrono::duration<double>;

std::unique_ptr<firewall> loaded(const firewall_settings& settings) {
    auto made = firewall::load(settings);
    EXPECT_TRUE(made.has_value()) << made.error();
    return made ? *std::move(made) : nullptr;
}

// When a packet was judged, at the earliest and at the latest.
struct judged {
    clock::time_point before;
    clock::time_point after;

    [[nodiscard]] clock::time_point middle() const { return before + (after - before) / 2; }
};

// A bucket that is there from the first packet on: how many of them it lets through.
double ideal_of(const std::vector<judged>& all, const rate& how) {
    const double increment = 1.0 / static_cast<double>(how.per_second);
    const double tolerance = (static_cast<double>(how.burst) - 1) * increment;
    double empty_at = 0;
    double passed = 0;
    for (const judged& each : all) {
        const double now = seconds_of{each.middle() - all.front().middle()}.count();
        const double from = std::max(empty_at, now);
        if (from - now <= tolerance) {
            empty_at = from + increment;
            ++passed;
        }
    }
    return passed;
}

// Sends frames at `per_second` from one CPU for a while.
std::vector<judged> send(const firewall& to, std::span<const std::byte> frame, double per_second,
                         seconds_of how_long) {
    std::vector<judged> all;
    const auto begin = clock::now();
    for (;;) {
        const auto now = clock::now();
        const double elapsed = seconds_of{now - begin}.count();
        if (elapsed > how_long.count()) {
            return all;
        }
        if (static_cast<double>(all.size()) > elapsed * per_second) {
            continue;
        }
        if (!to.try_frame(frame)) {
            return {};
        }
        all.push_back({.before = now, .after = clock::now()});
    }
}

// CPUs that we may run on, two at most.
std::vector<int> two_cpus() {
    std::vector<int> found;
    cpu_set_t mine;
    CPU_ZERO(&mine);
    ::sched_getaffinity(0, sizeof mine, &mine);
    for (int cpu = 0; cpu < CPU_SETSIZE && found.size() < 2; ++cpu) {
        if (CPU_ISSET(cpu, &mine)) {
            found.push_back(cpu);
        }
    }
    return found;
}

// As `send`, from each of `cpus` at once, which share the rate.
std::vector<judged> send_from(const std::vector<int>& cpus, const firewall& to,
                              std::span<const std::byte> frame, double per_second,
                              seconds_of how_long) {
    std::vector<std::vector<judged>> parts(cpus.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < cpus.size(); ++i) {
        threads.emplace_back([&, i] {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(cpus[i], &one);
            ::sched_setaffinity(0, sizeof one, &one);
            parts[i] = send(to, frame, per_second / static_cast<double>(cpus.size()), how_long);
        });
    }
    std::vector<judged> all;
    for (std::size_t i = 0; i < cpus.size(); ++i) {
        threads[i].join();
        all.insert(all.end(), parts[i].begin(), parts[i].end());
    }
    std::ranges::sort(all, {}, &judged::middle);
    return all;
}

struct rate_case {
    rate limit;
    double offered;  // Times the rate.
    seconds_of how_long;
};

constexpr std::array cases{
    rate_case{{.per_second = 10, .burst = 5}, 3, seconds_of{0.9}},
    rate_case{{.per_second = 10, .burst = 20}, 40, seconds_of{0.4}},
    rate_case{{.per_second = 1000, .burst = 100}, 2, seconds_of{0.4}},
    rate_case{{.per_second = 3000, .burst = 2000}, 20, seconds_of{0.3}},
    rate_case{{.per_second = 10'000, .burst = 500}, 1.3, seconds_of{0.4}},
    rate_case{{.per_second = 100'000, .burst = 5000}, 2, seconds_of{0.2}},
};

void expect_exact(const rate_case& how, bool syn, const std::vector<int>& cpus) {
    SCOPED_TRACE(testing::Message() << how.limit.per_second << "/" << how.limit.burst << " from "
                                    << cpus.size() << (syn ? " CPUs, SYN" : " CPUs"));
    firewall_settings settings;
    (syn ? settings.syn_per_source : settings.per_source) = how.limit;
    const auto made = loaded(settings);
    ASSERT_NE(made, nullptr);
    const auto frame = made_frame({.source = range_of("192.0.2.9"),
                                   .tcp_flags = static_cast<std::uint8_t>(syn ? 2 : 0x10),
                                   .payload = {}});
    const auto all = send_from(
        cpus, *made, frame, how.offered * static_cast<double>(how.limit.per_second), how.how_long);
    ASSERT_FALSE(all.empty());
    const double ideal = ideal_of(all, how.limit);
    const auto counted = made->counters();
    const auto passed = static_cast<double>(counted.packets[GUARD_PLAIN]);
    EXPECT_EQ(counted.packets[GUARD_PLAIN] + counted.packets[syn ? GUARD_SYN : GUARD_RATE],
              all.size());
    EXPECT_LE(std::abs(passed - ideal), std::max(2.0, 0.01 * ideal))
        << passed << " passed, not " << ideal << " of " << all.size();
}

// Goal: what passes is what a bucket lets through that is there from the first packet on, though
// the program makes one only later.
TEST(firewall_rates, are_exact_within_a_percent) {
    RW_NEED_BPF();
    for (const rate_case& each : cases) {
        expect_exact(each, false, {two_cpus().front()});
    }
}

TEST(firewall_rates, of_syns_are_exact_within_a_percent) {
    RW_NEED_BPF();
    for (const rate_case& each : cases) {
        expect_exact(each, true, {two_cpus().front()});
    }
}

TEST(firewall_rates, hold_for_two_cpus_together) {
    RW_NEED_BPF();
    const auto cpus = two_cpus();
    if (cpus.size() < 2) {
        GTEST_SKIP() << "needs two CPUs";
    }
    for (const rate_case& each : cases) {
        expect_exact(each, false, cpus);
    }
}

// Goal: a flood of sources that send once does not fill the table of buckets, so that those who
// send much stay in it.
TEST(firewall_rates, made_up_sources_get_no_buckets) {
    RW_NEED_BPF();
    const auto made = loaded({.per_source = {.per_second = 100, .burst = 100}});
    ASSERT_NE(made, nullptr);
    auto recipe = test::frame_recipe{.source = range_of("10.0.0.0"), .payload = {}};
    constexpr unsigned others = 200'000;
    for (unsigned i = 0; i < others; ++i) {
        recipe.source.address = {10, static_cast<std::uint8_t>(i >> 16U),
                                 static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)};
        ASSERT_TRUE(made->try_frame(made_frame(recipe)).has_value());
    }
    EXPECT_LT(made->counters().suspects, others / 1000);
}

// A source gets its burst, and then what the rate gives it.
TEST(firewall_rates, let_a_source_have_its_burst_and_no_more) {
    RW_NEED_BPF();
    for (const bool counting : {false, true}) {
        SCOPED_TRACE(counting);
        const auto made =
            loaded({.per_source = {.per_second = 10, .burst = 400}, .count_sources = counting});
        ASSERT_NE(made, nullptr);
        const auto frame = made_frame({.source = range_of("192.0.2.9"), .payload = {}});
        ASSERT_TRUE(made->try_frame(frame, 5000).has_value());
        const auto counted = made->counters();
        const auto passed = counted.packets[GUARD_PLAIN];
        EXPECT_EQ(passed + counted.packets[GUARD_RATE], 5000U);
        EXPECT_GE(passed, 400U);
        EXPECT_LE(passed, 406U);  // What half a second gives on a busy machine.
        const auto other = made_frame({.source = range_of("192.0.2.10"), .payload = {}});
        EXPECT_EQ(reason_of(*made, other), GUARD_PLAIN);
    }
}

// Goal: what passes in the long run is the rate, within a percent.
TEST(firewall_rates, are_kept_in_the_long_run) {
    RW_NEED_BPF();
    // A burst of half a second: a machine that stops us for less takes no token away.
    constexpr double per_second = 200'000;
    constexpr double burst = 100'000;
    const auto made = loaded({.per_source = {.per_second = 200'000, .burst = 100'000}});
    ASSERT_NE(made, nullptr);
    const auto frame = made_frame({.source = range_of("192.0.2.9"), .payload = {}});
    const auto flood = [&] { return made->try_frame(frame, 50'000).has_value(); };
    // When exactly the first and the last packet were judged is not known: before and after.
    const auto before_first = clock::now();
    ASSERT_TRUE(flood());
    const auto after_first = clock::now();
    auto before_last = after_first;
    while (before_last - after_first < std::chrono::seconds{1}) {
        before_last = clock::now();
        ASSERT_TRUE(flood());
    }
    const auto after_last = clock::now();
    const auto counted = made->counters();
    ASSERT_GT(counted.packets[GUARD_RATE], 100'000U) << "too slow to reach the limit";
    const double least = burst + per_second * seconds_of{before_last - after_first}.count();
    const double most = burst + per_second * seconds_of{after_last - before_first}.count();
    EXPECT_GE(static_cast<double>(counted.packets[GUARD_PLAIN]), 0.99 * least);
    EXPECT_LE(static_cast<double>(counted.packets[GUARD_PLAIN]), 1.01 * most);
}

TEST(firewall_rates, are_those_of_a_subnet_of_ipv6) {
    RW_NEED_BPF();
    const auto made = loaded({.syn_per_source = {.per_second = 1, .burst = 50}});
    ASSERT_NE(made, nullptr);
    auto source = range_of("2001:db8:1:2::1");
    for (unsigned i = 0; i < 200; ++i) {
        source.address.at(15) = static_cast<std::uint8_t>(i);
        ASSERT_TRUE(made->try_frame(made_frame({.source = source, .payload = {}})).has_value());
    }
    const auto counted = made->counters();
    EXPECT_GE(counted.packets[GUARD_PLAIN], 50U);
    EXPECT_LE(counted.packets[GUARD_PLAIN], 54U);
    const auto ack = made_frame({.source = source, .tcp_flags = 0x10, .payload = {}});
    EXPECT_EQ(reason_of(*made, ack), GUARD_PLAIN);
    const auto next_subnet = made_frame({.source = range_of("2001:db8:1:3::1"), .payload = {}});
    EXPECT_EQ(reason_of(*made, next_subnet), GUARD_PLAIN);
}

}  // namespace
}  // namespace ringway::guard
