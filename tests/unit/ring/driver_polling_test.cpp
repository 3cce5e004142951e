// What may be asked of drivers beyond the usual: a submission thread of the kernel, and waiting
// that polls network cards. Who can't says so, in one line, and does without.
#include <chrono>
#include <deque>
#include <string>

#include <ringway/ring/driver.hpp>

#include "support/driver_contract.hpp"
#include "support/operations.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::fd_pair;
using test::tracked_operation;
using namespace std::chrono_literals;

struct driver_polling : test::driver_contract {
    // Echoes to and fro, so often that queues wrap around.
    void exchange(int times) {
        fd_pair pair = test::tcp_pair();
        for (int i = 0; i < times; ++i) {
            const std::string text = "message " + std::to_string(i);
            std::string target(text.size(), '\0');
            tracked_operation recv{test::recv_into(pair.near.get(), target)};
            submit(recv);
            EXPECT_EQ(run(test::send_of(pair.far.get(), text)), static_cast<int>(text.size()));
            run_until([&] { return recv.done(); });
            ASSERT_EQ(target, text);
        }
        ring().close_now(pair.near.release());  // It must learn that they are gone.
        ring().close_now(pair.far.release());
    }
    [[nodiscard]] bool has(std::string_view feature) const {
        return ring().features().contains(feature);
    }
};
RW_TEST_EACH_DRIVER(driver_polling);

TEST_P(driver_polling, a_submission_thread_does_all_that_is_asked) {
    use({.submission_entries = 16,
         .completion_entries = 64,
         .buffer_count = 2,
         .sqpoll_idle = std::chrono::milliseconds{20}});
    if (IsSkipped()) {
        return;
    }
    EXPECT_NE(has("SQPOLL"), !ring().shortfall().empty());
    exchange(500);
    std::deque<tracked_operation> many;  // More than there are entries.
    for (int i = 0; i < 300; ++i) {
        submit(many.emplace_back(operation{.kind = op_kind::nop}));
    }
    run_until([&] { return ring().counters().in_flight() == 0; });
}

// Goal: a thread that has gone to sleep is woken, every time.
TEST_P(driver_polling, a_submission_thread_that_sleeps_is_woken) {
    use({.buffer_count = 2, .sqpoll_idle = std::chrono::milliseconds{1}});
    if (IsSkipped()) {
        return;
    }
    for (int i = 0; i < 20; ++i) {
        const nanoseconds start = ring().now();
        while (ring().now() < start + 8ms) {
            ring().turn(start + 8ms);
        }
        exchange(1);
    }
}

// Goal: what is handed over costs no system call while the thread is awake.
TEST_P(driver_polling, submitting_to_a_thread_takes_no_system_call) {
    use({.buffer_count = 2, .busy_poll = true, .sqpoll_idle = std::chrono::milliseconds{2000}});
    if (IsSkipped() || !has("SQPOLL")) {
        GTEST_SKIP() << "skipped: " << (is_epoll() ? "epoll" : ring().shortfall());
    }
    run({.kind = op_kind::nop});  // Awake from here on.
    const std::uint64_t before = ring().counters().enters.get();
    for (int i = 0; i < 1000; ++i) {
        run({.kind = op_kind::nop});
    }
    EXPECT_LT(ring().counters().enters.get() - before, 20U);
}

TEST_P(driver_polling, waiting_may_poll_network_cards) {
    use({.buffer_count = 2, .napi_poll = std::chrono::microseconds{50}});
    if (IsSkipped()) {
        return;
    }
    EXPECT_NE(has("NAPI polling"), ring().shortfall().contains("network cards"));
    exchange(50);
    const nanoseconds start = ring().now();
    ring().turn(start + 5ms);
    EXPECT_LT(ring().now() - start, 5s);
}

}  // namespace
}  // namespace ringway
