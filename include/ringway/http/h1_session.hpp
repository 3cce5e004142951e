// One HTTP/1 connection: requests in, responses out, in order (RFC 9112).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <ringway/base/bytes.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/http/authority_guard.hpp>
#include <ringway/http/h1_connection.hpp>
#include <ringway/http/request.hpp>
#include <ringway/http/session.hpp>
#include <ringway/http/session_context.hpp>
#include <ringway/runtime/timer_wheel.hpp>
#include <ringway/wire/h1_request.hpp>

namespace ringway::http {

/// Received bytes that have not been consumed. Usually they stay in the one buffer that they
/// arrived in; only what is split over buffers, or waits while a response is sent, is copied.
class h1_input {
public:
    [[nodiscard]] std::string_view view() const noexcept {
        return kept_.empty() ? as_text(lease_.bytes()).substr(used_)
                             : std::string_view{kept_}.substr(used_);
    }
    /// Adds received bytes behind those that are there.
    void add(buffer_lease lease);
    /// Drops the first `count` bytes of the view.
    void consume(std::size_t count) noexcept;
    /// Gives the receive buffer back, so that a slow peer does not hold it. Views become invalid.
    void release_buffer();

private:
    buffer_lease lease_;
    std::string kept_;
    std::size_t used_ = 0;
};

/// Serves one connection until it ends. Never two responses at a time; pipelined requests wait.
class h1_session final : public session, timer {
public:
    /// Adopts the connected socket `fd`. `client` is the peer's address for the log.
    /// Lifetime: `context` outlives the session.
    h1_session(int fd, session_context& context, observe::transport kind, std::string client);
    /// Over TLS: `secure` has done its handshake, and is closed when the session ends.
    h1_session(tls::connection& secure, session_context& context, std::string client,
               authority_guard guard);

    /// Runs the connection; the socket is closed when it ends, unless `is_h2` is true then.
    /// Cancel: ends the connection, a response in flight is cut off. Resumes: on this shard.
    [[nodiscard]] task<void> run();

    /// Whether the peer began with the preface of HTTP/2 and the limits allow that: the session has
    /// done nothing then and left the connection open. After `run`.
    [[nodiscard]] bool is_h2() const noexcept { return is_h2_; }
    /// The connection and what was received of it, for the session that takes it over. Lifetime of
    /// the stream: this session's.
    [[nodiscard]] stream& connection() noexcept { return *connection_.plain(); }
    [[nodiscard]] std::string_view received() const noexcept { return input_.view(); }

    void drain() noexcept override;
    void cut_off() noexcept override;

private:
    enum class phase : std::uint8_t { idle, reading_head, responding, discarding, lingering };
    /// How long an idle connection may still send a request when the server drains.
    static constexpr std::chrono::milliseconds drain_grace{100};
    struct response_facts {
        std::uint64_t body_bytes = 0;
        std::uint16_t status = 0;
        wire::coding coding = wire::coding::identity;
        observe::cache_tier cache = observe::cache_tier::none;
        bool from_file = false;  // Not from memory.
    };

    // Not inlined: the compiler would make their frames, with whole responses in them, part of the
    // frame that every idle connection keeps.
    [[nodiscard, gnu::noinline]] task<bool> answer(std::size_t head_bytes);
    [[nodiscard, gnu::noinline]] task<bool> discard_body();
    [[nodiscard, gnu::noinline]] task<void> reject(wire::h1_request_parser::outcome why);
    [[nodiscard, gnu::noinline]] task<void> finish();

    [[nodiscard]] task<void> serve();
    [[nodiscard, gnu::noinline]] task<bool> read_preface();
    [[nodiscard]] bool lacks_tls() const noexcept;
    [[nodiscard]] ready_ref find_ready();
    void take_request(std::size_t head_bytes);
    [[nodiscard]] bool skip_received_body();

    [[nodiscard]] task<result<void>> send_response(const response& what, bool close);
    [[nodiscard]] task<result<void>> send_slice(std::string_view head, const response& what,
                                                file_slice slice);
    [[nodiscard]] task<result<void>> send_multipart(std::string_view head, const response& what);

    void await_request() noexcept;
    void begin_response() noexcept;
    void end_response(const response_facts& facts) noexcept;
    [[nodiscard]] observe::transfer_way way_taken(const response_facts& facts) const noexcept;
    void set_phase(phase next) noexcept;
    [[nodiscard]] bool begins_h2() const noexcept;
    void begin_sending() noexcept;
    void arm_timer(std::chrono::milliseconds limit) noexcept;
    void look_at_latest(nanoseconds deadline) noexcept;
    [[nodiscard]] std::chrono::milliseconds limit_of_phase() const noexcept;
    void tick() noexcept;
    void expire(observe::timeout_kind why) noexcept;
    [[nodiscard]] bool moves_fast_enough(nanoseconds now) noexcept;

    h1_connection connection_;
    authority_guard guard_;
    wire::h1_request_parser parser_;
    h1_input input_;
    stop_source stop_;     // Ends serving: timeouts, drain of an idle connection, cancellation.
    stop_source hang_up_;  // Ends the farewell.
    transfer_progress progress_;
    request_note note_;
    nanoseconds since_{0};    // When the phase began, or the rate window.
    nanoseconds started_{0};  // The request that is being answered.
    std::uint64_t bytes_at_since_ = 0;
    std::uint64_t discarded_ = 0;
    std::uint64_t requests_ = 0;
    phase phase_ = phase::reading_head;
    version protocol_ = version::http_1_1;
    wire::method_id method_ = wire::method_id::unknown;
    bool must_close_ = false;
    bool linger_ = false;
    bool sending_ = false;
    bool broken_body_ = false;
    bool rate_known_ = false;
    bool header_timed_out_ = false;
    bool is_h2_ = false;
    bool cut_off_ = false;
};

}  // namespace ringway::http
