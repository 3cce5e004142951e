// The contract of drivers for receives into pooled buffers, one by one and multishot.
#include <cerrno>
#include <deque>
#include <string>
#include <sys/socket.h>

#include <ringway/ring/driver.hpp>

#include "support/driver_contract.hpp"
#include "support/operations.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::fd_pair;
using test::recv_pooled;
using test::recv_stream;
using test::tracked_operation;

struct driver_buffers : test::driver_contract {
    void use_two_buffers() {
        use({.submission_entries = 64,
             .completion_entries = 256,
             .buffer_count = 2,
             .buffer_bytes = 16});
    }
};
RW_TEST_EACH_DRIVER(driver_buffers);

TEST_P(driver_buffers, recv_takes_a_buffer_when_data_is_there) {
    const fd_pair pair = test::unix_pair();
    tracked_operation recv{recv_pooled(pair.near.get())};
    recv.keeps_leases = true;
    submit(recv);
    settle();
    EXPECT_EQ(ring().buffers().leased(), 0U);
    test::put(pair.far.get(), "hello");
    run_until([&] { return recv.done(); });
    EXPECT_EQ(recv.result(), 5);
    EXPECT_EQ(recv.received, "hello");
    EXPECT_EQ(as_text(recv.leases.at(0).bytes()), "hello");
    EXPECT_EQ(ring().buffers().leased(), 1U);
    EXPECT_FALSE(recv.completions.at(0).more);
}

TEST_P(driver_buffers, recv_gets_at_most_a_buffer_full) {
    use_two_buffers();
    const fd_pair pair = test::unix_pair();
    test::put(pair.far.get(), "0123456789abcdefghij");
    tracked_operation recv{recv_pooled(pair.near.get())};
    EXPECT_EQ(run(recv), 16);
    EXPECT_EQ(run(recv), 4);
    EXPECT_EQ(recv.received, "0123456789abcdefghij");
}

TEST_P(driver_buffers, the_end_of_the_stream_needs_no_buffer) {
    fd_pair pair = test::unix_pair();
    tracked_operation recv{recv_pooled(pair.near.get())};
    submit(recv);
    settle();
    pair.far.reset();
    run_until([&] { return recv.done(); });
    EXPECT_EQ(recv.result(), 0);
}

// A hundred idle connections and two buffers: who waits holds none.
TEST_P(driver_buffers, waiting_receives_hold_no_buffers) {
    use_two_buffers();
    std::deque<fd_pair> pairs;
    std::deque<tracked_operation> receives;
    for (int i = 0; i < 40; ++i) {
        const fd_pair& pair = pairs.emplace_back(test::unix_pair());
        submit(receives.emplace_back(recv_pooled(pair.near.get())));
    }
    settle();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        test::put(pairs[i].far.get(), "data");
        run_until([&] { return receives[i].done(); });
        EXPECT_EQ(receives[i].result(), 4);
    }
}

TEST_P(driver_buffers, without_a_free_buffer_recv_fails_and_loses_nothing) {
    use_two_buffers();
    const fd_pair pair = test::unix_pair();
    tracked_operation holder{recv_pooled(pair.near.get())};
    holder.keeps_leases = true;
    for (const char* const text : {"first", "second"}) {
        test::put(pair.far.get(), text);
        EXPECT_GT(run(holder), 0);
    }
    test::put(pair.far.get(), "third");
    tracked_operation starved{recv_pooled(pair.near.get())};
    EXPECT_EQ(run(starved), -ENOBUFS);
    EXPECT_EQ(starved.completions.back().buffer, completion::no_buffer);
    EXPECT_EQ(ring().counters().buffers_exhausted.get(), 1U);
    holder.leases.clear();
    EXPECT_EQ(run(starved), 5);
    EXPECT_EQ(starved.received, "third");
}

TEST_P(driver_buffers, multishot_recv_goes_on_until_the_end) {
    fd_pair pair = test::unix_pair();
    tracked_operation stream{recv_stream(pair.near.get())};
    submit(stream);
    std::string sent;
    for (int i = 0; i < 50; ++i) {
        const std::string text = test::pattern(static_cast<std::size_t>(1 + i * 7));
        test::put(pair.far.get(), text);
        sent += text;
        run_until([&] { return stream.received.size() == sent.size(); });
        ASSERT_TRUE(stream.completions.back().more);
    }
    EXPECT_EQ(stream.received, sent);
    EXPECT_EQ(stream.completions.size(), 50U);
    pair.far.reset();
    run_until([&] { return stream.done(); });
    EXPECT_EQ(stream.result(), 0);
}

TEST_P(driver_buffers, multishot_recv_takes_what_came_before_it) {
    use({.buffer_count = 64, .buffer_bytes = 512});
    fd_pair pair = test::tcp_pair();
    const std::string text = test::pattern(20'000);
    test::put(pair.far.get(), text);
    pair.far.reset();
    tracked_operation stream{recv_stream(pair.near.get())};
    submit(stream);
    run_until([&] { return stream.done(); });
    EXPECT_EQ(stream.result(), 0);
    EXPECT_TRUE(stream.received == text);
}

TEST_P(driver_buffers, multishot_recv_ends_without_buffers_and_can_go_on_later) {
    use_two_buffers();
    const fd_pair pair = test::tcp_pair();
    const std::string text = test::pattern(13 * 16);
    test::put(pair.far.get(), text);
    tracked_operation stream{recv_stream(pair.near.get())};
    stream.keeps_leases = true;
    for (int round = 1; round <= 6; ++round) {
        EXPECT_EQ(run(stream), -ENOBUFS);
        EXPECT_FALSE(stream.completions.back().more);
        ASSERT_EQ(stream.leases.size(), 2U);
        stream.leases.clear();
    }
    tracked_operation rest{recv_pooled(pair.near.get())};
    EXPECT_EQ(run(rest), 16);
    EXPECT_EQ(stream.received + rest.received, text);
    EXPECT_EQ(ring().counters().buffers_exhausted.get(), 6U);
}

TEST_P(driver_buffers, multishot_recv_can_be_cancelled_in_its_own_completion) {
    const fd_pair pair = test::unix_pair();
    tracked_operation stream{recv_stream(pair.near.get())};
    stream.then = [](tracked_operation& op) {
        if (op.in_flight && op.completions.size() == 1) {
            op.owner->cancel(op);
        }
    };
    submit(stream);
    settle();
    test::put(pair.far.get(), "one");
    run_until([&] { return stream.done(); });
    EXPECT_EQ(stream.result(), -ECANCELED);
    EXPECT_EQ(stream.received, "one");
    test::put(pair.far.get(), "two");
    tracked_operation next{recv_pooled(pair.near.get())};
    EXPECT_EQ(run(next), 3);
    EXPECT_EQ(next.received, "two");
}

TEST_P(driver_buffers, a_reset_ends_multishot_recv) {
    fd_pair pair = test::tcp_pair();
    tracked_operation stream{recv_stream(pair.near.get())};
    submit(stream);
    settle();
    test::reset_connection(pair.far);
    run_until([&] { return stream.done(); });
    EXPECT_EQ(stream.result(), -ECONNRESET);
}

// One peer sends without an end, the other one message: it must not wait for the first to pause.
TEST_P(driver_buffers, a_busy_stream_does_not_starve_another) {
    const fd_pair busy = test::unix_pair();
    const fd_pair quiet = test::unix_pair();
    const std::string block = test::pattern(4096);
    tracked_operation flood{recv_stream(busy.near.get())};
    flood.then = [&](tracked_operation& op) {
        op.received.clear();
        if (op.in_flight) {
            EXPECT_GT(::send(busy.far.get(), block.data(), block.size(), MSG_DONTWAIT), 0);
        }
    };
    tracked_operation other{recv_pooled(quiet.near.get())};
    submit(other);
    test::put(busy.far.get(), block);
    submit(flood);
    test::put(quiet.far.get(), "hello");
    run_until([&] { return other.done() && flood.completions.size() > 100; });
    EXPECT_EQ(other.result(), 5);
    EXPECT_TRUE(flood.in_flight);
    EXPECT_EQ(cancel(flood), -ECANCELED);
}

}  // namespace
}  // namespace ringway
