// The state of an HTTP/3 connection, between nghttp3, QUIC and the handler.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nghttp3/nghttp3.h>

#include <ringway/base/bytes.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/http/authority_guard.hpp>
#include <ringway/http/connection_gate.hpp>
#include <ringway/quic/connection.hpp>
#include <ringway/runtime/timer_wheel.hpp>

#include "http/engine_memory.hpp"
#include "http/h3_guard.hpp"
#include "http/h3_stream.hpp"
#include "http/stream_session.hpp"

namespace ringway::http::detail {

class response_fields;

/// RFC 9114 on a QUIC connection; see `h3_service`. nghttp3 does the framing and the compression.
/// After it has failed it is not asked again: then the connection ends.
class h3_connection final : public quic::application, stream_session, timer {
public:
    /// Lifetime: all outlive it. `client` is the peer's address for the log and for its budget.
    /// `pass` enters its gate when the handshake is complete.
    h3_connection(quic::connection& below, session_context& context, std::string client,
                  authority_guard authorities, gate_pass pass = {});
    ~h3_connection() override;

    // What QUIC calls:
    [[nodiscard]] quic::failure on_ready() override;
    void on_handshake_done() override;
    [[nodiscard]] quic::failure on_data(quic::stream_id stream, byte_view bytes, bool fin,
                                        bool early) override;
    void on_acknowledged(quic::stream_id stream, std::uint64_t bytes) override;
    void on_reset(quic::stream_id stream, std::uint64_t code) override;
    void on_stop_sending(quic::stream_id stream, std::uint64_t code) override;
    void on_stream_closed(quic::stream_id stream, std::optional<std::uint64_t> code) override;
    void on_unblocked(quic::stream_id stream) override;
    [[nodiscard]] quic::stream_output next_output() override;
    void on_written(quic::stream_id stream, std::size_t bytes, bool fin) override;
    void on_blocked(quic::stream_id stream) override;
    void on_shut(quic::stream_id stream) override;
    void on_address_proved(const endpoint& at) override;
    void on_closed() override;
    [[nodiscard]] task<void> finish() override;
    /// Of both: QUIC's and the server's list of sessions.
    void drain() noexcept override;
    void cut_off() noexcept override;

    // What nghttp3 calls; see h3_callbacks.cpp.
    [[nodiscard]] int on_begin_head(quic::stream_id id);
    [[nodiscard]] int on_field(h3_stream& in, std::string_view name, std::string_view value);
    void on_head(h3_stream& in);
    void on_body_bytes(h3_stream& in, std::size_t bytes);
    void on_request_end(h3_stream& in);
    void on_engine_reset(quic::stream_id stream, std::uint64_t code);
    void on_engine_stop(quic::stream_id stream, std::uint64_t code);
    void on_consumed(quic::stream_id stream, std::size_t bytes) noexcept;
    void on_body_acknowledged(h3_stream& of, std::uint64_t bytes) noexcept;
    [[nodiscard]] nghttp3_ssize read_data(h3_stream& of, nghttp3_vec* out, std::size_t count,
                                          std::uint32_t& flags);

private:
    // Streams that the peer has opened for itself.
    struct uni_input {
        quic::stream_id id = -1;
        h3_scanner scanner{h3_input::untyped};
    };
    static constexpr std::size_t bucket_count = 64;
    static constexpr std::size_t uni_inputs_max = 256;

    // h3_connection.cpp: the life of the connection.
    [[nodiscard]] bool start();
    [[nodiscard]] bool usable() const noexcept { return engine_ != nullptr && !failed_ && !dead_; }
    /// For each call of nghttp3: its memory may be packed before.
    [[nodiscard]] nghttp3_conn* engine() const noexcept {
        if (resting_memory* const memory = below_.memory()) {
            memory->wake();
        }
        return engine_;
    }
    [[nodiscard]] bool check(int outcome);
    void fail(std::uint64_t code, std::string_view reason) noexcept;
    void end_for(observe::abuse_kind why) noexcept;
    [[nodiscard]] bool obey(const h3_verdict& verdict) noexcept;
    void wake() noexcept override { below_.wake(); }
    [[nodiscard]] bool is_proven() const noexcept override { return below_.handshake_done(); }
    void say_goodbye() noexcept;
    void end_if_drained() noexcept;

    // h3_input.cpp: from bytes to nghttp3.
    void read_uni(quic::stream_id id, byte_view bytes, bool fin);
    void read_request(quic::stream_id id, byte_view bytes, bool fin, bool early);
    void read_frames(h3_stream& in, byte_view bytes, bool fin);
    [[nodiscard]] bool ends_well(h3_stream& in);
    void feed_control(quic::stream_id id, byte_view bytes, bool fin);
    void feed(quic::stream_id id, byte_view bytes, bool fin);
    [[nodiscard]] h3_stream* stream_of(quic::stream_id id) const noexcept;
    [[nodiscard]] h3_stream& make_stream(quic::stream_id id);
    void drop_head(h3_stream& of) noexcept;
    void unlink_head(h3_stream& of) noexcept;
    void remove(h3_stream& gone) noexcept;
    void give_up(h3_stream& which, std::uint64_t code) noexcept;
    void peer_gave_up(quic::stream_id id) noexcept;

    // h3_requests.cpp: from a header section to a response.
    [[nodiscard]] bool takes_answer(const stream_exchange& to) const noexcept override;
    void submit_fields(stream_exchange& which, const response_fields& what) override;
    void release(stream_exchange& which) noexcept override;

    // h3_output.cpp: bodies.
    [[nodiscard]] std::size_t allowance(const h3_stream& of) const noexcept;
    [[nodiscard]] bool take_memory(h3_stream& of, std::size_t most, nghttp3_vec& out);
    [[nodiscard]] nghttp3_ssize take_file(h3_stream& of, std::size_t most, nghttp3_vec& out);
    [[nodiscard]] block_ref block_for(h3_stream& of, std::size_t most);
    [[nodiscard, gnu::noinline]] task<void> load(h3_stream& of);

    // h3_accounting.cpp: deadlines.
    void arm_timer(std::chrono::nanoseconds limit) noexcept;
    void tick() noexcept;
    [[nodiscard]] nanoseconds grace() const noexcept;
    [[nodiscard]] nanoseconds goodbye_patience() const noexcept;
    [[nodiscard]] bool has_business() const noexcept;
    [[nodiscard]] bool is_serving() const noexcept;
    void look_whether_idle(nanoseconds now) noexcept;
    void look_at_heads(nanoseconds now) noexcept;
    void look_at_streams(nanoseconds now) noexcept;
    void look_at_rate(nanoseconds now) noexcept;

    gate_pass pass_;
    quic::connection& below_;
    engine_memory memory_;
    h3_guard guard_;
    nghttp3_conn* engine_ = nullptr;
    std::array<h3_stream*, bucket_count> buckets_{};  // By stream number.
    h3_stream* heads_ = nullptr;                      // Those that are no request yet.
    std::size_t head_bytes_ = 0;                      // Of all heads that are being received.
    std::unique_ptr<stream_head> spare_head_;
    std::vector<uni_input> uni_inputs_;
    std::optional<std::byte> withheld_;  // Of the control stream.
    std::array<iovec, quic::stream_output::pieces_max> pieces_{};
    quic::stream_id control_ = -1;  // Ours.
    std::uint64_t control_unacknowledged_ = 0;
    std::uint64_t closed_ = 0;        // Streams of requests that are no more.
    std::size_t unsent_ = 0;          // Of bodies, with nghttp3, roughly.
    std::uint64_t outstanding_ = 0;   // Of bodies: not acknowledged.
    std::uint64_t acknowledged_ = 0;  // Of bodies.
    nanoseconds idle_since_{0};
    nanoseconds drain_since_{0};
    nanoseconds goodbye_since_{0};
    // At the last look at the rate:
    nanoseconds rate_since_{0};
    std::uint64_t acknowledged_at_look_ = 0;
    bool was_sending_ = false;
    bool ready_ = false;
    bool trusted_ = false;  // The handshake is complete.
    bool failed_ = false;   // The connection is being closed by us.
    bool draining_ = false;
    bool goaway_final_ = false;  // Later requests are not served.
    bool goodbye_written_ = false;
};

/// For the metrics.
[[nodiscard]] constexpr observe::reject_reason reason_of(connection_gate::verdict said) noexcept {
    return said == connection_gate::verdict::limit_total ? observe::reject_reason::limit_total
                                                         : observe::reject_reason::limit_address;
}

/// What all connections give nghttp3.
[[nodiscard]] const nghttp3_callbacks& h3_callbacks() noexcept;

/// What we tell of ourselves in SETTINGS.
[[nodiscard]] nghttp3_settings h3_settings(const session_limits& limits) noexcept;

}  // namespace ringway::http::detail
