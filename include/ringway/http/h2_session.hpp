// One HTTP/2 connection: requests in, responses out, many at a time (RFC 9113).
#pragma once

#include <memory>
#include <string>

#include <ringway/coro/task.hpp>
#include <ringway/http/authority_guard.hpp>
#include <ringway/http/session_context.hpp>
#include <ringway/net/transport.hpp>
#include <ringway/observe/labels.hpp>

namespace ringway::http {

namespace detail {
class h2_connection;
}

/// Serves one connection until it ends. One coroutine reads, one writes: what many streams have to
/// say leaves in one flush of the transport. Stands in the context's list of open sessions.
class h2_session {
public:
    /// How the connection came: a session before this one may have counted it already.
    enum class origin : std::uint8_t { fresh, handed_over };

    /// `client` is the peer's address for the log and for its budget; `secure`: the transport
    /// encrypts, and `guard` knows for whom. Lifetime: `output` and `context` outlive the session.
    h2_session(transport& output, session_context& context, observe::transport kind,
               std::string client, bool secure, origin from = origin::fresh,
               authority_guard guard = {});
    h2_session(const h2_session&) = delete;
    h2_session& operator=(const h2_session&) = delete;
    ~h2_session();

    /// Runs the connection, from the preface on; the transport is closed when it ends. Cancel: ends
    /// the connection, responses in flight are cut off. Resumes: on this shard.
    [[nodiscard]] task<void> run();

    /// Lets the requests in flight end and refuses later ones: GOAWAY twice (RFC 9113 section 6.8).
    void drain() noexcept;

private:
    std::unique_ptr<detail::h2_connection> connection_;
};

}  // namespace ringway::http
