#include "support/tls_pair.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include <ringway/coro/scope.hpp>

namespace ringway::test {
namespace {

task<void> shake(tls::connection& end, result<void>& into) { into = co_await end.handshake(); }

}  // namespace

task<bool> tls_pair::shake_hands() {
    scope running;
    running.spawn(shake(server, server_outcome));
    running.spawn(shake(client, client_outcome));
    co_await running.join();
    co_return server_outcome.has_value() && client_outcome.has_value();
}

task<void> tls_pair::close() {
    co_await client.close();
    co_await server.close();
}

task<void> send_all(tls::connection& from, std::string_view text) {
    while (!text.empty()) {
        const std::size_t piece = std::min(text.size(), from.free_bytes());
        from.put(as_bytes(text.substr(0, piece)));
        text.remove_prefix(piece);
        const auto sent = co_await from.flush();
        EXPECT_TRUE(sent.has_value());
    }
}

task<std::string> receive_all(tls::connection& from, std::size_t bytes_max) {
    std::string all;
    while (all.size() < bytes_max) {
        const auto piece = co_await from.receive();
        EXPECT_TRUE(piece.has_value()) << from.problem();
        if (!piece || !*piece) {
            break;
        }
        all += as_text(piece->bytes());
    }
    co_return all;
}

task<void> echo_all(tls::connection& at) {
    for (;;) {
        const auto piece = co_await at.receive();
        EXPECT_TRUE(piece.has_value()) << at.problem();
        if (!piece || !*piece) {
            break;
        }
        co_await send_all(at, as_text(piece->bytes()));
    }
    at.shutdown_send();
}

}  // namespace ringway::test
