#include <gtest/gtest.h>

#include <ringway/tls/connection.hpp>

#include "support/run_on_shard.hpp"
#include "support/tls_pair.hpp"

namespace ringway::tls {
namespace {

using body = task<void>;
using test::run_on_shard;
using test::tls_pair;
using test::tls_world;

// Our own client offers 1.3 always; openssl_test.cpp brings one that speaks 1.2 only, and tests
// what is sent and received then.
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
