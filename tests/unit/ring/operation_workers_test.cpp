#include "ring/operation_workers.hpp"

#include <cerrno>
#include <deque>
#include <string>

#include <gtest/gtest.h>

#include "support/driver_contract.hpp"
#include "support/operations.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

// The driver is there to be woken; the operations do not go through it.
struct operations_at_workers : test::driver_contract {};
INSTANTIATE_TEST_SUITE_P(drivers, operations_at_workers, ::testing::Values(driver_kind::epoll),
                         test::name_of_driver);

TEST_P(operations_at_workers, come_back_with_their_results) {
    operation_workers workers{ring(), 2};
    EXPECT_EQ(workers.threads_max(), 2U);
    const unique_fd file = test::file_with("0123456789");
    std::string targets[8];
    std::deque<operation> reads;
    for (std::size_t i = 0; i < 8; ++i) {
        targets[i].resize(2);
        workers.give(reads.emplace_back(test::read_into(file.get(), targets[i], i)));
    }
    int done = 0;
    run_until([&] {
        workers.take([&](operation& op, int result) {
            EXPECT_EQ(result, 2);
            EXPECT_EQ(&op, &reads[op.offset]);
            ++done;
        });
        return done == 8;
    });
    for (std::size_t i = 0; i < 8; ++i) {
        EXPECT_EQ(targets[i], std::string("0123456789").substr(i, 2));
    }
}

TEST_P(operations_at_workers, can_go_there_again_while_they_are_taken) {
    operation_workers workers{ring(), 1};
    operation broken{.kind = op_kind::fsync, .fd = -1};
    workers.give(broken);
    int rounds = 0;
    run_until([&] {
        workers.take([&](operation& op, int result) {
            EXPECT_EQ(result, -EBADF);
            if (++rounds < 100) {
                workers.give(op);
            }
        });
        return rounds == 100;
    });
}

}  // namespace
}  // namespace ringway
