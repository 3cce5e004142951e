#include <ringway/ring/zero_copy.hpp>

#include <chrono>
#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/ring/await.hpp>
#include <ringway/ring/driver.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using namespace std::chrono_literals;

zero_copy_route some_route(unsigned char last) {
    zero_copy_route route;
    route.address[0] = std::byte{10};
    route.address[3] = std::byte{last};
    return route;
}

// As if the kernel had sent from a buffer on `route`.
void send_on(zero_copy_pool& pool, const zero_copy_route& route, bool copied, nanoseconds now) {
    const auto lease = pool.take();
    ASSERT_TRUE(lease);
    lease.buffer().route = route;
    pool.ended(lease.buffer(), true);
    pool.notified(lease.buffer(), copied, now);
}

TEST(zero_copy_pool, a_buffer_is_back_when_its_notification_has_come) {
    test::run_on_shard([]() -> task<void> {
        zero_copy_pool pool{driver::current()};
        zero_copy_buffer* used = nullptr;
        {
            const auto lease = pool.take();
            RW_CO_ASSERT(lease);
            used = &lease.buffer();
            pool.ended(*used, true);
        }
        EXPECT_EQ(pool.outstanding(), 1U);
        {
            const auto other = pool.take();
            RW_CO_ASSERT(other);
            EXPECT_NE(&other.buffer(), used);
        }
        pool.notified(*used, false, 0s);
        EXPECT_EQ(pool.outstanding(), 0U);
        EXPECT_EQ(&pool.take().buffer(), used);
        co_return;
    }());
}

TEST(zero_copy_pool, is_bounded) {
    test::run_on_shard([]() -> task<void> {
        zero_copy_pool pool{driver::current()};
        std::vector<zero_copy_pool::lease> all;
        for (std::size_t i = 0; i < zero_copy_pool::buffers_max; ++i) {
            all.push_back(pool.take());
            EXPECT_TRUE(all.back());
        }
        EXPECT_FALSE(pool.take());
        co_return;
    }());
}

// Goal: a route whose device copies all the same is left alone, the others are not.
TEST(zero_copy_pool, learns_where_it_pays) {
    test::run_on_shard([]() -> task<void> {
        zero_copy_pool pool{driver::current()};
        const auto copies = some_route(1);
        const auto works = some_route(2);
        for (int i = 0; i < 3; ++i) {
            EXPECT_TRUE(pool.pays(copies, 1s));
            send_on(pool, copies, true, 1s);
            send_on(pool, works, false, 1s);
        }
        EXPECT_FALSE(pool.pays(copies, 2s));
        EXPECT_TRUE(pool.pays(works, 2s));
        EXPECT_TRUE(pool.pays(copies, 100s));
        send_on(pool, copies, true, 100s);  // One try is enough the next time.
        EXPECT_FALSE(pool.pays(copies, 101s));
        EXPECT_EQ(pool.counters().copied, 4U);
        EXPECT_EQ(pool.counters().notifications, 7U);
        co_return;
    }());
}

TEST(zero_copy_pool, a_refusal_is_for_good) {
    test::run_on_shard([]() -> task<void> {
        zero_copy_pool pool{driver::current()};
        pool.refuse();
        EXPECT_FALSE(pool.take());
        EXPECT_FALSE(pool.pays(some_route(1), 1s));
        co_return;
    }());
}

TEST(zero_copy_route, loopback_and_unix_sockets_have_none) {
    const auto tcp = test::tcp_pair();
    EXPECT_FALSE(route_of(tcp.near.get()).has_value());
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const unique_fd one{ends[0]};
    const unique_fd other{ends[1]};
    EXPECT_FALSE(route_of(one.get()).has_value());
    EXPECT_FALSE(route_of(-1).has_value());
}

// Goal: on a real ring: more sends than there are buffers, each with its bytes, and every
// notification comes; on loopback it says that the kernel has copied.
TEST(zero_copy_pool, sends_by_the_ring) {
    test::run_on_shard([]() -> task<void> {
        zero_copy_pool* const pool = driver::current().zero_copy();
        if (pool == nullptr) {
            std::fputs("skipped: this driver has no zero-copy sends\n", stderr);
            co_return;
        }
        auto pair = test::tcp_pair();
        stream near{pair.near.release()};
        stream far{pair.far.release()};
        std::size_t received = 0;
        bool wrong = false;
        scope reading;
        const auto read_all = [](stream& from, std::size_t& count, bool& bad) -> task<void> {
            for (;;) {
                const auto piece = co_await from.receive();
                if (!piece || !*piece) {
                    co_return;
                }
                for (const std::byte each : piece->bytes()) {
                    bad |= each != static_cast<std::byte>(count++ / 100'000 + 1);
                }
            }
        };
        reading.spawn(read_all(far, received, wrong));
        std::size_t sent = 0;
        for (unsigned i = 0; i < 100; ++i) {
            const auto lease = pool->take();
            if (!lease) {
                static_cast<void>(
                    co_await test::comes_true([pool] { return pool->outstanding() < 10; }));
                --i;
                continue;
            }
            zero_copy_buffer& buffer = lease.buffer();
            std::memset(buffer.memory.data(), static_cast<int>(i + 1), 100'000);
            operation op;
            op.kind = op_kind::send_zc;
            op.fd = near.fd();
            op.address = buffer.memory.data();
            op.length = 100'000;
            op.extra = &buffer;
            op.buffer_slot = buffer.slot;
            const completion done = co_await await_operation{op};
            if (done.result == -EINVAL) {
                std::fputs("skipped: this kernel refuses zero-copy sends\n", stderr);
                break;
            }
            EXPECT_EQ(done.result, 100'000);
            sent += 100'000;
        }
        near.shutdown_send();
        co_await reading.join();
        EXPECT_EQ(received, sent);
        EXPECT_FALSE(wrong);
        EXPECT_TRUE(co_await test::comes_true([pool] { return pool->outstanding() == 0; }));
        EXPECT_EQ(pool->counters().notifications * 100'000, sent);
        co_await near.close();
        co_await far.close();
    }());
}

}  // namespace
}  // namespace ringway
