#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "quic/tls_session.hpp"
#include "support/quic_world.hpp"

namespace ringway::quic::detail {
namespace {

TEST(quic_server_crypto, wants_a_protocol) {
    test::quic_world at;
    EXPECT_FALSE(server_crypto::make(*at.server, {.alpn = {}}).has_value());
    EXPECT_FALSE(server_crypto::make(*at.server, {.alpn = {""}}).has_value());
    EXPECT_FALSE(server_crypto::make(*at.server, {.alpn = {std::string(256, 'x')}}).has_value());
}

TEST(quic_server_crypto, tickets_are_bound_to_what_is_remembered_and_to_the_names) {
    test::quic_world at;
    const auto same = at.make({});
    const auto other = at.make({.remembered = {std::byte{1}}});
    const tls::digest names{std::byte{7}};
    EXPECT_EQ(at.crypto->ticket_secret(names), same->ticket_secret(names));
    EXPECT_NE(at.crypto->ticket_secret(names), other->ticket_secret(names));
    EXPECT_NE(at.crypto->ticket_secret(names), at.crypto->ticket_secret({}));
    EXPECT_NE(at.crypto->ticket_secret(names), at.server->ticket_secret(names));  // Not for TCP.
}

TEST(quic_server_crypto, without_a_register_there_is_no_early_data) {
    test::quic_world at;
    EXPECT_EQ(at.crypto->anti_replay(), nullptr);
}

}  // namespace
}  // namespace ringway::quic::detail
