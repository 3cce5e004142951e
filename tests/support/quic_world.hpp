// A QUIC server's and a client's TLS, ready for pairs.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>

#include "quic/tls_session.hpp"
#include "support/quic_pair.hpp"
#include "support/tls_world.hpp"

namespace ringway::test {

struct quic_world : tls_world {
    explicit quic_world(quic::detail::server_crypto_options options = {},
                        tls::server_options of_server = {},
                        tls::client_options of_client = {.alpn = {"h3"}})
        : tls_world{std::move(of_server), std::move(of_client)}, crypto{make(std::move(options))} {}

    [[nodiscard]] std::unique_ptr<quic::detail::server_crypto> make(
        quic::detail::server_crypto_options options) const {
        auto made = quic::detail::server_crypto::make(*server, std::move(options));
        EXPECT_TRUE(made.has_value());
        return *std::move(made);
    }

    std::unique_ptr<quic::detail::server_crypto> crypto;
};

}  // namespace ringway::test
