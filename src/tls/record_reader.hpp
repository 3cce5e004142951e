// The receiving side of TLS 1.3's record layer (RFC 8446 5): records in, plaintext out. No I/O.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/ring/buffer_pool.hpp>

#include "tls/alert.hpp"
#include "tls/partial_record.hpp"
#include "tls/record_keys.hpp"

namespace ringway::tls {

/// Decrypts in the buffers that records arrive in: what it yields is the same buffer, with the
/// plaintext of its records moved together. Only a record that is spread over buffers is copied.
class record_reader {
public:
    /// Key updates and empty records that the peer may send without a byte of data between.
    static constexpr unsigned idle_records_max = 32;
    /// The longest message after the handshake, a session ticket, that is listened to.
    static constexpr std::size_t message_max = std::size_t{16} * 1024;

    enum class status : std::uint8_t {
        needs_input,  ///< Call `add`.
        data,         ///< Yields plaintext, at least one byte.
        ended,        ///< The peer has said close_notify. Final.
        failed,       ///< See `failure` and `alerted`. Final.
    };
    enum class role : std::uint8_t { client, server };

    record_reader(record_keys keys, role own) noexcept : keys_{std::move(keys)}, role_{own} {}

    /// Takes over received bytes. Only after `needs_input`, or first.
    void add(buffer_lease arrived) noexcept;

    /// Goes on with what was added. `data` comes with a lease in `plain`.
    [[nodiscard]] status next(buffer_lease& plain);

    /// What to tell the peer. After `failed`.
    [[nodiscard]] alert failure() const noexcept { return failure_; }
    /// The peer has failed us with an alert: there is nothing to tell it.
    [[nodiscard]] bool alerted() const noexcept { return alerted_; }

    /// Whether the peer has asked for a KeyUpdate of ours since the last call.
    [[nodiscard]] bool take_update_request() noexcept { return std::exchange(asked_, false); }

    /// Whether a record has begun to arrive.
    [[nodiscard]] bool is_midway() const noexcept { return !partial_.empty(); }

    /// NewSessionTicket messages, header included, one after the other; clients collect them.
    [[nodiscard]] std::vector<std::byte> take_tickets() noexcept;

private:
    enum class step : std::uint8_t { go_on, stop };

    struct opened {
        content type = content::invalid;
        byte_span plain;
    };

    [[nodiscard]] status next_assembled(buffer_lease& plain);
    [[nodiscard]] bool open(byte_span record, opened& into);
    [[nodiscard]] bool read(const opened& record);
    [[nodiscard]] bool read_alert(byte_view body) noexcept;
    [[nodiscard]] bool read_handshake(byte_view body);
    [[nodiscard]] bool read_message(byte_view message, bool last);
    [[nodiscard]] bool fail_with(alert what) noexcept;
    [[nodiscard]] bool allow_idle_record() noexcept;

    record_keys keys_;
    buffer_lease input_;
    partial_record partial_;
    std::vector<std::byte> message_;  // A handshake message that is spread over records.
    std::vector<std::byte> tickets_;
    unsigned idle_records_ = 0;
    role role_;
    alert failure_ = alert::close_notify;
    bool failed_ = false;
    bool alerted_ = false;
    bool ended_ = false;
    bool asked_ = false;
};

}  // namespace ringway::tls
