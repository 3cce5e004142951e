#include "quic/gnutls_session.hpp"

#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "support/quic_pair.hpp"
#include "support/quic_world.hpp"

namespace ringway::quic::detail {
namespace {

TEST(quic_gnutls_session, is_found_from_the_handle_of_its_connection) {
    test::quic_world at;
    const test::quic_pair pair{*at.crypto, *at.client};
    for (const test::quic_end* const end : {&pair.server, &pair.client}) {
        auto* const handle =
            static_cast<gnutls_session_int*>(ngtcp2_conn_get_tls_native_handle(end->conn));
        EXPECT_EQ(&gnutls_session::of(handle), end->tls.get());
    }
}

TEST(quic_gnutls_session, knows_nothing_before_the_handshake) {
    test::quic_world at;
    const test::quic_pair pair{*at.crypto, *at.client};
    for (const test::quic_end* const end : {&pair.server, &pair.client}) {
        EXPECT_EQ(end->tls->cipher_text(), "");
        EXPECT_EQ(end->tls->problem(), "");
        EXPECT_FALSE(end->tls->resumed());
        EXPECT_FALSE(end->tls->early_data_accepted());
        EXPECT_TRUE(end->tls->resumption_data().empty());
        EXPECT_EQ(end->tls->server_name(), "");
        EXPECT_EQ(end->tls->shown(), nullptr);
        EXPECT_EQ(end->tls->certificates(), nullptr);
    }
}

// Goal: GnuTLS's memory goes with the handshake, and nothing that comes later needs it.
TEST(quic_gnutls_session, gives_its_memory_back_after_the_handshake) {
    test::quic_world at;
    test::quic_pair pair{*at.crypto, *at.client};
    ASSERT_TRUE(pair.shake_hands());
    auto& server = pair.server;
    const auto* const shown = server.tls->shown();
    const std::string cipher = server.tls->cipher_text();
    ASSERT_NE(server.tls->handle(), nullptr);
    server.tls->handshake_is_over(server.conn);
    server.tls->handshake_is_over(server.conn);
    EXPECT_EQ(server.tls->handle(), nullptr);
    EXPECT_EQ(&gnutls_session::behind(ngtcp2_conn_get_tls_native_handle(server.conn)),
              server.tls.get());
    EXPECT_NE(cipher, "");
    EXPECT_EQ(server.tls->cipher_text(), cipher);
    EXPECT_EQ(server.tls->shown(), shown);
    EXPECT_FALSE(server.tls->resumed());
    EXPECT_FALSE(server.tls->early_data_accepted());

    pair.send("before ");
    ASSERT_TRUE(pair.update_keys(server));
    pair.send("after");
    EXPECT_EQ(pair.client.failure, 0);
    EXPECT_EQ(server.failure, 0);
    EXPECT_EQ(server.received, "before after");
    const std::vector<std::byte> ticket{std::byte{4}, std::byte{0}};
    server.failure = server.tls->receive(server.conn, NGTCP2_ENCRYPTION_LEVEL_1RTT, ticket);
    EXPECT_EQ(server.failure, NGTCP2_ERR_CRYPTO);
    EXPECT_NE(server.tls->problem(), "");
}

// A message that says it is longer than anything that is one.
TEST(quic_gnutls_session, refuses_messages_without_end) {
    test::quic_world at;
    test::quic_pair pair{*at.crypto, *at.client};
    std::vector<std::byte> hello(60'000);
    hello[0] = std::byte{1};
    hello[1] = std::byte{0xff};
    auto& server = pair.server;
    server.failure = server.tls->receive(server.conn, NGTCP2_ENCRYPTION_LEVEL_INITIAL, hello);
    EXPECT_EQ(server.close_code(), std::uint64_t{NGTCP2_CRYPTO_BUFFER_EXCEEDED});
    EXPECT_NE(server.tls->problem(), "");
}

}  // namespace
}  // namespace ringway::quic::detail
