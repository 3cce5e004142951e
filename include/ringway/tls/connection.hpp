// One TLS connection: a transport over a stream.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/net/transport.hpp>
#include <ringway/tls/client_context.hpp>
#include <ringway/tls/server_context.hpp>
#include <ringway/tls/types.hpp>

namespace ringway::tls {

/// TLS 1.3 (RFC 8446) on a connected socket, or 1.2 where the context allows it. Used on the shard
/// it was made on. After `handshake` has succeeded it is a transport.
///
/// GnuTLS does the handshake and is dismissed; the records of TLS 1.3 are made and read here.
/// A peer that updates its keys is answered with the next output; one that does so without end, or
/// sends empty records without end, is refused.
/// Must be closed with `close` before it dies.
class connection final : public transport {
public:
    /// The server's side on the connected socket `fd`, which it adopts. Lifetime: `context`
    /// outlives it.
    connection(int fd, server_context& context);

    /// The client's side. `host` is what the server's certificate must be for: a DNS name or an IP
    /// address. `resume` is `resumption_data` of an earlier connection to it, or empty.
    connection(int fd, const client_context& context, std::string_view host, byte_view resume = {});
    ~connection() override;

    /// Agrees on keys. To be awaited once, before anything else.
    ///
    /// Fails with `malformed` when either side refuses (`problem` says why; the alert is sent),
    /// `closed` when the peer goes away, `canceled`: there is no deadline in here, a stop is how
    /// the caller sets one. After a failure: close. Resumes: on this shard.
    [[nodiscard]] task<result<void>> handshake();

    /// What the peer began with where that is no TLS record (RFC 8446 section 5.1), else 0. A
    /// server has sent it nothing then: `socket` may be used to say what is wrong.
    [[nodiscard]] std::byte foreign_byte() const noexcept;

    /// Why the handshake failed, or receiving: GnuTLS's or our words, for a log. Else empty.
    [[nodiscard]] std::string_view problem() const noexcept;
    /// Whether it failed because the server's certificate was refused here.
    [[nodiscard]] bool is_certificate_refused() const noexcept;

    // What was agreed on. Lifetime of views: the connection's.
    [[nodiscard]] std::string_view alpn() const noexcept;  ///< Empty: none.
    /// What the client asked for, as it spelled it; empty when it did not.
    [[nodiscard]] std::string_view server_name() const noexcept;
    /// The certificates that were shown; null on a client. Lifetime: the connection's.
    [[nodiscard]] const policy* shown_policy() const noexcept;
    [[nodiscard]] bool resumed() const noexcept;
    [[nodiscard]] version protocol() const noexcept;
    [[nodiscard]] std::string_view cipher_text() const noexcept;  ///< "TLS_AES_128_GCM_SHA256".

    /// What makes a later connection to the same server quicker; a client's, once a ticket was
    /// received. Else empty.
    [[nodiscard]] std::vector<std::byte> resumption_data() const;

    /// Whether receiving ended without a close_notify: what was received may be cut short.
    [[nodiscard]] bool was_truncated() const noexcept;

    /// Moves sending into the kernel (TLS_TX): from then on `socket` takes plaintext by `send` and
    /// `send_file`, and put, room and flush must not be used. Receiving goes on here. False, and
    /// nothing has changed, when output is pending, the cipher is not AES-GCM of TLS 1.3, or the
    /// kernel has no TLS.
    [[nodiscard]] bool use_kernel_send() noexcept;
    [[nodiscard]] bool is_kernel_send() const noexcept;
    /// The stream below, to send on after `use_kernel_send`.
    [[nodiscard]] stream& socket() noexcept;

    /// As `transport`. The end is a close_notify, or the peer's FIN: see `was_truncated`. Fails
    /// with `malformed` (an alert was sent), `closed` (one was received), and after
    /// `use_kernel_send` with `unsupported` when the peer asks for new keys and the kernel, before
    /// 6.14, can't change them: close_notify was sent.
    [[nodiscard]] task<result<buffer_lease>> receive() override;
    [[nodiscard]] std::size_t free_bytes() const noexcept override;
    void put(byte_view bytes) noexcept override;
    [[nodiscard]] byte_span room(std::size_t wanted) noexcept override;
    void commit(std::size_t count) noexcept override;
    [[nodiscard]] std::size_t pending() const noexcept override;
    [[nodiscard]] task<result<void>> flush() override;
    void shutdown_send() noexcept override;
    [[nodiscard]] task<void> close() override;
    [[nodiscard]] int fd() const noexcept override;

private:
    struct state;

    [[nodiscard]] task<result<buffer_lease>> receive_tls_1_2();
    [[nodiscard]] task<result<void>> flush_tls_1_2();
    [[nodiscard]] task<result<void>> shake_hands();

    std::unique_ptr<state> state_;
};

}  // namespace ringway::tls
