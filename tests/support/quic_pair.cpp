#include "support/quic_pair.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gtest/gtest.h>

#include "quic/packet_protection.hpp"

namespace ringway::test {
using quic::detail::packet_sealing;
using quic::detail::use_sealing;
namespace {

quic_end& end_of(void* user) { return *static_cast<quic_end*>(user); }

int receive_data(ngtcp2_conn* conn, std::uint32_t flags, std::int64_t stream, std::uint64_t,
                 const std::uint8_t* data, std::size_t size, void* user, void*) {
    quic_end& self = end_of(user);
    self.count_received += size;
    if (self.keeps_data) {
        const auto* const text = reinterpret_cast<const char*>(data);
        self.received.append(text, size);
        if ((flags & NGTCP2_STREAM_DATA_FLAG_0RTT) != 0) {
            self.received_early.append(text, size);
        }
    }
    ngtcp2_conn_extend_max_stream_offset(conn, stream, size);
    ngtcp2_conn_extend_max_offset(conn, size);
    return 0;
}

int new_connection_id(ngtcp2_conn*, ngtcp2_cid* id, std::uint8_t* token, std::size_t size, void*) {
    id->datalen = size;
    gnutls_rnd(GNUTLS_RND_NONCE, id->data, size);
    gnutls_rnd(GNUTLS_RND_NONCE, token, NGTCP2_STATELESS_RESET_TOKENLEN);
    return 0;
}

ngtcp2_callbacks callbacks() {
    ngtcp2_callbacks made{};
    quic::detail::set_crypto_callbacks(made);
    made.rand = [](std::uint8_t* into, std::size_t size, const ngtcp2_rand_ctx*) {
        gnutls_rnd(GNUTLS_RND_NONCE, into, size);
    };
    made.get_new_connection_id = new_connection_id;
    made.recv_stream_data = receive_data;
    made.handshake_completed = [](ngtcp2_conn* conn, void* user) {
        end_of(user).done = true;
        end_of(user).tls->send_tickets();
        if (ngtcp2_conn_is_server(conn) == 0 && !end_of(user).tls->early_data_accepted()) {
            return ngtcp2_conn_tls_early_data_rejected(conn);
        }
        return 0;
    };
    return made;
}

ngtcp2_cid random_id(std::size_t size) {
    ngtcp2_cid made{};
    made.datalen = size;
    gnutls_rnd(GNUTLS_RND_NONCE, made.data, size);
    return made;
}

constexpr std::uint64_t start_ns = NGTCP2_SECONDS;

ngtcp2_settings settings(std::size_t packet_bytes) {
    ngtcp2_settings made;
    ngtcp2_settings_default(&made);
    made.initial_ts = start_ns;
    made.max_tx_udp_payload_size = packet_bytes;
    made.no_tx_udp_payload_size_shaping = 1;
    return made;
}

ngtcp2_transport_params parameters() {
    constexpr std::uint64_t window = std::uint64_t{64} << 20U;
    ngtcp2_transport_params made;
    ngtcp2_transport_params_default(&made);
    made.initial_max_stream_data_bidi_local = window;
    made.initial_max_stream_data_bidi_remote = window;
    made.initial_max_data = window;
    made.initial_max_streams_bidi = 100;
    made.max_idle_timeout = 30 * NGTCP2_SECONDS;
    made.active_connection_id_limit = 7;
    return made;
}

void place(quic_end& end, std::uint16_t local, std::uint16_t remote) {
    end.ref.get_conn = [](ngtcp2_crypto_conn_ref* ref) { return end_of(ref->user_data).conn; };
    end.ref.user_data = &end;
    end.local.sin_family = end.remote.sin_family = AF_INET;
    end.local.sin_addr.s_addr = end.remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    end.local.sin_port = htons(local);
    end.remote.sin_port = htons(remote);
    end.path.local = {reinterpret_cast<sockaddr*>(&end.local), sizeof end.local};
    end.path.remote = {reinterpret_cast<sockaddr*>(&end.remote), sizeof end.remote};
}

}  // namespace

quic_end::~quic_end() {
    quic::detail::seal_pending_packets();
    ngtcp2_conn_del(conn);
}

std::uint64_t quic_end::close_code() const {
    ngtcp2_ccerr error;
    ngtcp2_ccerr_default(&error);
    if (failure == NGTCP2_ERR_CRYPTO) {
        ngtcp2_ccerr_set_tls_alert(&error, ngtcp2_conn_get_tls_alert(conn), nullptr, 0);
    } else {
        ngtcp2_ccerr_set_liberr(&error, failure, nullptr, 0);
    }
    return error.error_code;
}

void serve(quic_end& end, quic::detail::server_crypto& shared, const ngtcp2_cid& client_id,
           const ngtcp2_cid& original, std::uint32_t version, std::size_t packet_bytes) {
    place(end, 443, 5555);
    const ngtcp2_callbacks with = callbacks();
    const ngtcp2_settings set = settings(packet_bytes);
    ngtcp2_transport_params mine = parameters();
    mine.original_dcid = original;
    mine.original_dcid_present = 1;
    const ngtcp2_cid server_id = random_id(18);
    const int failed = ngtcp2_conn_server_new(&end.conn, &client_id, &server_id, &end.path, version,
                                              &with, &set, &mine, nullptr, &end);
    EXPECT_EQ(failed, 0);
    end.tls = quic::detail::tls_session::accept(shared, end.ref);
    ngtcp2_conn_set_tls_native_handle(end.conn, end.tls->handle());
}

void read_datagram(quic_end& at, std::vector<std::uint8_t>& datagram, std::uint64_t now) {
    const ngtcp2_pkt_info info{};
    const int failed =
        ngtcp2_conn_read_pkt(at.conn, &at.path, &info, datagram.data(), datagram.size(), now);
    if (failed != 0 && at.failure == 0) {
        at.failure = failed;
    }
}

quic_pair::quic_pair(quic::detail::server_crypto& shared, const tls::client_context& context,
                     const quic_pair_options& options)
    : packet_bytes_{options.packet_bytes}, now_{start_ns}, output_{options.early} {
    place(client, 5555, 443);
    const ngtcp2_callbacks with = callbacks();
    const ngtcp2_settings set = settings(packet_bytes_);
    const ngtcp2_transport_params mine = parameters();
    const ngtcp2_cid first = random_id(18);
    const ngtcp2_cid client_id = random_id(8);
    int failed = ngtcp2_conn_client_new(&client.conn, &first, &client_id, &client.path,
                                        options.version, &with, &set, &mine, nullptr, &client);
    EXPECT_EQ(failed, 0);
    use_sealing(options.server_sealing);
    serve(server, shared, client_id, first, options.version, packet_bytes_);
    use_sealing(options.client_sealing);
    client.tls =
        quic::detail::tls_session::connect(context, options.host, options.resume, client.ref);
    use_sealing(packet_sealing::batched);
    ngtcp2_conn_set_tls_native_handle(client.conn, client.tls->handle());
    if (!options.resume_parameters.empty()) {
        failed = ngtcp2_conn_decode_and_set_0rtt_transport_params(
            client.conn, reinterpret_cast<const std::uint8_t*>(options.resume_parameters.data()),
            options.resume_parameters.size());
        EXPECT_EQ(failed, 0);
        EXPECT_EQ(ngtcp2_conn_open_bidi_stream(client.conn, &stream_, nullptr), 0);
    }
}

std::vector<std::byte> quic_pair::early_parameters() const {
    std::vector<std::byte> made(256);
    const auto size = ngtcp2_conn_encode_0rtt_transport_params(
        client.conn, reinterpret_cast<std::uint8_t*>(made.data()), made.size());
    EXPECT_GT(size, 0);
    made.resize(static_cast<std::size_t>(size));
    return made;
}

std::vector<std::uint8_t> quic_pair::write(quic_end& from) {
    std::vector<std::uint8_t> packet = write_unsealed(from);
    quic::detail::seal_pending_packets();
    return packet;
}

bool quic_pair::update_keys(quic_end& at) {
    now_ += NGTCP2_SECONDS;  // Longer than three times a timeout (RFC 9001 section 6.5).
    return ngtcp2_conn_initiate_key_update(at.conn, now_) == 0;
}

std::vector<std::uint8_t> quic_pair::write_unsealed(quic_end& from) {
    now_ += NGTCP2_MILLISECONDS;  // For the pacer.
    std::vector<std::uint8_t> packet(packet_bytes_);
    ngtcp2_path_storage path;
    ngtcp2_path_storage_zero(&path);
    ngtcp2_pkt_info info{};
    ngtcp2_ssize taken = -1;
    ngtcp2_vec rest{};
    const bool has_output = &from == &client && stream_ >= 0 && written_ < output_.size();
    if (has_output) {
        rest = {reinterpret_cast<std::uint8_t*>(output_.data()) + written_,
                output_.size() - written_};
    }
    const auto size =
        ngtcp2_conn_writev_stream(from.conn, &path.path, &info, packet.data(), packet.size(),
                                  &taken, NGTCP2_WRITE_STREAM_FLAG_NONE, has_output ? stream_ : -1,
                                  has_output ? &rest : nullptr, has_output ? 1 : 0, now_);
    if (size == NGTCP2_ERR_STREAM_NOT_FOUND) {  // Early data was refused, and with it the stream.
        stream_ = -1;
        return write_unsealed(from);
    }
    if (size < 0 && from.failure == 0) {
        from.failure = static_cast<int>(size);
    }
    if (taken > 0) {
        written_ += static_cast<std::size_t>(taken);
    }
    packet.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    ngtcp2_conn_update_pkt_tx_time(from.conn, now_);
    return packet;
}

void quic_pair::read(quic_end& at, std::vector<std::uint8_t>& packet) {
    read_datagram(at, packet, now_);
}

std::vector<std::vector<std::uint8_t>> quic_pair::first_flight() {
    std::vector<std::vector<std::uint8_t>> all;
    for (auto packet = write(client); !packet.empty(); packet = write(client)) {
        all.push_back(std::move(packet));
        now_ += NGTCP2_MILLISECONDS;
    }
    return all;
}

std::size_t quic_pair::pump(quic_end& from, quic_end& to) {
    std::size_t count = 0;
    now_ += 100 * NGTCP2_MICROSECONDS;
    while (from.failure == 0 && to.failure == 0) {
        std::vector<std::uint8_t> packet = write(from);
        if (packet.empty()) {
            break;
        }
        ++count;
        if (!look || look(from, packet)) {
            read(to, packet);
        }
    }
    return count;
}

// The clock jumps to what is due next, as far as that is about packets and not about idleness.
bool quic_pair::skip_time() {
    const std::uint64_t due =
        std::min(ngtcp2_conn_get_expiry(client.conn), ngtcp2_conn_get_expiry(server.conn));
    if (due > now_ + 100 * NGTCP2_MILLISECONDS) {
        return false;
    }
    now_ = std::max(now_, due);
    for (quic_end* const end : {&client, &server}) {
        if (ngtcp2_conn_get_expiry(end->conn) <= now_) {
            ngtcp2_conn_handle_expiry(end->conn, now_);
        }
    }
    return true;
}

void quic_pair::settle() {
    for (int quiet = 0; quiet < 3 && client.failure == 0 && server.failure == 0;) {
        if (pump(client, server) + pump(server, client) > 0) {
            quiet = 0;
        } else {
            quiet = skip_time() ? quiet + 1 : 3;
        }
    }
}

bool quic_pair::shake_hands() {
    settle();
    return client.done && server.done && client.failure == 0 && server.failure == 0;
}

void quic_pair::start(std::string_view text) {
    EXPECT_EQ(ngtcp2_conn_open_bidi_stream(client.conn, &stream_, nullptr), 0);
    output_ = text;
    written_ = 0;
}

void quic_pair::send(std::string_view text) {
    start(text);
    for (int round = 0; written_ < output_.size() && client.failure == 0 && round < 10'000;
         ++round) {
        settle();
    }
}

}  // namespace ringway::test
