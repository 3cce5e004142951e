#include <ringway/ring/simulated_driver.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <set>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>

#include "support/driver_contract.hpp"
#include "support/operations.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;
using namespace test;

constexpr nanoseconds infinite = nanoseconds::max();
constexpr operation nop{};

void submit(simulated_driver& io, tracked_operation& op) {
    op.owner = &io;
    io.submit(op);
}

int finish_on(simulated_driver& io, tracked_operation& op) {
    while (!op.done()) {
        io.turn(infinite);
    }
    return op.result();
}

// Each test sets options_ first and then uses io(), which is made of them.
class simulated_driver_test : public ::testing::Test {
protected:
    simulated_driver_test() { options_.clock_step = 0ns; }

    simulated_driver& io() {
        if (!io_) {
            io_ = std::make_unique<simulated_driver>(options_);
        }
        return *io_;
    }
    void start(tracked_operation& op) { submit(io(), op); }
    int finish(tracked_operation& op) { return finish_on(io(), op); }
    int run(const operation& what) {
        tracked_operation op{what};
        start(op);
        return finish(op);
    }
    void wait_a_second() { io().turn(io().now() + 1s); }

    simulation_options options_;

private:
    std::unique_ptr<simulated_driver> io_;
};

TEST_F(simulated_driver_test, completes_in_a_turn_and_not_before) {
    tracked_operation op{nop};
    start(op);
    EXPECT_TRUE(op.in_flight);
    EXPECT_EQ(io().leaks().in_flight, 1U);
    io().turn(0ns);
    EXPECT_TRUE(op.done());
    EXPECT_EQ(io().counters().in_flight(), 0U);
    EXPECT_EQ(io().leaks(), leak_report{});
}

TEST_F(simulated_driver_test, may_complete_inside_submit) {
    options_.per_mille[fault::complete_inline] = 1000;
    tracked_operation op{nop};
    start(op);
    EXPECT_TRUE(op.done());
    const auto [one, other] = io().make_connection();
    std::string text(10, ' ');
    tracked_operation receive{recv_into(other, text)};
    start(receive);
    EXPECT_FALSE(receive.done());  // It has to wait.
    EXPECT_EQ(run(send_of(one, "abc")), 3);
    EXPECT_EQ(finish(receive), 3);
    EXPECT_GT(io().faults()[fault::complete_inline], 0U);
}

TEST_F(simulated_driver_test, a_completion_may_submit_the_next_operation) {
    for (const std::uint16_t rate : std::array<std::uint16_t, 2>{0, 1000}) {
        simulation_options options;
        options.per_mille[fault::complete_inline] = rate;
        simulated_driver io{options};
        tracked_operation op{nop};
        op.then = [&io](tracked_operation& self) {
            if (self.completions.size() < 3) {
                submit(io, self);
            }
        };
        submit(io, op);
        while (op.in_flight) {
            io.turn(infinite);
        }
        EXPECT_EQ(op.completions.size(), 3U);
    }
}

TEST_F(simulated_driver_test, a_send_waits_for_its_reader) {
    options_.socket_buffer_bytes = 8;
    const auto [one, other] = io().make_connection();
    const std::string text = "0123456789abcdefghij";
    tracked_operation send{send_of(one, text)};
    start(send);
    wait_a_second();
    EXPECT_FALSE(send.done());
    std::string all;
    while (all.size() < text.size()) {
        std::string part(5, ' ');
        const int got = run(recv_into(other, part));
        ASSERT_GT(got, 0);
        all += part.substr(0, static_cast<std::size_t>(got));
    }
    EXPECT_EQ(all, text);
    EXPECT_EQ(finish(send), 20);
}

TEST_F(simulated_driver_test, one_accept_takes_many_connections) {
    const int listener = io().make_listener(0);
    tracked_operation accept{{.kind = op_kind::accept, .multishot = true, .fd = listener}};
    start(accept);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(io().port_of(listener));
    operation connect{.kind = op_kind::connect, .length = sizeof address, .address = &address};
    for (int i = 0; i < 20; ++i) {
        connect.fd = io().make_socket();
        EXPECT_EQ(run(connect), 0);
        io().close_now(connect.fd);
    }
    while (accept.completions.size() < 20) {
        io().turn(infinite);
    }
    std::set<int> accepted;
    for (const completion& what : accept.completions) {
        EXPECT_TRUE(what.more);
        accepted.insert(what.result);
    }
    EXPECT_EQ(accepted.size(), 20U);
    io().cancel(accept);
    EXPECT_EQ(finish(accept), -ECANCELED);
    io().close_now(listener);
    EXPECT_EQ(io().leaks().open_sockets, 20U);
}

// Goal: other completions may overtake one another; those of one operation never do.
TEST_F(simulated_driver_test, multishot_completions_keep_their_order) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        simulation_options options;
        options.seed = seed;
        options.notification_max = 1ms;
        options.base.buffer_bytes = 1;
        simulated_driver io{options};
        SCOPED_TRACE(io.describe());
        const auto [one, other] = io.make_connection();
        const std::string text = "abcdefghijklmnopqrstuvwxyz";
        tracked_operation send{send_of(one, text)};
        tracked_operation receive{recv_stream(other)};
        submit(io, receive);
        submit(io, send);
        finish_on(io, send);
        io.close_now(one);
        EXPECT_EQ(finish_on(io, receive), 0);
        EXPECT_EQ(receive.received, text);
    }
}

TEST_F(simulated_driver_test, the_seed_picks_the_order_of_completions) {
    std::set<std::vector<int>> orders;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        simulation_options options;
        options.seed = seed;
        simulated_driver io{options};
        std::vector<int> order;
        std::vector<std::unique_ptr<tracked_operation>> ops;
        for (int index = 0; index < 4; ++index) {
            ops.push_back(std::make_unique<tracked_operation>(nop));
            ops.back()->then = [&order, index](tracked_operation&) { order.push_back(index); };
            submit(io, *ops.back());
        }
        for (const auto& op : ops) {
            finish_on(io, *op);
        }
        orders.insert(order);
    }
    EXPECT_GT(orders.size(), 20U);  // Of 24.
}

TEST_F(simulated_driver_test, idle_time_passes_at_once) {
    const nanoseconds begin = io().now();
    io().turn(begin + 1h);
    EXPECT_EQ(io().now(), begin + 1h);
    io().turn(0ns);
    EXPECT_EQ(io().now(), begin + 1h + options_.turn_time);
}

TEST_F(simulated_driver_test, a_look_at_the_clock_takes_time) {
    options_.clock_step = 20ns;
    const nanoseconds first = io().now();
    EXPECT_EQ(io().now(), first + 20ns);
}

TEST_F(simulated_driver_test, time_jumps_to_what_happens_next) {
    options_.delay_max = 10s;
    const nanoseconds begin = io().now();
    tracked_operation op{nop};
    start(op);
    io().turn(0ns);
    EXPECT_FALSE(op.done());
    io().turn(begin + 1h);
    EXPECT_TRUE(op.done());
    EXPECT_GT(io().now(), begin + 1ms);
    EXPECT_LE(io().now(), begin + 10s + 2 * options_.turn_time);
}

TEST_F(simulated_driver_test, a_deadline_comes_before_what_happens_later) {
    options_.delay_max = 10s;
    tracked_operation op{nop};
    start(op);
    const nanoseconds deadline = io().now() + 5us;
    io().turn(deadline);
    EXPECT_FALSE(op.done());
    EXPECT_EQ(io().now(), deadline);
}

TEST_F(simulated_driver_test, a_wake_ends_the_turn) {
    const nanoseconds begin = io().now();
    io().wake(nullptr);
    std::jthread{[this] { io().wake(nullptr); }}.join();
    io().turn(infinite);
    EXPECT_LT(io().now(), begin + 1s);
    EXPECT_EQ(io().counters().wakes.get(), 2U);
}

TEST_F(simulated_driver_test, polls_sockets_and_real_files) {
    const unique_fd event{::eventfd(0, EFD_CLOEXEC)};
    tracked_operation real{poll_for(event.get(), POLLIN)};
    start(real);
    wait_a_second();
    EXPECT_FALSE(real.done());
    ASSERT_EQ(::eventfd_write(event.get(), 1), 0);
    EXPECT_EQ(finish(real), POLLIN);

    const auto [one, other] = io().make_connection();
    tracked_operation simulated{poll_for(one, POLLIN | POLLRDHUP)};
    start(simulated);
    wait_a_second();
    EXPECT_FALSE(simulated.done());
    io().shutdown_now(other, SHUT_WR);
    EXPECT_EQ(finish(simulated), POLLIN | POLLRDHUP);
}

TEST_F(simulated_driver_test, closes_and_shuts_down_by_operation) {
    const auto [one, other] = io().make_connection();
    const operation close{.kind = op_kind::close, .fd = one};
    EXPECT_EQ(run({.kind = op_kind::shutdown, .fd = one, .flags = SHUT_WR}), 0);
    EXPECT_EQ(run(close), 0);
    EXPECT_EQ(io().leaks().open_sockets, 1U);
    std::string text(4, ' ');
    EXPECT_EQ(run(recv_into(other, text)), 0);
    EXPECT_EQ(run(close), -EBADF);
}

TEST_F(simulated_driver_test, a_broken_connection_ends_what_waits_on_it) {
    const auto [one, other] = io().make_connection();
    std::string text(4, ' ');
    tracked_operation receive{recv_into(one, text)};
    start(receive);
    wait_a_second();
    io().reset_connection(other);
    EXPECT_EQ(finish(receive), -ECONNRESET);
}

TEST_F(simulated_driver_test, a_full_queue_only_delays) {
    options_.per_mille[fault::submission_full] = 1000;
    const nanoseconds begin = io().now();
    EXPECT_EQ(run(nop), 0);
    EXPECT_GT(io().now(), begin);
    EXPECT_EQ(io().counters().submission_full.get(), 1U);
}

TEST_F(simulated_driver_test, cancelled_while_it_waits) {
    tracked_operation poll{poll_for(io().make_connection()[0], POLLIN)};
    start(poll);
    wait_a_second();
    io().cancel(poll);
    io().cancel(poll);
    EXPECT_EQ(finish(poll), -ECANCELED);
    EXPECT_EQ(poll.completions.size(), 1U);
}

TEST_F(simulated_driver_test, cancelled_after_it_has_happened) {
    options_.notification_max = 1s;
    tracked_operation op{nop};
    start(op);
    io().turn(io().now() + 1ns);
    ASSERT_TRUE(op.in_flight);
    io().cancel(op);
    EXPECT_EQ(finish(op), 0);
}

// Goal: a cancel that races with success ends in either, and both do occur.
TEST_F(simulated_driver_test, a_late_cancel_can_lose_the_race) {
    std::size_t succeeded = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        simulation_options options;
        options.seed = seed;
        options.delay_max = 50us;
        options.per_mille[fault::cancel_late] = 1000;
        simulated_driver io{options};
        tracked_operation op{nop};
        submit(io, op);
        io.cancel(op);
        const int result = finish_on(io, op);
        EXPECT_TRUE(result == 0 || result == -ECANCELED);
        succeeded += result == 0 ? 1 : 0;
    }
    EXPECT_GT(succeeded, 10U);
    EXPECT_LT(succeeded, 90U);
}

TEST_F(simulated_driver_test, a_late_cancel_spares_the_next_operation) {
    options_.per_mille[fault::cancel_late] = 1000;
    const int fd = io().make_connection()[0];
    for (int round = 0; round < 20; ++round) {
        tracked_operation early{nop};
        start(early);
        io().cancel(early);
        finish(early);
        tracked_operation next{poll_for(fd, POLLIN)};
        start(next);
        wait_a_second();
        EXPECT_FALSE(next.done());
    }
}

TEST_F(simulated_driver_test, a_deadlock_can_be_told) {
    options_.on_deadlock = deadlock_action::give_up;
    io().turn(infinite);
    EXPECT_TRUE(io().deadlocked());
}

TEST_F(simulated_driver_test, a_program_without_an_end_is_noticed) {
    options_.on_deadlock = deadlock_action::give_up;
    options_.turns_max = 5;
    for (int turn = 1; turn <= 6; ++turn) {
        io().turn(0ns);
        EXPECT_EQ(io().deadlocked(), turn == 6);
    }
}

TEST_F(simulated_driver_test, says_how_to_replay) {
    options_.seed = 4711;
    EXPECT_NE(io().describe().find("RINGWAY_SEED=4711"), std::string::npos);
    EXPECT_EQ(io().name(), "simulated");
}

using simulated_driver_death_test = simulated_driver_test;

TEST_F(simulated_driver_death_test, waiting_forever_says_for_what) {
    tracked_operation poll{poll_for(io().make_connection()[0], POLLIN)};
    start(poll);
    EXPECT_DEATH(io().turn(infinite), "RINGWAY_SEED=1.*would wait forever(.|\n)*poll\\(");
}

TEST_F(simulated_driver_death_test, closing_under_an_operation) {
    const int fd = io().make_connection()[0];
    tracked_operation poll{poll_for(fd, POLLIN)};
    start(poll);
    EXPECT_DEATH(io().close_now(fd), "closed under an operation");
}

TEST_F(simulated_driver_death_test, ending_with_something_in_flight) {
    EXPECT_DEATH(
        {
            tracked_operation op{nop};
            simulated_driver io{simulation_options{}};
            submit(io, op);
        },
        "ends in use(.|\n)*nop");
}

}  // namespace
}  // namespace ringway
