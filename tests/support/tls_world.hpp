// What tests of TLS need around a connection: certificates, contexts of both sides.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ringway/tls/certificate_holder.hpp>
#include <ringway/tls/client_context.hpp>
#include <ringway/tls/server_context.hpp>

#include "support/run_on_shard.hpp"

namespace ringway::test {

/// A certificate for `names` that signed itself, as a set.
[[nodiscard]] std::shared_ptr<const tls::certificate_set> certificates_for(
    const std::vector<std::vector<std::string>>& names);

/// Both sides of TLS for localhost; the client trusts the server's certificate.
class tls_world {
public:
    explicit tls_world(tls::server_options server = {}, tls::client_options client = {});

    tls::certificate_holder certificates;
    std::unique_ptr<tls::server_context> server;
    std::unique_ptr<tls::client_context> client;
    scratch_directory folder;
    std::string trust_file;  ///< The certificate in PEM.
    std::string key_file;
};

}  // namespace ringway::test
