// What an HTTP/1 session talks over: a socket as it is, or TLS on one.
#pragma once

#include <optional>
#include <string_view>

#include <ringway/coro/task.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/tls/connection.hpp>
#include <ringway/transfer/transfer.hpp>

namespace ringway::http {

class h1_connection {
public:
    /// Adopts the connected socket `fd`.
    explicit h1_connection(int fd) { plain_.emplace(fd); }
    /// Uses `secure`, whose handshake is done, and closes it. Lifetime: it outlives this.
    explicit h1_connection(tls::connection& secure) noexcept : secure_{&secure} {}

    /// The socket where nothing stands between it and the session, or null.
    [[nodiscard]] stream* plain() noexcept { return plain_ ? &*plain_ : nullptr; }
    [[nodiscard]] tls::connection* secure() const noexcept { return secure_; }

    [[nodiscard]] int fd() const noexcept { return secure_ ? secure_->fd() : plain_->fd(); }

    /// As `stream::receive`.
    [[nodiscard]] task<result<buffer_lease>> receive();

    /// As `file_sender::send`, by whatever way the connection has.
    [[nodiscard]] task<result<void>> send(file_sender& sender, std::string_view head,
                                          std::string_view body, transfer_progress& progress);
    /// The same. A long part of a file is the moment to let the kernel seal, where it can: from
    /// then on it does so for the rest of the connection.
    [[nodiscard]] task<result<void>> send(file_sender& sender, std::string_view head, file_ref file,
                                          file_slice slice, transfer_progress& progress);

    void shutdown_send() noexcept;
    [[nodiscard]] task<void> close();

private:
    /// Where plaintext is sent: the socket itself, or TLS in the kernel. Null: through `secure_`.
    [[nodiscard]] stream* output() noexcept;

    std::optional<stream> plain_;
    tls::connection* secure_ = nullptr;
};

}  // namespace ringway::http
