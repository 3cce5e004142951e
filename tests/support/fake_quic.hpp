// A QUIC connection without a network: what a test delivers goes to the protocol on top, and what
// that sends is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/quic/server.hpp>

#include "ring/simulated_random.hpp"

namespace ringway::test {

/// How packets behave.
struct fake_quic_manner {
    std::uint64_t seed = 1;
    std::size_t piece_max = 0;         ///< Bytes that are delivered, or taken, at once; 0: all.
    std::uint64_t window = 1U << 20U;  ///< Of each stream; what is read opens it again.
    bool acknowledges = true;
    std::size_t send_target = std::size_t{256} * 1024;
    int uni_streams = 3;     ///< That may be opened by us.
    bool is_client = false;  ///< What is on top is a client, and the test its server.
    int bidi_streams = 100;  ///< That a client may open.
};

class fake_quic final : public quic::accepted_connection {
public:
    struct stream_state {
        std::string sent;  ///< By the server, all of it.
        bool fin = false;
        std::optional<std::uint64_t> reset;    ///< By the server.
        std::optional<std::uint64_t> stopped;  ///< The server wants no more.
        std::uint64_t acknowledged = 0;
        std::uint64_t window = 0;
        std::uint64_t delivered = 0;
        std::uint64_t consumed = 0;
        bool blocked = false;
        std::optional<std::uint64_t> peer_reset;  ///< Told to a client when the stream closes.
        bool input_over = false;
        bool closed = false;
    };

    explicit fake_quic(const fake_quic_manner& how) : how_{how}, random_{how.seed} {}

    void attach(quic::application& above) { above_ = &above; }

    // What the peer does:
    void deliver(quic::stream_id id, std::string_view bytes, bool fin = false, bool early = false);
    void reset(quic::stream_id id, std::uint64_t code);
    void stop(quic::stream_id id, std::uint64_t code);
    void handshake_ends();
    /// Lets a client open so many more streams.
    void allow_streams(int more);
    /// Opens the window of a stream.
    void allow(quic::stream_id id, std::uint64_t bytes);
    /// Acknowledges everything that was sent.
    void acknowledge();
    /// Lets the server send until it has no more, or `rounds` packets. Returns whether it sent any.
    bool pump(std::size_t rounds = 100'000);

    [[nodiscard]] stream_state& stream(quic::stream_id id);
    [[nodiscard]] const std::optional<std::uint64_t>& closed() const noexcept { return closed_; }
    /// The streams in the order in which they were written last.
    [[nodiscard]] const std::vector<quic::stream_id>& history() const noexcept { return history_; }

    // connection:
    result<quic::stream_id> open_stream(quic::direction which) override;
    void consumed(quic::stream_id id, std::size_t bytes) noexcept override;
    void reset_stream(quic::stream_id id, std::uint64_t code) noexcept override;
    void stop_reading(quic::stream_id id, std::uint64_t code) noexcept override;
    void wake() noexcept override {}
    void close(std::uint64_t code, std::string_view reason) noexcept override;
    [[nodiscard]] bool handshake_done() const noexcept override { return done_; }
    [[nodiscard]] const endpoint& peer() const noexcept override { return peer_; }
    [[nodiscard]] std::string_view server_name() const noexcept override { return "h"; }
    [[nodiscard]] std::uint64_t stream_credit(quic::stream_id id) const noexcept override;
    [[nodiscard]] quic::path_facts facts() const noexcept override { return {}; }
    [[nodiscard]] std::size_t send_buffer_target() const noexcept override {
        return how_.send_target;
    }
    [[nodiscard]] const endpoint& local() const noexcept override { return peer_; }
    [[nodiscard]] const tls::policy* shown() const noexcept override { return nullptr; }
    [[nodiscard]] bool resumed() const noexcept override { return false; }
    [[nodiscard]] std::string cipher_text() const override { return "none"; }

private:
    void close_what_is_over();
    bool send(const quic::stream_output& what);

    fake_quic_manner how_;
    detail::simulated_random random_;
    quic::application* above_ = nullptr;
    std::map<quic::stream_id, stream_state> streams_;
    std::vector<quic::stream_id> history_;
    std::optional<std::uint64_t> closed_;
    endpoint peer_ = endpoint::loopback(4433);
    int opened_ = 0;
    int opened_bidi_ = 0;
    bool done_ = false;
};

}  // namespace ringway::test
