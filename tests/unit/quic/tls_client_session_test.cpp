#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "quic/tls_session.hpp"
#include "support/made_certificate.hpp"
#include "support/quic_pair.hpp"
#include "support/quic_world.hpp"

namespace ringway {
namespace {

using quic::detail::unix_now;
using test::quic_pair;
using test::quic_world;

// A server with that certificate, and what a client says of it that trusts `trusted`.
struct judged {
    bool accepted = false;
    std::string problem;
    std::uint64_t code = 0;
};

judged judge(const test::made_certificate& shown, std::int64_t shown_at, const std::string& host,
             const std::string& trusted, bool verify = true) {
    quic_world at;
    const std::vector<tls::certificate_text> pair_of{
        {.file = "shown", .chain = shown.certificate, .key_file = "shown", .key = shown.key}};
    auto set = tls::certificate_set::make(pair_of, shown_at);
    EXPECT_TRUE(set.has_value()) << (set ? "" : set.error());
    at.certificates.replace(*std::move(set));
    at.folder.write("trusted.pem", trusted);
    auto context = tls::client_context::make(
        {.trust_file = at.folder.at("trusted.pem"), .verify = verify, .alpn = {"h3"}});
    EXPECT_TRUE(context.has_value());
    quic_pair pair{*at.crypto, **context, {.host = host}};
    judged made;
    made.accepted = pair.shake_hands();
    made.problem = pair.client.tls->problem();
    made.code = pair.client.failure == 0 ? 0 : pair.client.close_code();
    return made;
}

TEST(quic_client_session, takes_a_certificate_that_it_trusts) {
    const auto shown = test::make_certificate({.names = {"example.org", "192.0.2.7"}});
    EXPECT_TRUE(judge(shown, unix_now(), "example.org", shown.certificate).accepted);
    EXPECT_TRUE(judge(shown, unix_now(), "192.0.2.7", shown.certificate).accepted);
}

TEST(quic_client_session, refuses_one_that_nobody_trusts) {
    const auto shown = test::make_certificate();
    const auto other = test::make_certificate({.common_name = "another"});
    const judged said = judge(shown, unix_now(), "example.org", other.certificate);
    EXPECT_FALSE(said.accepted);
    EXPECT_NE(said.problem.find("NOT trusted"), std::string::npos) << said.problem;
    EXPECT_NE(said.problem.find("issuer is unknown"), std::string::npos) << said.problem;
    EXPECT_EQ(said.code, 0x12aU) << said.code;  // bad_certificate
}

TEST(quic_client_session, refuses_one_for_another_name) {
    const auto shown = test::make_certificate();
    for (const std::string host : {"other.org", "192.0.2.7"}) {
        const judged said = judge(shown, unix_now(), host, shown.certificate);
        EXPECT_FALSE(said.accepted);
        EXPECT_NE(said.problem.find("name in the certificate does not match"), std::string::npos)
            << said.problem;
    }
}

TEST(quic_client_session, refuses_one_that_has_expired) {
    const std::int64_t now = unix_now();
    const auto shown =
        test::make_certificate({.from_unix_s = now - 10'000, .until_unix_s = now - 1000});
    const judged said = judge(shown, now - 5000, "example.org", shown.certificate);
    EXPECT_FALSE(said.accepted);
    EXPECT_NE(said.problem.find("expired"), std::string::npos) << said.problem;
}

TEST(quic_client_session, takes_any_when_told_so) {
    const auto shown = test::make_certificate();
    const auto other = test::make_certificate();
    EXPECT_TRUE(judge(shown, unix_now(), "other.org", other.certificate, false).accepted);
}

TEST(quic_client_session, tells_no_address_as_a_name) {
    quic_world at;
    quic_pair pair{*at.crypto, *at.client, {.host = "127.0.0.1"}};
    ASSERT_TRUE(pair.shake_hands());
    EXPECT_EQ(pair.server.tls->server_name(), "");
}

TEST(quic_client_session, useless_resumption_data_means_a_whole_handshake) {
    quic_world at;
    for (const std::size_t size : {1U, 2U, 100U, 5000U}) {
        const std::vector<std::byte> garbage(size, std::byte{1});
        quic_pair pair{*at.crypto, *at.client, {.resume = garbage}};
        EXPECT_TRUE(pair.shake_hands()) << size;
        EXPECT_FALSE(pair.client.tls->resumed());
    }
}

TEST(quic_client_session, all_ciphers_are_spoken) {
    for (const tls::cipher each :
         {tls::cipher::aes_128_gcm, tls::cipher::aes_256_gcm, tls::cipher::chacha20_poly1305}) {
        quic_world at{{}, {}, {.alpn = {"h3"}, .ciphers = {each}}};
        quic_pair pair{*at.crypto, *at.client};
        ASSERT_TRUE(pair.shake_hands());
        EXPECT_EQ(pair.client.tls->cipher_text(), name_of(each));
        pair.send(std::string(50'000, 'y'));
        EXPECT_EQ(pair.server.received, std::string(50'000, 'y'));
    }
}

}  // namespace
}  // namespace ringway
