#include "support/tls_world.hpp"

#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <utility>

#include <ringway/tls/self_certificate.hpp>

namespace ringway::test {
namespace {

std::int64_t unix_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::shared_ptr<const tls::certificate_set> set_of(
    const std::vector<tls::certificate_text>& pairs) {
    auto made = tls::certificate_set::make(pairs, unix_now());
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error());
    return *std::move(made);
}

}  // namespace

std::shared_ptr<const tls::certificate_set> certificates_for(
    const std::vector<std::vector<std::string>>& names) {
    std::vector<tls::certificate_text> pairs;
    for (const auto& each : names) {
        pairs.push_back(*tls::make_self_certificate(each, unix_now()));
    }
    return set_of(pairs);
}

tls_world::tls_world(tls::server_options server_given, tls::client_options client_given) {
    const std::vector<std::string> names{"localhost", "127.0.0.1"};
    auto text = tls::make_self_certificate(names, unix_now());
    EXPECT_TRUE(text.has_value());
    folder.write("cert.pem", text->chain);
    folder.write("key.pem", text->key);
    trust_file = folder.at("cert.pem");
    key_file = folder.at("key.pem");
    certificates.replace(set_of({*text}));
    auto made_server = tls::server_context::make(certificates, std::move(server_given));
    EXPECT_TRUE(made_server.has_value());
    server = *std::move(made_server);
    client_given.trust_file = trust_file;
    auto made_client = tls::client_context::make(std::move(client_given));
    EXPECT_TRUE(made_client.has_value());
    client = *std::move(made_client);
}

}  // namespace ringway::test
