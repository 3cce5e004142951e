#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include <ringway/coro/scope.hpp>
#include <ringway/tls/connection.hpp>

#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"
#include "support/tls_pair.hpp"

namespace ringway::tls {
namespace {

using body = task<void>;
using test::receive_all;
using test::run_on_shard;
using test::send_all;
using test::tls_pair;
using test::tls_world;

// A client that speaks nothing newer is only made by openssl: see openssl_test.cpp. Here both ends
// are limited by GnuTLS's system-wide settings, so both allow 1.2 and the pair still takes 1.3.
TEST(tls_1_2, the_newest_version_wins) {
    tls_world world{{.allow_tls_1_2 = true}, {.allow_tls_1_2 = true}};
    const auto run = [](tls_world& with) -> body {
        tls_pair both{with};
        EXPECT_TRUE(co_await both.shake_hands());
        EXPECT_EQ(both.server.protocol(), version::tls_1_3);
        co_await both.close();
    };
    run_on_shard(run(world));
}

}  // namespace
}  // namespace ringway::tls
