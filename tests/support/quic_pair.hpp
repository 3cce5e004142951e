// Both ends of a QUIC connection in memory: what one writes the other reads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <vector>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include <ringway/base/bytes.hpp>

#include "quic/packet_protection.hpp"
#include "quic/tls_session.hpp"
#include "support/tls_world.hpp"

namespace ringway::test {

/// One end. What arrives on streams is kept.
struct quic_end {
    quic_end() = default;
    quic_end(const quic_end&) = delete;
    quic_end& operator=(const quic_end&) = delete;
    ~quic_end();

    ngtcp2_conn* conn = nullptr;
    std::unique_ptr<quic::detail::tls_session> tls;
    ngtcp2_crypto_conn_ref ref{};
    sockaddr_in local{};
    sockaddr_in remote{};
    ngtcp2_path path{};
    bool done = false;
    int failure = 0;             ///< What reading a packet has failed with.
    std::string received;        ///< On streams.
    std::string received_early;  ///< The part of it that came as 0-RTT.
    std::size_t count_received = 0;
    bool keeps_data = true;  ///< False: only counts it.

    /// The code that the connection ends with after a failure (RFC 9000 section 20.1).
    [[nodiscard]] std::uint64_t close_code() const;
};

struct quic_pair_options {
    std::string host = "localhost";
    byte_view resume;             ///< Of an earlier connection.
    byte_view resume_parameters;  ///< And its transport parameters.
    std::string early;            ///< The client sends it as early data, with the resumption.
    std::uint32_t version = NGTCP2_PROTO_VER_V1;
    std::size_t packet_bytes = 1452;
    quic::detail::packet_sealing server_sealing = quic::detail::packet_sealing::batched;
    quic::detail::packet_sealing client_sealing = quic::detail::packet_sealing::batched;
};

/// Makes `end` a server's, for a client whose first packet names these IDs.
void serve(quic_end& end, quic::detail::server_crypto& shared, const ngtcp2_cid& client_id,
           const ngtcp2_cid& original, std::uint32_t version, std::size_t packet_bytes = 1452);

/// Lets `at` read a datagram at `now`; what fails is kept in it.
void read_datagram(quic_end& at, std::vector<std::uint8_t>& datagram, std::uint64_t now);

class quic_pair {
public:
    quic_pair(quic::detail::server_crypto& shared, const tls::client_context& context,
              const quic_pair_options& options = {});

    /// Carries packets both ways until nothing more is said. True when both are done.
    bool shake_hands();

    /// The same for what is to be said at the moment.
    void settle();

    /// One packet of `from`, sealed; empty for none.
    [[nodiscard]] std::vector<std::uint8_t> write(quic_end& from);
    void read(quic_end& at, std::vector<std::uint8_t>& packet);

    /// All that the client says before it has heard anything.
    [[nodiscard]] std::vector<std::vector<std::uint8_t>> first_flight();

    /// The same as `write`, not sealed yet.
    [[nodiscard]] std::vector<std::uint8_t> write_unsealed(quic_end& from);

    /// Begins a key update. False when it is too early for one.
    [[nodiscard]] bool update_keys(quic_end& at);

    /// `text` is to be written next, on a new stream of the client.
    void start(std::string_view text);

    /// Carries `text` on a new stream of the client.
    void send(std::string_view text);

    /// All packets on their way may be seen, changed or dropped (false).
    std::function<bool(quic_end& from, std::vector<std::uint8_t>& packet)> look;

    /// What a client needs for the next connection, beside the session.
    [[nodiscard]] std::vector<std::byte> early_parameters() const;

    quic_end server;
    quic_end client;

private:
    std::size_t pump(quic_end& from, quic_end& to);
    bool skip_time();

    std::size_t packet_bytes_;
    std::uint64_t now_;  // Nanoseconds of a clock of its own.
    std::int64_t stream_ = -1;
    std::string output_;
    std::size_t written_ = 0;
};

}  // namespace ringway::test
