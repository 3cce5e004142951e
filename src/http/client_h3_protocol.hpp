// HTTP/3 as QUIC sees it: what a connection tells a client, handed on to nghttp3.
#pragma once

#include <array>
#include <optional>

#include "http/client_h3.hpp"

namespace ringway::http::detail {

class client_h3::protocol final : public quic::application {
public:
    explicit protocol(client_h3& owner) noexcept : owner_{owner} {}

    [[nodiscard]] quic::failure on_ready() override { return owner_.start(); }
    void on_handshake_done() override { owner_.handshake_done_ = true; }
    void on_early_data_refused() override { owner_.start_over(); }
    [[nodiscard]] quic::failure on_data(quic::stream_id stream, byte_view bytes, bool fin,
                                        bool early) override;
    void on_acknowledged(quic::stream_id stream, std::uint64_t bytes) override;
    void on_reset(quic::stream_id stream, std::uint64_t code) override;
    void on_stop_sending(quic::stream_id, std::uint64_t) override {}
    void on_stream_closed(quic::stream_id stream, std::optional<std::uint64_t> code) override;
    void on_unblocked(quic::stream_id stream) override;
    void on_streams_allowed(quic::direction which) override;
    [[nodiscard]] quic::stream_output next_output() override;
    void on_written(quic::stream_id stream, std::size_t bytes, bool fin) override;
    void on_blocked(quic::stream_id stream) override;
    void on_shut(quic::stream_id stream) override;
    void on_closed() override { owner_.end(); }
    [[nodiscard]] task<void> finish() override;

private:
    void check(int code) noexcept;

    client_h3& owner_;
    std::array<iovec, quic::stream_output::pieces_max> pieces_{};
};

}  // namespace ringway::http::detail
