// What the QUIC connections of one shard have done so far.
#pragma once

#include <ringway/observe/counter.hpp>

namespace ringway::quic {

/// Written by the shard, read by any thread; not a snapshot.
struct endpoint_counters {
    using counter = observe::counter;

    // Datagrams as they stand on the wire: several may leave or arrive with one system call.
    counter datagrams_received;
    counter datagrams_sent;
    counter bytes_received;
    counter bytes_sent;
    counter receives;       ///< System calls that received something.
    counter sends;          ///< System calls that sent something.
    counter kernel_drops;   ///< Datagrams that found the socket's buffer full (SO_RXQ_OVFL).
    counter send_blocked;   ///< Times the socket's send buffer was full.
    counter gso_fallbacks;  ///< Sockets where segmentation had to be switched off.

    // Datagrams that were not used, by reason.
    counter dropped_malformed;      ///< No QUIC packet can begin like that.
    counter dropped_unknown;        ///< For a connection that does not exist, and no reset sent.
    counter dropped_foreign;        ///< For another process or node.
    counter dropped_short_initial;  ///< Initials in datagrams below 1200 bytes.
    counter dropped_limit;          ///< New connections over a limit, or while draining.
    counter dropped_forward_full;   ///< For a shard that does not keep up.
    counter dropped_send;           ///< The kernel refused to send, as without a route.

    counter handshakes_done;
    counter handshakes_resumed;  ///< Of those done: by a session ticket.
    counter handshakes_failed;   ///< Refused by either side.
    counter handshakes_timed_out;
    counter connections_refused;    ///< By whoever makes the applications.
    counter connections_closed;     ///< After their handshakes, for whichever reason.
    counter connections_timed_out;  ///< Of those closed: idle.
    counter retries_sent;
    counter tokens_accepted;  ///< Of Retry and of earlier connections (NEW_TOKEN).
    counter tokens_rejected;
    counter resets_sent;      ///< Stateless resets.
    counter resets_received;  ///< By clients.
    counter version_negotiations;
    counter forwarded_sent;  ///< Datagrams handed to the shard that has their connection.
    counter forwarded_received;
    counter migrations;        ///< The peer's address has changed.
    counter path_validations;  ///< Succeeded.
    counter path_validations_failed;
    counter rests;        ///< Times that a silent connection was packed.
    counter key_updates;  ///< Counted when the keys for the next one are made, a little later.
    counter early_data_accepted;  ///< Connections (0-RTT).
    counter early_data_refused;
    // These grow when connections end.
    counter packets_sent;
    counter packets_received;
    counter packets_lost;

    observe::gauge connections_open;
    observe::gauge handshakes_open;
    /// TLS sessions that are held: a server's go with their handshakes, a client's with their
    /// connections.
    observe::gauge tls_sessions_open;
};

}  // namespace ringway::quic
