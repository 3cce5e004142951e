// What a connection holds, for connection*.cpp.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <ringway/net/stream.hpp>
#include <ringway/ring/buffer_pool.hpp>
#include <ringway/tls/connection.hpp>

#include "tls/output_memory.hpp"
#include "tls/record_reader.hpp"
#include "tls/record_writer.hpp"
#include "tls/session.hpp"

namespace ringway::tls {

struct connection::state {
    state(int fd, server_context* accepted_by, std::unique_ptr<session> begun)
        : socket{fd}, server{accepted_by}, gnutls{std::move(begun)} {}

    stream socket;
    server_context* server;  // Null on a client.

    // During the handshake; afterwards for TLS 1.2, and on clients for their tickets.
    std::unique_ptr<session> gnutls;
    std::optional<record_reader> reader;  // TLS 1.3.
    std::optional<record_writer> writer;

    // TLS 1.2: plaintext until the flush.
    output_block plain;
    std::size_t plain_bytes = 0;
    buffer_lease input;

    std::shared_ptr<const certificate_set> certificates;
    const policy* shown = nullptr;
    std::string alpn;
    std::string server_name;
    std::string cipher_text;
    std::string problem;
    bool certificate_refused = false;
    version spoken = version::none;
    std::byte foreign_byte{0};  // What the peer began with, if that was no record.
    bool resumed = false;
    bool has_tickets = false;
    bool truncated = false;
    bool receiving_ended = false;
    bool flushing = false;
    bool sending_broken = false;  // Records were lost: nothing that follows can be read.
    bool kernel_sends = false;

    /// Takes over from GnuTLS; `rest` is what arrived behind the handshake.
    void start(buffer_lease rest);
    void count_handshake(const result<void>& outcome) noexcept;
    [[nodiscard]] bool take_news();
    void send_last(alert what) noexcept;
    [[nodiscard]] std::unexpected<error> refuse();
};

}  // namespace ringway::tls
