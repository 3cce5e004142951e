// An HTTP client: fetch a URL by HTTP/1.1, HTTP/2 or HTTP/3, whichever the server has.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/http/client_connection.hpp>
#include <ringway/http/client_types.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/ring/buffer_pool.hpp>
#include <ringway/wire/content_decoder.hpp>

namespace ringway::http {

struct client_options {
    /// `automatic`: HTTP/2 where TLS's ALPN agrees on it, else HTTP/1.1; HTTP/3 where the server
    /// has offered it before (Alt-Svc). Others force a version; HTTP/2 without TLS by prior
    /// knowledge (RFC 9113 section 3.3).
    client_version version = client_version::automatic;
    std::string trust_file;                             ///< PEM; empty: what the system trusts.
    bool verify = true;                                 ///< False: takes any certificate.
    unsigned redirects_max = 20;                        ///< 0: the redirect itself is the response.
    bool allow_downgrade = false;                       ///< Follow redirects from https to http.
    std::chrono::milliseconds connect_timeout{30'000};  ///< Name, connection and TLS.
    std::chrono::milliseconds first_byte_timeout{60'000};  ///< From the request to the head.
    std::chrono::milliseconds idle_timeout{60'000};        ///< Between two pieces of the body.
    unsigned attempts_max = 3;         ///< When the server has surely not processed a request.
    std::vector<client_field> fields;  ///< Sent with each request that has none of that name.
    /// "host:port" to addresses that take the place of a look-up.
    std::map<std::string, std::vector<endpoint>, std::less<>> addresses;
    /// Later connections to a server go on with keys of earlier ones (RFC 8446 section 2.2).
    bool resumption = true;
    /// HTTP/3: requests that may be repeated go out with the first packet to a server that was
    /// asked before (RFC 8470). Then sessions, those of TLS over TCP too, are kept in
    /// `cache_directory` for other processes.
    bool early_data = false;
    /// Where to keep what servers leave for the next connection, and which offer HTTP/3; readable
    /// by its owner only. Empty: that is forgotten with the client.
    std::string cache_directory;
    std::size_t connections_max = 64;  ///< To one origin.
    /// Ask for bodies in the codings of this build (Accept-Encoding), unless the request has that
    /// field or Range, and take the codings off: `read` yields the content. Parts (206) are left as
    /// they are.
    bool decode = false;
};

class client;

/// A response whose head has come. Owned by whoever asked; `close` is awaited before it dies,
/// unless it was moved from. Used on the shard of its client, which outlives it.
class client_response {
public:
    client_response() = default;
    client_response(client_response&&) noexcept = default;
    client_response& operator=(client_response&& other) noexcept;
    ~client_response();

    [[nodiscard]] int status() const noexcept { return head_.status; }
    [[nodiscard]] client_version version() const noexcept { return version_; }
    [[nodiscard]] const std::vector<client_field>& fields() const noexcept { return head_.fields; }
    [[nodiscard]] const std::string* find(std::string_view name) const noexcept {
        return find_field(head_.fields, name);
    }
    /// What was fetched in the end, after redirects.
    [[nodiscard]] const wire::url& url() const noexcept { return url_; }
    [[nodiscard]] unsigned redirects() const noexcept { return redirects_; }

    /// The next bytes of the body, decoded where that was wanted; an empty lease at its end. Who
    /// does not read holds the server up. Fails at stage `body`; where it decodes, also with
    /// `malformed`, `truncated`, `limit` (see `wire::content_decoder`) and `unsupported` for a
    /// coding that is unknown. Cancel: nothing is lost. Resumes: on this shard.
    [[nodiscard]] task<client_result<buffer_lease>> read();

    /// The value of Content-Encoding where `read` decodes; else empty.
    [[nodiscard]] const std::string& decoded_from() const noexcept { return coding_; }
    /// Bytes of the body that have come, before decoding.
    [[nodiscard]] std::uint64_t received_bytes() const noexcept { return received_; }

    [[nodiscard]] const client_timings& timings() const noexcept { return timings_; }
    [[nodiscard]] client_facts facts() const noexcept;

    /// Moves its connection to another local address, see `client_connection::migrate`.
    [[nodiscard]] result<void> migrate(const endpoint& to);
    /// See `client_connection::local`.
    [[nodiscard]] std::optional<endpoint> local() const;

    /// Gives up what was not read. Not cancellable. Resumes: on this shard.
    [[nodiscard]] task<void> close();

private:
    friend class client;

    void begin_decoding();
    [[nodiscard]] client_result<buffer_lease> decode_some();
    [[nodiscard]] std::unexpected<client_failure> undecodable(error what) const;

    client* owner_ = nullptr;
    std::shared_ptr<client_connection> connection_;
    std::unique_ptr<client_exchange> exchange_;
    std::unique_ptr<client_request> asked_;
    client_head head_;
    client_version version_ = client_version::automatic;
    wire::url url_;
    unsigned redirects_ = 0;
    std::chrono::milliseconds idle_timeout_{0};
    nanoseconds started_{0};
    client_timings timings_;
    std::string coding_;
    std::unique_ptr<wire::content_decoder> decoder_;
    buffer_lease encoded_;      // Has come and was not decoded.
    bool has_decoded_ = false;  // There may be more inside the decoder.
    std::uint64_t received_ = 0;
};

/// Keeps connections, and what it learned of servers. Used on the shard it was made on. `close` is
/// awaited before it dies, after all responses were closed.
class client {
public:
    /// Certificates to trust are read when TLS is first needed.
    explicit client(client_options options);
    client(const client&) = delete;
    client& operator=(const client&) = delete;
    ~client();

    /// Asks, follows redirects (RFC 9110 section 15.4) and yields the response, whatever its
    /// status. After 303, and after 301 and 302 to a POST, GET is asked. Fields are not sent on to
    /// another origin where they are secrets: Authorization, Cookie.
    /// A request that surely was not processed is sent again, `attempts_max` times at most.
    ///
    /// Fails with `timed_out`, `malformed` for what can't be asked or makes no sense, `closed`,
    /// `canceled`, the errno of connecting; `limit` after too many redirects, `not_permitted` for
    /// one from https to http. Cancel: at any await. Resumes: on this shard.
    [[nodiscard]] task<client_result<client_response>> fetch(client_request asked);

    /// A connection to the server of `to` that takes another request: one that is there, or a new
    /// one. `timings`, counted from `started`, learns of a new one. For those who drive exchanges
    /// themselves, as load generators. Fails and is cancelled as `fetch`.
    [[nodiscard]] task<client_result<std::shared_ptr<client_connection>>> connect(
        const wire::url& to, client_timings& timings, nanoseconds started, bool fresh = false);

    /// Ends all connections. No fetch may be under way. Not cancellable.
    [[nodiscard]] task<void> close();

    [[nodiscard]] const client_options& options() const noexcept;

private:
    friend class client_response;
    struct state;

    [[nodiscard]] task<client_result<client_response>> ask(client_request asked,
                                                           nanoseconds started);
    [[nodiscard]] task<client_result<client_response>> try_once(const client_request& asked,
                                                                nanoseconds started, bool fresh);
    void released() noexcept;

    std::unique_ptr<state> state_;
};

}  // namespace ringway::http
