// A protocol on QUIC for tests: sends what it is given on streams, keeps or echoes what comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ringway/coro/event.hpp>
#include <ringway/quic/client.hpp>
#include <ringway/quic/connection.hpp>
#include <ringway/quic/server.hpp>

namespace ringway::test {

/// Bytes of a test stream at any offset, without keeping them: the same block over and over.
inline constexpr std::size_t made_block_bytes = 65536;
[[nodiscard]] const std::string& made_block();

/// What a server does with what comes: send it back, or read "send N\n" and send N made bytes.
enum class stream_role : unsigned char { keeps, echoes, makes };

class quic_streams final : public quic::application {
public:
    quic_streams(quic::connection& below, stream_role role) noexcept : below_{below}, role_{role} {}

    struct received {
        std::string text;         ///< Empty with `made`.
        std::uint64_t bytes = 0;  ///< All that came.
        std::uint64_t early = 0;  ///< Of those: as early data.
        bool fin = false;
        bool closed = false;
        bool wrong = false;  ///< Made bytes that differ from what they should be.
        std::optional<std::uint64_t> reset;
        bool shut = false;  ///< Nothing can be sent any more.
    };

    /// Opens a stream and sends `text` and its end. -1 when none is allowed.
    quic::stream_id ask(std::string text, bool fin = true);
    /// More on an open stream.
    void send(quic::stream_id stream, std::string text, bool fin);
    /// Whether the stream has ended in both directions.
    [[nodiscard]] bool is_closed(quic::stream_id stream) const;
    [[nodiscard]] received& of(quic::stream_id stream) { return received_[stream]; }
    [[nodiscard]] std::size_t streams() const noexcept { return received_.size(); }
    [[nodiscard]] quic::connection& below() noexcept { return below_; }
    /// Comes with the next data.
    void fail_next(std::uint64_t code) noexcept { failing_ = code; }

    bool verifies_made = false;  ///< What comes must be made bytes; they are not kept.
    bool ready = false;
    bool done = false;
    bool early_refused = false;
    bool over = false;
    bool drained = false;
    unsigned migrations = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t acknowledged = 0;

    // quic::application
    quic::failure on_ready() override;
    void on_handshake_done() override { done = true; }
    void on_early_data_refused() override;
    quic::failure on_data(quic::stream_id stream, byte_view bytes, bool fin, bool early) override;
    void on_acknowledged(quic::stream_id stream, std::uint64_t bytes) override;
    void on_reset(quic::stream_id stream, std::uint64_t code) override;
    void on_stop_sending(quic::stream_id stream, std::uint64_t code) override;
    void on_stream_closed(quic::stream_id stream, std::optional<std::uint64_t> code) override;
    void on_unblocked(quic::stream_id stream) override;
    quic::stream_output next_output() override;
    void on_written(quic::stream_id stream, std::size_t bytes, bool fin) override;
    void on_blocked(quic::stream_id stream) override;
    void on_shut(quic::stream_id stream) override;
    void on_migrated(const endpoint&) override { ++migrations; }
    void drain() override { drained = true; }
    void on_closed() override { over = true; }
    task<void> finish() override;

private:
    struct outgoing {
        std::deque<std::string> pieces;  // Stay as they are until the stream is closed.
        std::size_t piece = 0;           // The next one to write, and how much of it is written.
        std::size_t offset = 0;
        std::uint64_t made_left = 0;  // Behind the pieces.
        std::uint64_t made_sent = 0;
        bool fin = false;
        bool fin_written = false;
        bool blocked = false;
        bool shut = false;
        bool listed = false;
    };

    void list(quic::stream_id stream);
    [[nodiscard]] static bool has_output(const outgoing& from) noexcept;
    void obey(quic::stream_id stream);

    quic::connection& below_;
    stream_role role_;
    std::map<quic::stream_id, received> received_;
    std::map<quic::stream_id, outgoing> outgoing_;
    std::deque<quic::stream_id> ready_;
    std::vector<iovec> pieces_;
    quic::failure failing_;
};

/// Makes them for the connections of a server.
class quic_streams_service final : public quic::service {
public:
    explicit quic_streams_service(stream_role role = stream_role::echoes) noexcept : role_{role} {}

    std::unique_ptr<quic::application> accept(quic::accepted_connection& client) override;

    bool refuses = false;
    std::size_t accepted = 0;
    quic_streams* latest = nullptr;  ///< May be gone.
    quic::accepted_connection* latest_link = nullptr;
    std::string latest_name;

private:
    stream_role role_;
};

}  // namespace ringway::test
