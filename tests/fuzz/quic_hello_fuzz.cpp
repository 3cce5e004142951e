// The bytes of a client's CRYPTO frames, cut anywhere, to a server's session.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <gnutls/crypto.h>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <utility>
#include <vector>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include <ringway/base/assert.hpp>
#include <ringway/tls/self_certificate.hpp>

#include "quic/connection_id.hpp"
#include "quic/packet_protection.hpp"
#include "quic/tls_session.hpp"

namespace tls = ringway::tls;
namespace quic = ringway::quic::detail;

namespace {

struct world {
    world() {
        const std::vector<std::string> names{"localhost"};
        const auto text = tls::make_self_certificate(names, quic::unix_now());
        RW_ASSERT(text.has_value());
        auto set = tls::certificate_set::make({&*text, 1}, quic::unix_now());
        RW_ASSERT(set.has_value());
        holder.replace(*std::move(set));
        context = *tls::server_context::make(holder, {});
        crypto = *quic::server_crypto::make(*context, {});
        quic::set_crypto_callbacks(callbacks);
        callbacks.rand = [](std::uint8_t* into, std::size_t size, const ngtcp2_rand_ctx*) {
            gnutls_rnd(GNUTLS_RND_NONCE, into, size);
        };
        callbacks.get_new_connection_id = [](ngtcp2_conn*, ngtcp2_cid* id, std::uint8_t* token,
                                             std::size_t, void*) {
            *id = quic::make_connection_id({});
            gnutls_rnd(GNUTLS_RND_NONCE, token, NGTCP2_STATELESS_RESET_TOKENLEN);
            return 0;
        };
    }
    tls::certificate_holder holder;
    std::unique_ptr<tls::server_context> context;
    std::unique_ptr<quic::server_crypto> crypto;
    ngtcp2_callbacks callbacks{};
};

struct server {
    explicit server(world& at) {
        sockaddr_in here{};
        here.sin_family = AF_INET;
        ngtcp2_path path{};
        path.local = path.remote = {reinterpret_cast<sockaddr*>(&here), sizeof here};
        ngtcp2_settings settings;
        ngtcp2_settings_default(&settings);
        ngtcp2_transport_params parameters;
        ngtcp2_transport_params_default(&parameters);
        parameters.original_dcid = id;
        parameters.original_dcid_present = 1;
        const int failed =
            ngtcp2_conn_server_new(&conn, &id, &id, &path, NGTCP2_PROTO_VER_V1, &at.callbacks,
                                   &settings, &parameters, nullptr, this);
        RW_ASSERT(failed == 0);
        ref.get_conn = [](ngtcp2_crypto_conn_ref* of) {
            return static_cast<server*>(of->user_data)->conn;
        };
        ref.user_data = this;
        session = quic::tls_session::accept(*at.crypto, ref);
        ngtcp2_conn_set_tls_native_handle(conn, session->handle());
    }
    server(const server&) = delete;
    server& operator=(const server&) = delete;
    ~server() { ngtcp2_conn_del(conn); }

    ngtcp2_cid id{.datalen = 8, .data = {1, 2, 3, 4, 5, 6, 7, 8}};
    ngtcp2_conn* conn = nullptr;
    ngtcp2_crypto_conn_ref ref{};
    std::unique_ptr<quic::tls_session> session;
};

}  // namespace

// The first byte is the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static world once;
    if (size == 0) {
        return 0;
    }
    const std::size_t piece_bytes = data[0] == 0 ? size : data[0];
    ringway::byte_view rest{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
    server at{once};
    int failed = 0;
    while (!rest.empty() && failed == 0) {
        const auto piece = rest.first(std::min(piece_bytes, rest.size()));
        rest = rest.subspan(piece.size());
        failed = at.session->receive(at.conn, NGTCP2_ENCRYPTION_LEVEL_INITIAL, piece);
    }
    RW_ASSERT(failed == 0 || !at.session->problem().empty());
    // A failure of TLS has an alert, and no other has.
    RW_ASSERT(failed != NGTCP2_ERR_CRYPTO || ngtcp2_conn_get_tls_alert(at.conn) != 0);
    RW_ASSERT(ngtcp2_conn_get_handshake_completed(at.conn) == 0);
    return 0;
}
