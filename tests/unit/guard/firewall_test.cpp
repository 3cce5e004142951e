#include "guard/firewall.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "support/guard_world.hpp"
#include "support/patience.hpp"
#include "support/simulation.hpp"

namespace ringway::guard {
namespace {

using test::made_frame;
using test::range_of;
using test::reason_of;

firewall_settings settings_of(const test::guard_rules& rules) {
    firewall_settings out;
    out.keep = rules.keep_ports;
    out.block = rules.block_ports;
    out.quic_ports = rules.quic_ports;
    return out;
}

std::unique_ptr<firewall> loaded(const firewall_settings& settings) {
    auto made = firewall::load(settings);
    EXPECT_TRUE(made.has_value()) << made.error();
    return made ? *std::move(made) : nullptr;
}

// Goal: the program and a second reading of the rules agree about every frame.
TEST(firewall, agrees_with_the_model) {
    RW_NEED_BPF();
    std::array<unsigned, GUARD_REASONS> seen{};
    for (const std::uint64_t seed : test::seeds(12)) {
        SCOPED_TRACE(testing::Message() << "RINGWAY_SEED=" << seed);
        std::mt19937_64 random{seed};
        const auto rules = test::random_rules(random);
        const auto made = loaded(settings_of(rules));
        ASSERT_NE(made, nullptr);
        ASSERT_TRUE(made->replace_lists(rules.allow, rules.block).has_value());
        for (int i = 0; i < 400; ++i) {
            const auto frame = test::random_frame(random);
            const auto expected = test::read_frame(frame, rules).reason;
            const auto found = reason_of(*made, frame);
            ASSERT_EQ(found, expected) << "frame " << i << " " << testing::PrintToString(frame);
            ++seen.at(found);
        }
    }
    for (const int each : {GUARD_PLAIN, GUARD_NOT_IP, GUARD_KEPT, GUARD_ALLOWED, GUARD_UNPARSED,
                           GUARD_BLOCKED, GUARD_PORT}) {
        EXPECT_GT(seen.at(static_cast<std::size_t>(each)), 10U) << each;
    }
}

TEST(firewall, agrees_with_the_model_about_frames_cut_at_every_byte) {
    RW_NEED_BPF();
    std::mt19937_64 random{7};
    const auto rules = test::random_rules(random);
    const auto made = loaded(settings_of(rules));
    ASSERT_NE(made, nullptr);
    ASSERT_TRUE(made->replace_lists(rules.allow, rules.block).has_value());
    for (int i = 0; i < 40; ++i) {
        const auto frame = test::random_frame(random);
        // The kernel runs programs on 14 bytes and more.
        for (std::size_t size = 14; size < frame.size(); ++size) {
            const auto cut = std::span{frame}.first(size);
            ASSERT_EQ(reason_of(*made, cut), test::read_frame(cut, rules).reason)
                << size << " bytes of frame " << i << " " << testing::PrintToString(frame);
        }
    }
}

// Goal: SYN and QUIC Initial are found by the program where the model finds them.
TEST(firewall, finds_what_the_floods_are_made_of) {
    RW_NEED_BPF();
    firewall_settings settings;
    settings.syn_all = {.per_second = 1, .burst = 1};
    settings.initial_all = {.per_second = 1, .burst = 1};
    settings.quic_ports = {443, 8443};
    const auto made = loaded(settings);
    ASSERT_NE(made, nullptr);
    const auto from = range_of("192.0.2.1");
    const std::vector<std::byte> initial{std::byte{0xc0}, {}, {}, {}, std::byte{1}};
    // The buckets are emptied first.
    (void)made->try_frame(made_frame({.source = from, .payload = {}}));
    (void)made->try_frame(made_frame({.source = from, .udp = true, .payload = initial}));
    unsigned syns = 0;
    unsigned initials = 0;
    std::mt19937_64 random{11};
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{700};
    for (int i = 0; i < 4000 && std::chrono::steady_clock::now() < until; ++i) {
        const auto frame = test::random_frame(random);
        const auto read = test::read_frame(frame, {.quic_ports = {443, 8443}});
        const bool flood = read.reason == GUARD_PLAIN && (read.syn || read.initial);
        const auto expected = !flood ? read.reason : read.syn ? GUARD_SYN_ALL : GUARD_INITIAL_ALL;
        ASSERT_EQ(reason_of(*made, frame), expected) << testing::PrintToString(frame);
        syns += flood && read.syn ? 1 : 0;
        initials += flood && read.initial ? 1 : 0;
    }
    EXPECT_GT(syns, 10U);
    EXPECT_GT(initials, 10U);
}

TEST(firewall, dry_run_passes_and_counts) {
    RW_NEED_BPF();
    const auto made = loaded({.dry_run = true});
    ASSERT_NE(made, nullptr);
    ASSERT_TRUE(made->replace_lists({}, std::array{range_of("10.0.0.0/8")}).has_value());
    const auto frame = made_frame({.source = range_of("10.1.2.3"), .payload = {}});
    const auto verdict = made->try_frame(frame, 100);
    ASSERT_TRUE(verdict.has_value());
    EXPECT_FALSE(verdict->dropped);
    EXPECT_EQ(made->counters().packets[GUARD_BLOCKED], 100U);
    EXPECT_EQ(made->counters().bytes[GUARD_BLOCKED], 100 * frame.size());
}

TEST(firewall, drops_what_it_can_not_read_only_on_demand) {
    RW_NEED_BPF();
    auto frame = made_frame({.source = range_of("10.1.2.3"), .payload = {}});
    frame.resize(30);
    for (const bool wanted : {false, true}) {
        const auto made = loaded({.drop_unparsed = wanted});
        ASSERT_NE(made, nullptr);
        EXPECT_EQ(reason_of(*made, frame), GUARD_UNPARSED);
        EXPECT_EQ(made->try_frame(frame)->dropped, wanted);
    }
}

TEST(firewall, keeps_ssh_whatever_is_blocked) {
    RW_NEED_BPF();
    const auto made = loaded({.keep = {{.udp = false, .first = 22, .last = 22}}});
    ASSERT_NE(made, nullptr);
    ASSERT_TRUE(made->replace_lists(std::array{range_of("198.51.100.0/24")},
                                    std::array{range_of("0.0.0.0/0"), range_of("::/0")})
                    .has_value());
    for (const std::uint8_t flags : std::array<std::uint8_t, 3>{2, 0x10, 0x18}) {
        EXPECT_EQ(reason_of(*made, made_frame({.source = range_of("203.0.113.5"),
                                               .port = 22,
                                               .tcp_flags = flags,
                                               .payload = {}})),
                  GUARD_KEPT);
        EXPECT_EQ(reason_of(*made, made_frame({.source = range_of("203.0.113.5"),
                                               .port = 443,
                                               .tcp_flags = flags,
                                               .payload = {}})),
                  GUARD_BLOCKED);
    }
    EXPECT_EQ(reason_of(*made, made_frame({.source = range_of("198.51.100.9"), .payload = {}})),
              GUARD_ALLOWED);
    EXPECT_EQ(reason_of(*made, made_frame({.source = range_of("2001:db8::1"), .payload = {}})),
              GUARD_BLOCKED);
}

TEST(firewall, adds_and_takes_out_single_entries) {
    RW_NEED_BPF();
    const auto made = loaded({});
    ASSERT_NE(made, nullptr);
    for (const char* const text : {"192.0.2.7", "2001:db8:1::/48"}) {
        const auto range = range_of(text);
        const auto frame = made_frame({.source = range, .payload = {}});
        EXPECT_EQ(reason_of(*made, frame), GUARD_PLAIN);
        ASSERT_TRUE(made->add(list_kind::block, range).has_value());
        ASSERT_TRUE(made->add(list_kind::block, range).has_value());
        EXPECT_EQ(reason_of(*made, frame), GUARD_BLOCKED);
        EXPECT_EQ(made->hits(list_kind::block, range), 1U);
        made->remove(list_kind::block, range);
        made->remove(list_kind::block, range);
        EXPECT_EQ(reason_of(*made, frame), GUARD_PLAIN);
    }
}

// Goal: there is no moment without a list while lists are exchanged.
TEST(firewall, exchanging_lists_never_lets_anything_through) {
    RW_NEED_BPF();
    const auto made = loaded({});
    ASSERT_NE(made, nullptr);
    const auto bad = range_of("10.9.8.7");
    std::vector<cidr> lists[2];
    for (unsigned i = 0; i < 2000; ++i) {
        lists[i % 2].push_back({.address = {172, 16, static_cast<std::uint8_t>(i / 256),
                                            static_cast<std::uint8_t>(i % 256)},
                                .length = 32});
    }
    lists[0].push_back(bad);
    lists[1].push_back(range_of("10.0.0.0/8"));
    ASSERT_TRUE(made->replace_lists({}, lists[0]).has_value());
    std::atomic<bool> end{false};
    std::atomic<unsigned> passed{0};
    std::atomic<unsigned> tried{0};
    const auto frame = made_frame({.source = bad, .payload = {}});
    std::thread load{[&] {
        while (!end.load()) {
            const auto verdict = made->try_frame(frame);
            passed += verdict && !verdict->dropped ? 1 : 0;
            ++tried;
        }
    }};
    for (unsigned i = 1; i <= 20; ++i) {
        EXPECT_TRUE(made->replace_lists({}, lists[i % 2]).has_value());
    }
    end = true;
    load.join();
    EXPECT_EQ(passed.load(), 0U) << "of " << tried.load();
    EXPECT_GT(tried.load(), 1000U);
}

TEST(firewall, loads_a_hundred_thousand_entries_within_a_second) {
    RW_NEED_BPF();
    const auto made = loaded({});
    ASSERT_NE(made, nullptr);
    std::vector<cidr> block(100'000);
    std::mt19937_64 random{3};
    for (auto& each : block) {
        each.v6 = random() % 4 == 0;
        each.length = each.v6 ? 64 : 32;
        for (std::size_t i = 0; i < (each.v6 ? 8U : 4U); ++i) {
            each.address.at(i) = static_cast<std::uint8_t>(random());
        }
    }
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_TRUE(made->replace_lists({}, block).has_value());
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(took, test::patience(std::chrono::seconds{1}));
    RecordProperty("ms", static_cast<int>(took / std::chrono::milliseconds{1}));
    EXPECT_EQ(reason_of(*made, made_frame({.source = block.back(), .payload = {}})), GUARD_BLOCKED);
}

TEST(firewall, tells_some_of_the_drops) {
    RW_NEED_BPF();
    const auto made = loaded({});
    ASSERT_NE(made, nullptr);
    ASSERT_TRUE(made->replace_lists({}, std::array{range_of("10.0.0.0/8")}).has_value());
    ASSERT_TRUE(made->try_frame(made_frame({.source = range_of("10.1.2.3"),
                                            .source_port = 1234,
                                            .port = 80,
                                            .payload = {}}),
                                6400)
                    .has_value());
    unsigned told = 0;
    made->take_events(1000, [&](const guard_event& event) {
        ++told;
        EXPECT_EQ(event.reason, GUARD_BLOCKED);
        EXPECT_EQ(event.port, 80);
        EXPECT_EQ(event.source_port, 1234);
        EXPECT_EQ(event.dropped, 1);
    });
    EXPECT_GT(told, 50U);  // One of 64: 100, give or take.
    EXPECT_LT(told, 160U);
    EXPECT_EQ(made->counters().events_lost, 0U);
}

}  // namespace
}  // namespace ringway::guard
