// One connection of the HTTP client, whatever version it speaks.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/http/client_types.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/ring/buffer_pool.hpp>

namespace ringway::http {

/// One request on its way and its response. Used on the shard of its connection. `finish` is
/// awaited before it dies; the connection outlives it.
class client_exchange {
public:
    client_exchange() = default;
    client_exchange(const client_exchange&) = delete;
    client_exchange& operator=(const client_exchange&) = delete;
    virtual ~client_exchange() = default;

    /// The head of the final response; heads before it (1xx) are passed over. Once.
    /// Fails with `closed`, `malformed`, `canceled`; `problem` says more.
    [[nodiscard]] virtual task<result<client_head>> head() = 0;

    /// The next bytes of the body; an empty lease at its end, and from then on. After `head`.
    /// Who does not read holds the server up: flow control, or a full socket.
    /// Fails with `truncated` when the connection ended before the body, `closed` when the server
    /// gave it up, `malformed`, `canceled`. Cancel: nothing is lost, it may be called again.
    [[nodiscard]] virtual task<result<buffer_lease>> read() = 0;

    /// Gives up what is left, and the connection back. Not cancellable.
    [[nodiscard]] virtual task<void> finish() = 0;

    /// After a failure: why, in words. Lifetime: the exchange's.
    [[nodiscard]] virtual std::string_view problem() const noexcept = 0;

    /// After a failure: whether the server has surely not processed the request, so that it may be
    /// sent anew (RFC 9110 section 9.2.2).
    [[nodiscard]] virtual bool is_unprocessed() const noexcept = 0;
};

/// Used on the shard it was made on. `close` is awaited before it dies.
class client_connection {
public:
    client_connection() = default;
    client_connection(const client_connection&) = delete;
    client_connection& operator=(const client_connection&) = delete;
    virtual ~client_connection() = default;

    [[nodiscard]] virtual client_version version() const noexcept = 0;

    /// Whether another request may begin now.
    [[nodiscard]] virtual bool takes_more() const noexcept = 0;

    /// Whether none may ever begin again.
    [[nodiscard]] virtual bool is_over() const noexcept = 0;

    /// Begins a request. Requires takes_more(). Lifetime: `asked` until `head` has ended.
    [[nodiscard]] virtual std::unique_ptr<client_exchange> begin(const client_request& asked) = 0;

    /// Exchanges that have not been finished.
    [[nodiscard]] virtual std::size_t in_flight() const noexcept = 0;

    [[nodiscard]] virtual client_facts facts() const noexcept = 0;

    /// What makes a later connection to the same server quicker (RFC 8446 section 2.2), or nothing.
    [[nodiscard]] virtual std::vector<std::byte> resumption_data() const { return {}; }

    /// Whether keys came from an earlier connection, and whether requests went out with them before
    /// the server had said anything (RFC 9001 section 4.6).
    [[nodiscard]] virtual bool is_resumed() const noexcept { return false; }
    [[nodiscard]] virtual bool was_early() const noexcept { return false; }

    /// Where requests begin before the handshake has ended: why that failed; else null.
    [[nodiscard]] virtual const client_failure* connect_failure() const noexcept { return nullptr; }

    /// Moves to the local address `to` (RFC 9000 section 9). Fails with `unsupported` without QUIC,
    /// `would_block` while that is too early, `not_permitted` without an errno where the server
    /// forbids it, and the errno of socket(2), bind(2) or connect(2). That it was begun does not
    /// mean that it comes to anything: see `local`.
    [[nodiscard]] virtual result<void> migrate(const endpoint& to) {
        static_cast<void>(to);
        return fail(errc::unsupported);
    }

    /// The local address, where that may change: after a migration, once the path from there was
    /// validated.
    [[nodiscard]] virtual std::optional<endpoint> local() const { return std::nullopt; }

    /// Ends it; exchanges in flight fail. Not cancellable.
    [[nodiscard]] virtual task<void> close() = 0;

    /// Its resumption data was taken: they are for one connection (RFC 8446 appendix C.4).
    bool session_kept = false;
};

}  // namespace ringway::http
