#include <array>
#include <cstddef>
#include <gnutls/gnutls.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "quic/tls_session.hpp"
#include "support/quic_pair.hpp"
#include "support/quic_world.hpp"

namespace ringway {
namespace {

using test::quic_pair;
using test::quic_world;

TEST(quic_server_session, a_handshake_completes_and_data_arrives) {
    quic_world at;
    quic_pair pair{*at.crypto, *at.client};

    ASSERT_TRUE(pair.shake_hands()) << pair.client.tls->problem() << pair.server.tls->problem();
    pair.send(std::string(100'000, 'x'));

    EXPECT_EQ(pair.server.received, std::string(100'000, 'x'));
    EXPECT_EQ(pair.server.tls->server_name(), "localhost");
    EXPECT_EQ(pair.server.tls->shown(), &pair.server.tls->certificates()->find("localhost"));
    EXPECT_EQ(pair.server.tls->cipher_text(), "AES-128-GCM");
    EXPECT_FALSE(pair.server.tls->resumed());
    EXPECT_EQ(pair.server.tls->problem(), "");
}

TEST(quic_server_session, a_ticket_spares_the_certificates) {
    quic_world at;
    quic_pair first{*at.crypto, *at.client};
    ASSERT_TRUE(first.shake_hands());
    const auto ticket = first.client.tls->resumption_data();
    ASSERT_FALSE(ticket.empty());

    quic_pair second{*at.crypto, *at.client, {.resume = ticket}};
    ASSERT_TRUE(second.shake_hands());

    EXPECT_TRUE(second.server.tls->resumed());
    EXPECT_TRUE(second.client.tls->resumed());
}

TEST(quic_server_session, gives_no_tickets_when_told_so) {
    quic_world at{{}, {.session_tickets = false}};
    quic_pair pair{*at.crypto, *at.client};
    ASSERT_TRUE(pair.shake_hands());
    EXPECT_TRUE(pair.client.tls->resumption_data().empty());
}

TEST(quic_server_session, new_connections_see_new_certificates_and_old_ones_keep_theirs) {
    quic_world at{{}, {}, {.verify = false, .alpn = {"h3"}}};
    quic_pair old{*at.crypto, *at.client};
    ASSERT_TRUE(old.shake_hands());
    const auto before = old.server.tls->certificates();
    at.certificates.replace(test::certificates_for({{"localhost"}}));
    quic_pair fresh{*at.crypto, *at.client};
    ASSERT_TRUE(fresh.shake_hands());
    EXPECT_EQ(old.server.tls->certificates(), before);
    EXPECT_NE(fresh.server.tls->certificates(), before);
}

TEST(quic_server_session, a_client_without_common_alpn_is_refused) {
    for (const std::vector<std::string>& names :
         {std::vector<std::string>{}, std::vector<std::string>{"hq-interop"}}) {
        quic_world at{{}, {}, {.alpn = names}};
        quic_pair pair{*at.crypto, *at.client};
        EXPECT_FALSE(pair.shake_hands());
        EXPECT_EQ(pair.server.close_code(), 0x178U);
        EXPECT_NE(pair.server.tls->problem(), "");
    }
}

TEST(quic_server_session, messages_that_quic_has_not_are_refused_afterwards) {
    quic_world at;
    quic_pair pair{*at.crypto, *at.client};
    ASSERT_TRUE(pair.shake_hands());
    constexpr std::array key_update{std::byte{24}, std::byte{0}, std::byte{0}, std::byte{1},
                                    std::byte{0}};
    for (test::quic_end* const end : {&pair.server, &pair.client}) {
        end->failure = end->tls->receive(end->conn, NGTCP2_ENCRYPTION_LEVEL_1RTT, key_update);
        EXPECT_EQ(end->close_code(), 0x10aU);
    }
}

struct hello_options {
    const char* priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:%DISABLE_TLS13_COMPAT_MODE";
    bool has_parameters = true;
};

// What a client of TLS says first, without QUIC.
std::vector<std::byte> hello_of(const hello_options& options) {
    std::vector<std::byte> said;
    gnutls_session_t client = nullptr;
    gnutls_init(&client, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
    EXPECT_EQ(gnutls_priority_set_direct(client, options.priorities, nullptr), 0);
    gnutls_certificate_credentials_t none = nullptr;
    gnutls_certificate_allocate_credentials(&none);
    gnutls_credentials_set(client, GNUTLS_CRD_CERTIFICATE, none);
    unsigned char h3[] = {'h', '3'};
    const gnutls_datum_t alpn{h3, sizeof h3};
    gnutls_alpn_set_protocols(client, &alpn, 1, 0);
    if (options.has_parameters) {
        gnutls_session_ext_register(
            client, "parameters", 57, GNUTLS_EXT_TLS,
            [](gnutls_session_t, const unsigned char*, std::size_t) { return 0; },
            [](gnutls_session_t, gnutls_buffer_t into) {
                // max_udp_payload_size 1452, and an empty initial_source_connection_id.
                constexpr std::array<unsigned char, 6> some{3, 2, 0x45, 0xac, 15, 0};
                return gnutls_buffer_append_data(into, some.data(), some.size());
            },
            nullptr, nullptr, nullptr, GNUTLS_EXT_FLAG_TLS | GNUTLS_EXT_FLAG_CLIENT_HELLO);
    }
    gnutls_session_set_ptr(client, &said);
    gnutls_handshake_set_read_function(
        client, [](gnutls_session_t session, gnutls_record_encryption_level_t,
                   gnutls_handshake_description_t, const void* data, std::size_t size) {
            auto& into = *static_cast<std::vector<std::byte>*>(gnutls_session_get_ptr(session));
            const auto* const bytes = static_cast<const std::byte*>(data);
            into.insert(into.end(), bytes, bytes + size);
            return 0;
        });
    gnutls_handshake(client);
    gnutls_deinit(client);
    gnutls_certificate_free_credentials(none);
    return said;
}

std::uint64_t answer_to(const std::vector<std::byte>& hello) {
    quic_world at;
    quic_pair pair{*at.crypto, *at.client};
    pair.server.failure =
        pair.server.tls->receive(pair.server.conn, NGTCP2_ENCRYPTION_LEVEL_INITIAL, hello);
    EXPECT_NE(pair.server.failure, 0);
    return pair.server.close_code();
}

TEST(quic_server_session, a_hello_without_transport_parameters_is_refused) {
    EXPECT_EQ(answer_to(hello_of({.has_parameters = false})), 0x16dU);
}

TEST(quic_server_session, a_hello_of_the_compatibility_mode_is_refused) {
    EXPECT_EQ(answer_to(hello_of({.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3"})),
              std::uint64_t{NGTCP2_PROTOCOL_VIOLATION});
}

TEST(quic_server_session, a_hello_of_an_older_version_is_refused) {
    EXPECT_EQ(answer_to(hello_of({.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2"})), 0x146U);
}

TEST(quic_server_session, bad_transport_parameters_have_their_own_error) {
    // The client may have no such ID: the parameters lack what was in its packets.
    std::vector<std::byte> hello = hello_of({});
    EXPECT_EQ(answer_to(hello), std::uint64_t{NGTCP2_TRANSPORT_PARAMETER_ERROR});
}

}  // namespace
}  // namespace ringway
