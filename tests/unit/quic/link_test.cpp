#include <gtest/gtest.h>
#include <string>

#include "support/quic_site.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway {
namespace {

using test::comes_true;
using test::quic_client;
using test::quic_site;
using test::quic_service_world;
using body = task<void>;

TEST(quic_link, a_handshake_and_an_echo) {
    quic_service_world world;
    const auto run = [](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where()};
        const auto shaken = co_await client.connection().handshake();
        RW_CO_ASSERT(shaken.has_value());
        EXPECT_EQ(co_await client.ask("hello"), "hello");
        EXPECT_EQ(site.service().latest_name, "localhost");
        EXPECT_EQ(site.endpoint().size(), 1U);
        EXPECT_EQ(site.counters().handshakes_done.get(), 1U);
        co_await client.close();
        EXPECT_TRUE(co_await comes_true([&] { return site.endpoint().size() == 0; }));
        co_await site.close();
    };
    world.run(run);
}

TEST(quic_link, many_streams_with_much_data) {
    quic_service_world world;
    const auto run = [](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
        std::vector<quic::stream_id> asked;
        for (std::size_t i = 0; i < 20; ++i) {
            asked.push_back(client.streams().ask(test::pattern(300'000 + i)));
        }
        for (std::size_t i = 0; i < 20; ++i) {
            EXPECT_TRUE(co_await client.wait_for(asked[i]));
            EXPECT_EQ(client.streams().of(asked[i]).text, test::pattern(300'000 + i));
        }
        co_await client.close();
        co_await site.close();
    };
    world.run(run);
}

}  // namespace
}  // namespace ringway
