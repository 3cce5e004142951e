#include <ringway/ring/driver.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <thread>

#include "support/driver_contract.hpp"

namespace ringway {
namespace {

using test::tracked_operation;
using namespace std::chrono_literals;

struct driver_basics : test::driver_contract {};
RW_TEST_EACH_DRIVER(driver_basics);

TEST_P(driver_basics, nop_completes_with_zero) {
    tracked_operation nop{{.kind = op_kind::nop}};
    submit(nop);
    EXPECT_TRUE(nop.in_flight);
    run_until([&] { return nop.done(); });
    EXPECT_EQ(nop.result(), 0);
    EXPECT_EQ(nop.completions.size(), 1U);
}

TEST_P(driver_basics, takes_more_operations_than_it_has_entries_for) {
    use({.submission_entries = 4, .completion_entries = 8, .buffer_count = 2});
    std::deque<tracked_operation> nops;
    for (int i = 0; i < 500; ++i) {
        submit(nops.emplace_back(operation{.kind = op_kind::nop}));
    }
    EXPECT_EQ(ring().counters().in_flight(), 500U);
    run_until([&] { return ring().counters().in_flight() == 0; });
    for (const tracked_operation& nop : nops) {
        EXPECT_EQ(nop.result(), 0);
    }
}

TEST_P(driver_basics, an_operation_can_be_used_again_in_its_own_completion) {
    tracked_operation nop{{.kind = op_kind::nop}};
    nop.then = [](tracked_operation& op) {
        if (op.completions.size() < 100) {
            op.owner->submit(op);
        }
    };
    submit(nop);
    run_until([&] { return nop.done(); });
    EXPECT_EQ(nop.completions.size(), 100U);
}

TEST_P(driver_basics, counts_by_kind) {
    run({.kind = op_kind::nop});
    run({.kind = op_kind::close, .fd = -1});
    const driver_counters& counters = ring().counters();
    EXPECT_EQ(counters.submitted[static_cast<std::size_t>(op_kind::nop)].get(), 1U);
    EXPECT_EQ(counters.completed[static_cast<std::size_t>(op_kind::close)].get(), 1U);
    EXPECT_EQ(counters.completions.get(), 2U);
    EXPECT_GT(counters.enters.get(), 0U);
}

TEST_P(driver_basics, says_who_it_is) {
    EXPECT_EQ(ring().name(), is_epoll() ? "epoll" : "io_uring");
    EXPECT_FALSE(ring().features().empty());
}

TEST_P(driver_basics, a_turn_without_a_deadline_does_not_wait) {
    const nanoseconds start = ring().now();
    for (int i = 0; i < 100; ++i) {
        ring().turn(nanoseconds::zero());
    }
    EXPECT_LT(ring().now() - start, 5s);
}

// A signal may end a turn early; a ring of io_uring that is closed interrupts its thread for a
// while. A driver that does not sleep takes thousands of turns.
TEST_P(driver_basics, a_turn_sleeps_until_its_deadline) {
    for (const nanoseconds length : {nanoseconds{300us}, nanoseconds{2ms}, nanoseconds{5ms}}) {
        const nanoseconds start = ring().now();
        int turns = 0;
        for (; ring().now() < start + length; ++turns) {
            ring().turn(start + length);
        }
        EXPECT_LT(turns, 300);
        EXPECT_LT(ring().now() - start, 5s);
    }
    ring().turn(ring().now() - 1s);  // One that has passed.
}

TEST_P(driver_basics, busy_poll_never_sleeps) {
    use({.buffer_count = 2, .busy_poll = true});
    const nanoseconds start = ring().now();
    ring().turn(start + 60s);
    EXPECT_LT(ring().now() - start, 30s);
}

TEST_P(driver_basics, a_wake_up_before_the_turn_is_not_lost) {
    ring().wake(nullptr);
    ring().wake(nullptr);
    ring().turn(ring().now() + 60s);
    EXPECT_GE(ring().counters().wakes.get(), 1U);
}

// Each round the other thread makes work visible and wakes; this one sleeps unless it sees work.
TEST_P(driver_basics, wake_ups_of_another_thread_are_never_lost) {
    constexpr int rounds = 2000;
    std::atomic<int> asked{0};
    std::atomic<int> answered{0};
    std::thread other{[&] {
        for (int round = 1; round <= rounds; ++round) {
            asked.store(round);
            ring().wake(nullptr);
            if (round % 3 == 0) {
                ring().wake(nullptr);
            }
            for (int seen = answered.load(); seen < round; seen = answered.load()) {
                answered.wait(seen);
            }
        }
    }};
    const nanoseconds end = ring().now() + 60s;
    while (answered.load() < rounds && ring().now() < end) {
        ring().turn(end);
        answered.store(asked.load());
        answered.notify_one();
    }
    EXPECT_EQ(answered.load(), rounds);
    answered.store(rounds);
    answered.notify_one();
    other.join();
    EXPECT_GE(ring().counters().wakes.get(), 1U);
}

TEST_P(driver_basics, the_current_driver_is_the_threads_own) {
    driver::set_current(&ring());
    EXPECT_EQ(&driver::current(), &ring());
    driver::set_current(nullptr);
}

TEST(driver_names, every_kind_of_operation_has_one) {
    for (std::size_t kind = 0; kind < driver_counters::kinds; ++kind) {
        EXPECT_STRNE(name_of(static_cast<op_kind>(kind)), "unknown") << kind;
    }
}

}  // namespace
}  // namespace ringway
