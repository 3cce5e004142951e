#include <gtest/gtest.h>
#include <string>

#include "quic/tls_session.hpp"
#include "support/quic_pair.hpp"
#include "support/tls_world.hpp"

namespace ringway {
namespace {

using quic::detail::server_crypto;
using test::quic_pair;
using test::tls_world;

struct world : tls_world {
    world() : tls_world{{}, {.alpn = {"h3"}}} {
        auto made = server_crypto::make(*server, {});
        EXPECT_TRUE(made.has_value());
        crypto = *std::move(made);
    }
    std::unique_ptr<server_crypto> crypto;
};

TEST(quic_server_session, a_handshake_completes_and_data_arrives) {
    world at;
    quic_pair pair{*at.crypto, *at.client};

    ASSERT_TRUE(pair.shake_hands()) << pair.client.tls->problem() << pair.server.tls->problem();
    pair.send(std::string(100'000, 'x'));

    EXPECT_EQ(pair.server.received, std::string(100'000, 'x'));
    EXPECT_EQ(pair.server.tls->server_name(), "localhost");
    EXPECT_EQ(pair.server.tls->shown(), &pair.server.tls->certificates()->find("localhost"));
    EXPECT_EQ(pair.server.tls->cipher_text(), "AES-128-GCM");
    EXPECT_FALSE(pair.server.tls->resumed());
}

TEST(quic_server_session, a_ticket_spares_the_certificates) {
    world at;
    quic_pair first{*at.crypto, *at.client};
    ASSERT_TRUE(first.shake_hands());
    const auto ticket = first.client.tls->resumption_data();
    ASSERT_FALSE(ticket.empty());

    quic_pair second{*at.crypto, *at.client, {.resume = ticket}};
    ASSERT_TRUE(second.shake_hands());

    EXPECT_TRUE(second.server.tls->resumed());
    EXPECT_TRUE(second.client.tls->resumed());
}

}  // namespace
}  // namespace ringway
