#include "http/client_h3_protocol.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ringway::http::detail {

// What nghttp3 can't go on after ends the connection.
void client_h3::protocol::check(int code) noexcept {
    if (code != 0 && code != NGHTTP3_ERR_STREAM_NOT_FOUND) {
        owner_.link_->close(nghttp3_err_infer_quic_app_error_code(code), nghttp3_strerror(code));
    }
}

quic::failure client_h3::protocol::on_data(quic::stream_id stream, byte_view bytes, bool fin,
                                           bool) {
    owner_.on_bytes(stream, bytes);
    const auto read = nghttp3_conn_read_stream(owner_.engine_, stream,
                                               reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                               bytes.size(), fin ? 1 : 0);
    if (read < 0) {
        owner_.failure_.text = nghttp3_strerror(static_cast<int>(read));
        return nghttp3_err_infer_quic_app_error_code(static_cast<int>(read));
    }
    owner_.link_->consumed(stream, static_cast<std::size_t>(read));
    return std::nullopt;
}

void client_h3::protocol::on_acknowledged(quic::stream_id stream, std::uint64_t bytes) {
    check(nghttp3_conn_add_ack_offset(owner_.engine_, stream, bytes));
}

void client_h3::protocol::on_reset(quic::stream_id stream, std::uint64_t) {
    check(nghttp3_conn_shutdown_stream_read(owner_.engine_, stream));
}

void client_h3::protocol::on_stream_closed(quic::stream_id stream,
                                           std::optional<std::uint64_t> code) {
    check(nghttp3_conn_close_stream(owner_.engine_, stream, code.value_or(NGHTTP3_H3_NO_ERROR)));
}

void client_h3::protocol::on_unblocked(quic::stream_id stream) {
    check(nghttp3_conn_unblock_stream(owner_.engine_, stream));
}

void client_h3::protocol::on_streams_allowed(quic::direction which) {
    if (which == quic::direction::bidirectional) {
        owner_.submit_waiting();
    }
}

quic::stream_output client_h3::protocol::next_output() {
    if (owner_.engine_ == nullptr) {
        return {};
    }
    std::array<nghttp3_vec, quic::stream_output::pieces_max> parts{};
    std::int64_t id = -1;
    int fin = 0;
    const auto count =
        nghttp3_conn_writev_stream(owner_.engine_, &id, &fin, parts.data(), parts.size());
    if (count < 0) {
        check(static_cast<int>(count));
        return {};
    }
    const auto used = static_cast<std::size_t>(count);
    std::transform(parts.begin(), parts.begin() + count, pieces_.begin(),
                   [](const nghttp3_vec& each) { return iovec{each.base, each.len}; });
    return {.stream = id, .pieces = std::span{pieces_}.first(used), .fin = fin != 0};
}

void client_h3::protocol::on_written(quic::stream_id stream, std::size_t bytes, bool) {
    check(nghttp3_conn_add_write_offset(owner_.engine_, stream, bytes));
}

void client_h3::protocol::on_blocked(quic::stream_id stream) {
    nghttp3_conn_block_stream(owner_.engine_, stream);
}

void client_h3::protocol::on_shut(quic::stream_id stream) {
    nghttp3_conn_shutdown_stream_write(owner_.engine_, stream);
}

task<void> client_h3::protocol::finish() { co_return; }

}  // namespace ringway::http::detail
