// Files to sockets, mostly without a copy, on simulated kernels: notifications come late, pages
// can't be pinned, sends are cut. The driver aborts if memory changes before its notification.
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <ringway/coro/scope.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/transfer/transfer.hpp>

#include "support/made_file.hpp"
#include "support/simulated_shard.hpp"
#include "support/simulation.hpp"

namespace ringway::test {
namespace {

struct exchange {
    std::string content;
    std::string received;
    std::uint64_t promised = 0;
    result<void> outcome;
    transfer_progress progress;
    std::uint64_t uncopied = 0;
};

task<void> receive_all(stream& in, std::string& all) {
    for (;;) {
        const auto got = co_await in.receive();
        if (!got || !*got) {
            co_return;
        }
        all += as_text(got->bytes());
    }
}

task<void> send_twice(simulated_driver& io, transfer_method method, exchange& of) {
    const std::array<int, 2> ends = io.make_connection();
    stream near{ends[0]};
    stream far{ends[1]};
    unique_fd file{::memfd_create("transfer", MFD_CLOEXEC)};
    EXPECT_EQ(::pwrite(file.get(), of.content.data(), of.content.size(), 0),
              static_cast<ssize_t>(of.content.size()));
    const file_ref shared = make_shared_here<shared_file>(std::move(file));
    file_sender sender{method};
    scope reading;
    reading.spawn(receive_all(far, of.received));
    for (int i = 0; i < 2 && of.outcome; ++i) {
        of.outcome = co_await sender.send(near, "a head|", shared, {0, of.promised}, of.progress);
    }
    near.shutdown_send();
    if (!of.outcome) {
        co_await near.close();
        co_await reading.join();
    } else {
        co_await reading.join();
        co_await near.close();
    }
    co_await far.close();
    of.uncopied = io.zero_copy()->counters().sends;
}

class simulated_transfer : public testing::TestWithParam<transfer_method> {
protected:
    exchange run(const simulation_options& options, std::size_t size, std::uint64_t promised) {
        exchange of{.content = pattern(size, options.seed), .received = {}, .promised = promised};
        last_ = run_simulated(options,
                              [&](simulated_driver& io) { return send_twice(io, GetParam(), of); });
        return of;
    }
    [[nodiscard]] static bool is_zero_copy() {
        return GetParam() == transfer_method::zero_copy || GetParam() == transfer_method::gathered;
    }

    simulated_run last_;
};

// Goal: whatever can be overcome is, and the bytes are right.
TEST_P(simulated_transfer, is_exact_in_bad_weather) {
    std::uint64_t refused = 0;
    for (const std::uint64_t seed : seeds(60)) {
        simulation_options options = gentle(seed);
        const std::size_t size = 1 + seed * 104'729 % 900'000;
        const exchange of = run(options, size, size);
        SCOPED_TRACE(last_.description);
        ASSERT_TRUE(of.outcome.has_value()) << describe(of.outcome.error());
        const std::string whole = "a head|" + of.content;
        ASSERT_TRUE(of.received == whole + whole);
        EXPECT_EQ(of.progress.bytes, 2 * whole.size());
        EXPECT_EQ(of.progress.in_hand, 0U);
        EXPECT_EQ(of.uncopied > 0, is_zero_copy());
        ASSERT_EQ(last_.leaks, leak_report{});
        refused += last_.faults[fault::short_write] + last_.faults[fault::short_send];
    }
    EXPECT_TRUE(refused > 0 || seed_from_environment());
}

// Goal: a failure is told, what has arrived is the begin of what was to arrive, and nothing leaks.
TEST_P(simulated_transfer, never_sends_what_is_not_in_the_file) {
    unsigned failures = 0;
    for (const std::uint64_t seed : seeds(150)) {
        simulation_options options = stormy(seed);
        const std::size_t size = 1 + seed * 104'729 % 700'000;
        const bool shrunk = seed % 5 == 0;
        const exchange of = run(options, size, shrunk ? size + 1000 : size);
        SCOPED_TRACE(last_.description);
        const std::string whole = "a head|" + of.content;
        ASSERT_TRUE((whole + whole).starts_with(of.received));
        if (of.outcome) {
            ASSERT_FALSE(shrunk);
            ASSERT_TRUE(of.received == whole + whole);
        } else {
            ++failures;
        }
        ASSERT_EQ(last_.leaks, leak_report{});
    }
    EXPECT_TRUE(failures > 10 || seed_from_environment());
}

// Goal: what a short zero-copy send has left over, or the kernel has no memory for, goes with a
// copy.
TEST_P(simulated_transfer, what_can_not_go_without_a_copy_goes_with_one) {
    unsigned survived = 0;
    for (const std::uint64_t seed : seeds(100)) {
        simulation_options options = gentle(seed);
        const fault kind = seed % 2 == 0 ? fault::enomem : fault::short_send;
        options.per_mille[fault::short_write] = 100;
        options.per_mille[kind] = 2;
        options.socket_buffer_bytes = 1U << 17U;  // Few steps, so that one strike is the rule.
        const std::size_t size = 200'000 + seed * 104'729 % 700'000;
        const exchange of = run(options, size, size);
        SCOPED_TRACE(last_.description);
        const std::string whole = "a head|" + of.content;
        ASSERT_TRUE((whole + whole).starts_with(of.received));
        if (of.outcome) {
            ASSERT_TRUE(of.received == whole + whole);
            survived += last_.faults[kind] > 0 && of.uncopied > 0 ? 1 : 0;
        }
    }
    EXPECT_TRUE(survived > 5 || !is_zero_copy() || seed_from_environment()) << survived;
}

INSTANTIATE_TEST_SUITE_P(transfer, simulated_transfer,
                         testing::Values(transfer_method::zero_copy, transfer_method::gathered,
                                         transfer_method::fixed, transfer_method::sendfile),
                         [](const auto& info) -> std::string {
                             switch (info.param) {
                                 case transfer_method::zero_copy: return "send_zc";
                                 case transfer_method::gathered: return "sendmsg_zc";
                                 case transfer_method::sendfile: return "sendfile";
                                 default: return "fixed";
                             }
                         });

}  // namespace
}  // namespace ringway::test
