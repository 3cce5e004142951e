// Many connections of one driver doing everything at once, in an order drawn from a seed.
#include <deque>
#include <random>
#include <string>

#include <ringway/ring/driver.hpp>

#include "support/driver_contract.hpp"
#include "support/operations.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::tracked_operation;

// One direction of one connection: random sends on one side; on the other receives of all ways,
// cancelled at random.
struct flow {
    test::fd_pair pair;
    std::string text;
    std::size_t sent = 0;
    std::string part;
    std::string got;
    std::string target = std::string(700, '\0');
    std::deque<tracked_operation> sends;
    std::deque<tracked_operation> receives;

    [[nodiscard]] bool sending() const { return !sends.empty() && sends.back().in_flight; }
    [[nodiscard]] bool receiving() const { return !receives.empty() && receives.back().in_flight; }
    [[nodiscard]] bool complete() const { return got.size() == text.size(); }
};

struct driver_stress : test::driver_contract {
    using random = std::mt19937;

    static std::size_t draw(random& dice, std::size_t below) {
        return std::uniform_int_distribution<std::size_t>{0, below - 1}(dice);
    }

    void collect_sent(flow& one) {
        if (!one.sends.empty() && !one.sending()) {
            const int result = one.sends.back().result();
            ASSERT_TRUE(result > 0 || result == -ECANCELED) << result;
            one.sent += result > 0 ? static_cast<std::size_t>(result) : 0;
            one.sends.clear();
        }
    }

    void collect_received(flow& one) {
        if (!one.receives.empty() && !one.receiving()) {
            tracked_operation& op = one.receives.back();
            ASSERT_TRUE(op.result() > 0 || op.result() == -ECANCELED || op.result() == -ENOBUFS)
                << op.result();
            if (!op.select_buffer && op.result() > 0) {
                one.got.append(one.target, 0, static_cast<std::size_t>(op.result()));
            }
            one.got += op.received;
            one.receives.clear();
        }
    }

    void step(flow& one, random& dice) {
        if (!one.sending() && one.sent < one.text.size()) {
            one.part = one.text.substr(one.sent, 1 + draw(dice, 9000));
            submit(one.sends.emplace_back(test::send_of(one.pair.far.get(), one.part)));
        } else if (one.sending() && draw(dice, 20) == 0) {
            ring().cancel(one.sends.back());
        }
        if (!one.receiving() && !one.complete()) {
            const int fd = one.pair.near.get();
            const operation ways[] = {test::recv_into(fd, one.target), test::recv_pooled(fd),
                                      test::recv_stream(fd)};
            submit(one.receives.emplace_back(ways[draw(dice, 3)]));
        } else if (one.receiving() && draw(dice, 10) == 0) {
            ring().cancel(one.receives.back());
        }
    }
};
RW_TEST_EACH_DRIVER(driver_stress);

TEST_P(driver_stress, no_byte_is_lost_or_out_of_order) {
    for (const unsigned seed : {1U, 2U, 3U}) {
        SCOPED_TRACE(seed);
        random dice{seed};
        std::deque<flow> flows(12);
        for (unsigned i = 0; i < flows.size(); ++i) {
            flows[i].pair = i % 2 == 0 ? test::tcp_pair() : test::unix_pair();
            test::shrink_buffers(flows[i].pair);
            flows[i].text = test::pattern(60'000 + draw(dice, 40'000), i);
        }
        const nanoseconds end = ring().now() + std::chrono::seconds{60};
        for (std::size_t unfinished = flows.size(); unfinished > 0;) {
            ASSERT_LT(ring().now(), end);
            ring().turn(nanoseconds::zero());
            unfinished = 0;
            for (flow& one : flows) {
                collect_sent(one);
                collect_received(one);
                step(one, dice);
                unfinished += one.complete() ? 0 : 1;
            }
        }
        for (flow& one : flows) {
            if (one.sending()) {
                cancel(one.sends.back());
            }
            EXPECT_TRUE(one.got == one.text);
        }
    }
}

}  // namespace
}  // namespace ringway
