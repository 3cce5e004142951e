// Accepting connections on one shard and running a session for each.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <ringway/coro/scope.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/http/connection_gate.hpp>
#include <ringway/http/session_context.hpp>
#include <ringway/tls/connection.hpp>

namespace ringway::http {

class h1_session;
struct client_choice;

/// The sessions of one shard. Made on the shard's thread; `finish` must be awaited before it dies.
class server {
public:
    /// Lifetime: both outlive the server.
    server(session_context& context, connection_gate& gate) noexcept
        : context_{context}, gate_{gate} {}

    /// Connections speak TLS, with what `secure` has; the client chooses HTTP/1.1 or HTTP/2 by ALPN
    /// (RFC 7301). One that speaks plain HTTP is told so. Lifetime: as the others'.
    server(session_context& context, connection_gate& gate, tls::server_context& secure) noexcept
        : context_{context}, gate_{gate}, secure_{&secure} {}

    /// Accepts connections on the listening socket `listener`, which it owns, until stopped.
    /// When descriptors or memory run out, accepting pauses for a moment instead of spinning.
    /// Cancel: ends accepting; the sessions go on. Resumes: on this shard.
    [[nodiscard]] task<void> accept_on(int listener, observe::transport kind);

    /// Lets the sessions end: idle ones now, the others after the response they are sending, and
    /// those that take longer than `patience` are cut off. Accepting must have ended.
    [[nodiscard]] task<void> finish(std::chrono::milliseconds patience);

    /// Cuts off at once whoever `is_meant`: the sessions of its context, those of HTTP/3 too, and
    /// TLS handshakes. Each is reset, or closed over QUIC; yields how many there were. Their
    /// coroutines end a moment later. Only on this shard.
    unsigned cut_off(const client_choice& is_meant);

    /// Sessions that are open.
    [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }

private:
    [[nodiscard]] task<void> run_session(int fd, observe::transport kind, std::string client,
                                         std::string key);
    [[nodiscard, gnu::noinline]] task<void> run_h2(h1_session& begun, observe::transport kind,
                                                   std::string client);
    [[nodiscard, gnu::noinline]] task<void> run_secure(int fd, std::string client);
    struct agreement;
    [[nodiscard, gnu::noinline]] task<bool> agree_or_close(tls::connection& with,
                                                           std::string_view client);
    [[nodiscard]] task<bool> agree(tls::connection& with, agreement& mine);
    void admit(int fd, observe::transport kind);

    session_context& context_;
    connection_gate& gate_;
    tls::server_context* secure_ = nullptr;
    stop_source agreeing_;  // Ends the handshakes when the server has drained for a while.
    agreement* first_agreement_ = nullptr;  // The handshakes, from the latest on.
    scope sessions_;
};

}  // namespace ringway::http
