#include "support/quic_streams.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <ringway/base/assert.hpp>

namespace ringway::test {

const std::string& made_block() {
    static const std::string block = [] {
        std::string text(made_block_bytes, '\0');
        std::uint32_t state = 1;
        for (char& each : text) {
            state = state * 1664525 + 1013904223;
            each = static_cast<char>(state >> 24U);
        }
        return text;
    }();
    return block;
}

quic::stream_id quic_streams::ask(std::string text, bool fin) {
    const auto stream = below_.open_stream(quic::direction::bidirectional);
    if (!stream) {
        return -1;
    }
    received_[*stream];
    send(*stream, std::move(text), fin);
    return *stream;
}

void quic_streams::send(quic::stream_id stream, std::string text, bool fin) {
    outgoing& to = outgoing_[stream];
    if (!text.empty()) {
        to.pieces.push_back(std::move(text));
    }
    to.fin = to.fin || fin;
    list(stream);
    below_.wake();
}

bool quic_streams::is_closed(quic::stream_id stream) const {
    const auto found = received_.find(stream);
    return found != received_.end() && found->second.closed;
}

quic::failure quic_streams::on_ready() {
    ready = true;
    return {};
}

void quic_streams::on_early_data_refused() {
    early_refused = true;
    received_.clear();
    outgoing_.clear();
    ready_.clear();
}

quic::failure quic_streams::on_data(quic::stream_id stream, byte_view bytes, bool fin, bool early) {
    if (failing_) {
        return std::exchange(failing_, {});
    }
    received& into = received_[stream];
    if (verifies_made) {
        for (std::size_t seen = 0; seen < bytes.size();) {
            const std::size_t at = (into.bytes + seen) % made_block_bytes;
            const std::size_t size = std::min(bytes.size() - seen, made_block_bytes - at);
            into.wrong |= std::memcmp(bytes.data() + seen, made_block().data() + at, size) != 0;
            seen += size;
        }
    } else {
        into.text += as_text(bytes);
    }
    into.bytes += bytes.size();
    into.early += early ? bytes.size() : 0;
    into.fin |= fin;
    bytes_received += bytes.size();
    below_.consumed(stream, bytes.size());
    if (role_ == stream_role::echoes) {
        send(stream, std::string{as_text(bytes)}, fin);
    } else if (role_ == stream_role::makes && fin) {
        obey(stream);
    }
    return {};
}

void quic_streams::obey(quic::stream_id stream) {
    const std::string& text = received_[stream].text;
    RW_ASSERT(text.starts_with("send "));
    outgoing_[stream].made_left = std::stoull(text.substr(5));
    send(stream, "", true);
}

void quic_streams::on_acknowledged(quic::stream_id, std::uint64_t bytes) { acknowledged += bytes; }

void quic_streams::on_reset(quic::stream_id stream, std::uint64_t code) {
    received_[stream].reset = code;
}

void quic_streams::on_stop_sending(quic::stream_id stream, std::uint64_t) { on_shut(stream); }

void quic_streams::on_stream_closed(quic::stream_id stream, std::optional<std::uint64_t>) {
    received_[stream].closed = true;
    outgoing_.erase(stream);
}

void quic_streams::on_unblocked(quic::stream_id stream) {
    const auto found = outgoing_.find(stream);
    if (found != outgoing_.end()) {
        found->second.blocked = false;
        list(stream);
    }
}

bool quic_streams::has_output(const outgoing& from) noexcept {
    return !from.blocked && !from.shut &&
           (from.piece < from.pieces.size() || from.made_left > 0 ||
            (from.fin && !from.fin_written));
}

void quic_streams::list(quic::stream_id stream) {
    outgoing& which = outgoing_[stream];
    if (!which.listed && has_output(which)) {
        which.listed = true;
        ready_.push_back(stream);
    }
}

quic::stream_output quic_streams::next_output() {
    while (!ready_.empty()) {
        const quic::stream_id stream = ready_.front();
        const auto found = outgoing_.find(stream);
        if (found == outgoing_.end() || !has_output(found->second)) {
            if (found != outgoing_.end()) {
                found->second.listed = false;
            }
            ready_.pop_front();
            continue;
        }
        outgoing& from = found->second;
        pieces_.clear();
        std::size_t offset = from.offset;
        for (std::size_t at = from.piece; at < from.pieces.size() && pieces_.size() < 8; ++at) {
            std::string& text = from.pieces[at];
            pieces_.push_back({text.data() + offset, text.size() - offset});
            offset = 0;
        }
        bool all = from.piece + pieces_.size() == from.pieces.size();
        if (all && from.made_left > 0) {
            const std::size_t at = from.made_sent % made_block_bytes;
            const auto size = static_cast<std::size_t>(
                std::min<std::uint64_t>(from.made_left, made_block_bytes - at));
            pieces_.push_back({const_cast<char*>(made_block().data()) + at, size});
            all = size == from.made_left;
        }
        return {.stream = stream, .pieces = pieces_, .fin = all && from.fin};
    }
    return {};
}

void quic_streams::on_written(quic::stream_id stream, std::size_t bytes, bool fin) {
    outgoing& from = outgoing_[stream];
    while (bytes > 0 && from.piece < from.pieces.size()) {
        const std::size_t left = from.pieces[from.piece].size() - from.offset;
        const std::size_t size = std::min(left, bytes);
        from.offset += size;
        bytes -= size;
        if (size == left) {
            ++from.piece;
            from.offset = 0;
        }
    }
    RW_ASSERT(bytes <= from.made_left);
    from.made_left -= bytes;
    from.made_sent += bytes;
    from.fin_written = fin && from.piece == from.pieces.size() && from.made_left == 0;
    ready_.pop_front();  // The next stream has its turn.
    from.listed = false;
    list(stream);
}

void quic_streams::on_blocked(quic::stream_id stream) { outgoing_[stream].blocked = true; }

void quic_streams::on_shut(quic::stream_id stream) {
    received_[stream].shut = true;
    outgoing_[stream].shut = true;
}

task<void> quic_streams::finish() {
    RW_ASSERT(over);
    co_return;
}

std::unique_ptr<quic::application> quic_streams_service::accept(quic::accepted_connection& client) {
    if (refuses) {
        return nullptr;
    }
    ++accepted;
    latest_name = client.server_name();
    auto made = std::make_unique<quic_streams>(client, role_);
    latest = made.get();
    latest_link = &client;
    return made;
}

}  // namespace ringway::test
