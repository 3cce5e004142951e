// What connections of HTTP/2 and HTTP/3 do alike: from a header section to a response.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <ringway/coro/scope.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/http/authority_guard.hpp>
#include <ringway/http/session.hpp>

#include "http/stream_exchange.hpp"
#include "http/stream_head.hpp"

namespace ringway::http::detail {

class response_fields;

/// The requests of one connection that are being answered, and how that is done. What is said on
/// the wire is the protocol's part.
class stream_session : public session {
protected:
    /// As `session`; `guard` knows for whom a certificate was shown.
    stream_session(session_context& context, observe::transport kind, std::string client,
                   authority_guard guard);
    ~stream_session();

    /// False: nobody wants an answer on the stream of `to` any more.
    [[nodiscard]] virtual bool takes_answer(const stream_exchange& to) const noexcept = 0;
    /// Sends the head of the response of `to`, and then its `body`.
    virtual void submit_fields(stream_exchange& to, const response_fields& what) = 0;
    /// The peer's address is its own: nobody else can have sent what came in its name.
    [[nodiscard]] virtual bool is_proven() const noexcept { return true; }
    /// There is something to write.
    virtual void wake() noexcept = 0;
    /// `gone` is closed and nobody works for it: `forget` it and destroy it.
    virtual void release(stream_exchange& gone) noexcept = 0;

    /// Takes a request in whose header section was judged: `ended` if there is no body. Answers it
    /// now, later, or when `on_hold` ends.
    void take_request(stream_exchange& made, const stream_head& head,
                      const stream_head::outcome& judged, bool ended);
    /// Makes the answer. Once for each exchange; later calls do nothing.
    void begin_answer(stream_exchange& to);
    /// Bytes of a request body: nobody wants them, but an answer that came before their end would
    /// be taken for one to a request that was fine.
    void on_body(stream_exchange& of, std::size_t bytes);
    void on_body_end(stream_exchange& of);
    /// What may be a replay is none: answers what was due.
    void end_hold(stream_exchange& of);
    /// Counts the response, once.
    void count(stream_exchange& of) noexcept;
    /// Counts `gone` and takes it off the list. The stream is no more.
    void forget(stream_exchange& gone) noexcept;
    /// Asks all handlers to end, and waits until they have.
    [[nodiscard]] task<void> end_work();
    /// Destroys all exchanges. Nobody may work for them.
    void release_all() noexcept;

    /// There is more work than a peer may cause, maybe of streams long reset.
    [[nodiscard]] bool refuses_more() const noexcept;
    /// An answer is still being made, so that there will be more to write.
    [[nodiscard]] bool is_answering() const noexcept;

    scope work_;  // Handlers, reads of files.
    stream_exchange* exchanges_ = nullptr;
    std::size_t open_ = 0;
    std::uint64_t requests_ = 0;
    bool dead_ = false;  // Nothing can be said any more.

private:
    void submit(stream_exchange& to);
    [[nodiscard, gnu::noinline]] task<void> answer(stream_exchange& to);
    void remember_for_log(stream_exchange& made, const stream_head& head);
    void hold(stream_exchange& in, std::size_t bytes) noexcept;
    void drop_asked(stream_exchange& of) noexcept;

    authority_guard authorities_;
    std::size_t held_bytes_ = 0;  // Of all exchanges.
};

}  // namespace ringway::http::detail
