#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "quic/client_link.hpp"
#include "support/quic_site.hpp"
#include "support/run_on_shard.hpp"
#include "support/sockets.hpp"

namespace ringway::quic::detail {
namespace {

using test::comes_true;
using test::quic_service_world;
using test::quic_site;
using test::quic_streams;
using body = task<void>;

// Goal: while the kernel is full nobody writes, and all goes on by itself when it is not any more.
TEST(quic_hub, goes_on_after_the_kernel_was_full) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        quic_streams* streams = nullptr;
        auto maker = [](quic_streams*& into, connection& below) {
            auto made = std::make_unique<quic_streams>(below, test::stream_role::keeps);
            into = made.get();
            return made;
        };
        client_hub hub{shared.where(), [&](connection& below) -> std::unique_ptr<application> {
                           return maker(streams, below);
                       }};
        RW_CO_ASSERT(hub.begin("localhost", *shared.tls.client, {}, {}).has_value());
        RW_CO_ASSERT((co_await hub.handshake()).has_value());
        const auto port = hub.open_port({}, shared.where());
        RW_CO_ASSERT(port.has_value());
        hub.receive_on(**port);
        static_cast<client_link&>(hub.link()).rebind(**port);
        for (int i = 0; i < 5; ++i) {
            (*port)->hold();
            const std::string text = test::pattern(100'000);
            const stream_id stream = streams->ask(text);
            EXPECT_TRUE((*port)->is_blocked());
            EXPECT_TRUE(co_await comes_true([&] { return streams->is_closed(stream); }));
            EXPECT_TRUE(streams->of(stream).text == text);
        }
        co_await hub.finish();
        co_await site.close();
    });
}

// Goal: a client's former sockets go, and what is still sent through them is lost.
TEST(quic_hub, retired_ports_drop) {
    quic_service_world world;
    world.run([](quic_service_world& shared) -> body {
        quic_site site{shared};
        test::quic_client client{shared, shared.where()};
        RW_CO_ASSERT((co_await client.connection().handshake()).has_value());
        const std::size_t before = test::open_descriptors();
        for (int i = 0; i < 20; ++i) {
            EXPECT_TRUE(client.connection().rebind({}).has_value());
        }
        EXPECT_TRUE(co_await comes_true([&] { return test::open_descriptors() <= before + 3; }));
        EXPECT_EQ(co_await client.ask("still here"), "still here");
        co_await client.close();
        co_await site.close();
    });
}

}  // namespace
}  // namespace ringway::quic::detail
