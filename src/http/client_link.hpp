// The transport of a client's connection over TCP, with all that it stands on.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/http/client_types.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/net/transport.hpp>
#include <ringway/tls/connection.hpp>

namespace ringway::http::detail {

/// A connected socket, plain or with TLS. `close` is awaited before it dies.
class client_link {
public:
    /// Adopts the connected socket `fd`.
    explicit client_link(int fd);
    client_link(int fd, const tls::client_context& context, std::string_view host,
                byte_view resume);

    /// TLS's, where there is TLS; see `tls::connection::handshake`.
    [[nodiscard]] task<result<void>> handshake();

    [[nodiscard]] transport& bytes() noexcept { return *transport_; }
    [[nodiscard]] const tls::connection* secure() const noexcept { return secure_; }
    [[nodiscard]] bool was_truncated() const noexcept {
        return secure_ != nullptr && secure_->was_truncated();
    }
    [[nodiscard]] std::vector<std::byte> resumption_data() const;
    /// TCP_INFO.
    [[nodiscard]] client_facts facts() const noexcept;
    [[nodiscard]] task<void> close();

private:
    std::unique_ptr<stream> stream_;
    std::unique_ptr<transport> transport_;
    tls::connection* secure_ = nullptr;
};

/// Adds all of `bytes` and sends them, in as many writes as that takes.
[[nodiscard]] task<result<void>> send_all(transport& to, byte_view bytes);

}  // namespace ringway::http::detail
