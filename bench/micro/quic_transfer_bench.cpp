// How fast one QUIC connection carries bytes in memory, by how its packets are protected: the time
// that its server takes to write them, and its client to read them. No sockets.
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <gnutls/crypto.h>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
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

constexpr std::size_t packet_bytes = 1452;
constexpr std::size_t burst = 45;

std::uint64_t now_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * NGTCP2_SECONDS +
           static_cast<std::uint64_t>(now.tv_nsec);
}

// What this thread has worked: the machine may be busy with other things.
std::uint64_t worked_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * NGTCP2_SECONDS +
           static_cast<std::uint64_t>(now.tv_nsec);
}

struct end {
    ngtcp2_conn* conn = nullptr;
    std::unique_ptr<quic::tls_session> tls;
    ngtcp2_crypto_conn_ref ref{};
    sockaddr_in local{};
    sockaddr_in remote{};
    ngtcp2_path path{};
    std::size_t received = 0;
    bool done = false;

    end(std::uint16_t mine, std::uint16_t theirs) {
        ref.get_conn = [](ngtcp2_crypto_conn_ref* of) {
            return static_cast<end*>(of->user_data)->conn;
        };
        ref.user_data = this;
        local.sin_family = remote.sin_family = AF_INET;
        local.sin_port = htons(mine);
        remote.sin_port = htons(theirs);
        path.local = {reinterpret_cast<sockaddr*>(&local), sizeof local};
        path.remote = {reinterpret_cast<sockaddr*>(&remote), sizeof remote};
    }
    end(const end&) = delete;
    end& operator=(const end&) = delete;
    ~end() { ngtcp2_conn_del(conn); }
};

int new_id(ngtcp2_conn*, ngtcp2_cid* id, std::uint8_t* token, std::size_t, void*) {
    *id = quic::make_connection_id({});
    gnutls_rnd(GNUTLS_RND_NONCE, token, NGTCP2_STATELESS_RESET_TOKENLEN);
    return 0;
}

int receive(ngtcp2_conn* conn, std::uint32_t, std::int64_t stream, std::uint64_t,
            const std::uint8_t*, std::size_t size, void* user, void*) {
    static_cast<end*>(user)->received += size;
    ngtcp2_conn_extend_max_stream_offset(conn, stream, size);
    ngtcp2_conn_extend_max_offset(conn, size);
    return 0;
}

ngtcp2_callbacks callbacks() {
    ngtcp2_callbacks made{};
    quic::set_crypto_callbacks(made);
    made.rand = [](std::uint8_t* into, std::size_t size, const ngtcp2_rand_ctx*) {
        gnutls_rnd(GNUTLS_RND_NONCE, into, size);
    };
    made.get_new_connection_id = new_id;
    made.recv_stream_data = receive;
    made.handshake_completed = [](ngtcp2_conn*, void* user) {
        static_cast<end*>(user)->done = true;
        return 0;
    };
    return made;
}

// Both contexts of TLS, for localhost.
struct world {
    explicit world(tls::cipher with) {
        const std::vector<std::string> names{"localhost"};
        const auto text = tls::make_self_certificate(names, quic::unix_now());
        holder.replace(*tls::certificate_set::make({&*text, 1}, quic::unix_now()));
        server = *tls::server_context::make(holder, {.ciphers = {with}});
        client = *tls::client_context::make({.verify = false, .alpn = {"h3"}});
        crypto = *quic::server_crypto::make(*server, {});
    }
    tls::certificate_holder holder;
    std::unique_ptr<tls::server_context> server;
    std::unique_ptr<tls::client_context> client;
    std::unique_ptr<quic::server_crypto> crypto;
};

struct pair {
    explicit pair(world& at) {
        const ngtcp2_callbacks with = callbacks();
        ngtcp2_settings set;
        ngtcp2_settings_default(&set);
        set.initial_ts = now_ns();
        set.max_tx_udp_payload_size = packet_bytes;
        set.no_tx_udp_payload_size_shaping = 1;
        ngtcp2_transport_params mine;
        ngtcp2_transport_params_default(&mine);
        mine.initial_max_stream_data_bidi_local = mine.initial_max_data = std::uint64_t{64} << 20U;
        mine.initial_max_stream_data_bidi_remote = std::uint64_t{64} << 20U;
        mine.initial_max_streams_bidi = 1;
        const ngtcp2_cid first = quic::make_connection_id({});
        const ngtcp2_cid client_id = quic::make_connection_id({});
        const ngtcp2_cid server_id = quic::make_connection_id({});
        int failed =
            ngtcp2_conn_client_new(&client.conn, &first, &client_id, &client.path,
                                   NGTCP2_PROTO_VER_V1, &with, &set, &mine, nullptr, &client);
        mine.original_dcid = first;
        mine.original_dcid_present = 1;
        failed |= ngtcp2_conn_server_new(&server.conn, &client_id, &server_id, &server.path,
                                         NGTCP2_PROTO_VER_V1, &with, &set, &mine, nullptr, &server);
        RW_ASSERT(failed == 0);
        server.tls = quic::tls_session::accept(*at.crypto, server.ref);
        client.tls = quic::tls_session::connect(*at.client, "localhost", {}, client.ref);
        ngtcp2_conn_set_tls_native_handle(server.conn, server.tls->handle());
        ngtcp2_conn_set_tls_native_handle(client.conn, client.tls->handle());
        for (int i = 0; i < 20 && !(client.done && server.done); ++i) {
            pump(client, server);
            pump(server, client);
        }
        RW_ASSERT(client.done && server.done);
        failed = ngtcp2_conn_open_bidi_stream(client.conn, &stream, nullptr);
        RW_ASSERT(failed == 0);
        std::uint8_t ask[] = {'G'};
        const ngtcp2_vec text{ask, 1};
        while (server.received == 0) {  // The pacer may want to wait first.
            ngtcp2_ssize taken = 0;
            std::array<std::uint8_t, packet_bytes> packet;
            const auto size = write(client, packet.data(), stream, text, taken);
            quic::seal_pending_packets();
            if (size > 0) {
                read(server, packet.data(), size);
            }
            settle();
        }
    }

    static std::size_t write(end& from, std::uint8_t* into, std::int64_t on, ngtcp2_vec data,
                             ngtcp2_ssize& taken) {
        ngtcp2_path_storage path;
        ngtcp2_path_storage_zero(&path);
        ngtcp2_pkt_info info{};
        const auto size = ngtcp2_conn_writev_stream(
            from.conn, &path.path, &info, into, packet_bytes, &taken, NGTCP2_WRITE_STREAM_FLAG_NONE,
            on, &data, on < 0 ? 0 : 1, now_ns());
        RW_ASSERT(size >= 0 || size == NGTCP2_ERR_STREAM_DATA_BLOCKED);
        return size < 0 ? 0 : static_cast<std::size_t>(size);
    }

    static void read(end& at, const std::uint8_t* packet, std::size_t size) {
        const ngtcp2_pkt_info info{};
        const int failed = ngtcp2_conn_read_pkt(at.conn, &at.path, &info, packet, size, now_ns());
        RW_ASSERT(failed == 0);
    }

    static void pump(end& from, end& to) {
        std::array<std::uint8_t, packet_bytes> packet;
        ngtcp2_ssize taken = 0;
        while (const std::size_t size = write(from, packet.data(), -1, {}, taken)) {
            quic::seal_pending_packets();
            read(to, packet.data(), size);
        }
    }

    void settle() {
        pump(client, server);
        for (end* const each : {&client, &server}) {
            if (ngtcp2_conn_get_expiry(each->conn) <= now_ns()) {
                ngtcp2_conn_handle_expiry(each->conn, now_ns());
            }
        }
        pump(server, client);
    }

    end server{443, 5555};
    end client{5555, 443};
    std::int64_t stream = -1;
};

// One write pass and its way through the client.
void transfer(benchmark::State& state, tls::cipher with, quic::packet_sealing how) {
    quic::use_sealing(how);
    world at{with};
    pair both{at};
    std::vector<std::uint8_t> memory(burst * packet_bytes);
    std::vector<std::uint8_t> body(std::size_t{1} << 16U, 'a');
    std::array<std::size_t, burst> sizes{};
    std::uint64_t writing = 0;
    std::uint64_t reading = 0;
    std::size_t packets = 0;
    for (auto _ : state) {
        const std::uint64_t start = worked_ns();
        std::size_t count = 0;
        for (; count < burst; ++count) {
            ngtcp2_ssize taken = 0;
            sizes[count] = pair::write(both.server, memory.data() + count * packet_bytes,
                                       both.stream, {body.data(), body.size()}, taken);
            if (sizes[count] == 0) {
                break;
            }
        }
        quic::seal_pending_packets();
        const std::uint64_t written = worked_ns();
        for (std::size_t i = 0; i < count; ++i) {
            pair::read(both.client, memory.data() + i * packet_bytes, sizes[i]);
        }
        reading += worked_ns() - written;
        writing += written - start;
        packets += count;
        ngtcp2_conn_update_pkt_tx_time(both.server.conn, now_ns());
        both.settle();
    }
    quic::use_sealing(quic::packet_sealing::batched);
    const auto carried = static_cast<double>(both.client.received);
    state.counters["write_MB_s"] = carried * 1e3 / static_cast<double>(writing);
    state.counters["read_MB_s"] = carried * 1e3 / static_cast<double>(reading);
    state.counters["write_ns_per_packet"] =
        static_cast<double>(writing) / static_cast<double>(packets);
    state.counters["packets_per_pass"] =
        static_cast<double>(packets) / static_cast<double>(state.iterations());
}

#define RW_EACH(name, with)                                                           \
    BENCHMARK_CAPTURE(transfer, name##_glue, with, quic::packet_sealing::by_glue);    \
    BENCHMARK_CAPTURE(transfer, name##_at_once, with, quic::packet_sealing::at_once); \
    BENCHMARK_CAPTURE(transfer, name##_batched, with, quic::packet_sealing::batched)
RW_EACH(aes_128, tls::cipher::aes_128_gcm);
RW_EACH(aes_256, tls::cipher::aes_256_gcm);
RW_EACH(chacha20, tls::cipher::chacha20_poly1305);

}  // namespace

BENCHMARK_MAIN();
