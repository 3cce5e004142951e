#include "support/fake_quic.hpp"

#include <algorithm>
#include <utility>

#include <ringway/base/assert.hpp>

namespace ringway::test {

fake_quic::stream_state& fake_quic::stream(quic::stream_id id) {
    const auto [place, is_new] = streams_.try_emplace(id);
    if (is_new) {
        place->second.window = how_.window;
    }
    return place->second;
}

void fake_quic::deliver(quic::stream_id id, std::string_view bytes, bool fin, bool early) {
    stream_state& to = stream(id);
    do {
        if (closed_ || to.input_over || to.closed) {
            return;
        }
        const std::size_t size = how_.piece_max == 0 || bytes.empty()
                                     ? bytes.size()
                                     : random_.between(1, std::min(bytes.size(), how_.piece_max));
        const bool ends = fin && size == bytes.size();
        to.delivered += size;
        to.input_over = ends;
        if (const auto failed = above_->on_data(id, as_bytes(bytes.substr(0, size)), ends, early)) {
            close(*failed, "");
        }
        bytes.remove_prefix(size);
    } while (!bytes.empty());
    close_what_is_over();
}

void fake_quic::reset(quic::stream_id id, std::uint64_t code) {
    stream_state& of = stream(id);
    if (!closed_ && !of.closed && !of.input_over) {
        of.input_over = true;
        of.peer_reset = how_.is_client ? std::optional{code} : std::nullopt;
        above_->on_reset(id, code);
        close_what_is_over();
    }
}

void fake_quic::stop(quic::stream_id id, std::uint64_t code) {
    stream_state& of = stream(id);
    if (!closed_ && !of.closed && !of.reset) {
        of.reset = code;
        above_->on_stop_sending(id, code);
        close_what_is_over();
    }
}

void fake_quic::handshake_ends() {
    if (!std::exchange(done_, true)) {
        above_->on_handshake_done();
    }
}

void fake_quic::allow_streams(int more) {
    how_.bidi_streams += more;
    above_->on_streams_allowed(quic::direction::bidirectional);
}

void fake_quic::allow(quic::stream_id id, std::uint64_t bytes) {
    stream_state& of = stream(id);
    of.window += bytes;
    if (of.blocked && !closed_) {
        of.blocked = false;
        above_->on_unblocked(id);
    }
}

void fake_quic::acknowledge() {
    for (auto& [id, each] : streams_) {
        const std::uint64_t bytes = each.sent.size() - each.acknowledged;
        each.acknowledged = each.sent.size();
        if (bytes > 0 && !closed_ && !each.closed) {
            above_->on_acknowledged(id, bytes);
        }
    }
    close_what_is_over();
}

bool fake_quic::pump(std::size_t rounds) {
    bool sent = false;
    while (!closed_ && rounds-- > 0) {
        const quic::stream_output next = above_->next_output();
        if (next.stream < 0 || closed_) {
            break;
        }
        sent = send(next) || sent;
        if (how_.acknowledges && random_.below(3) == 0) {
            acknowledge();
        }
    }
    if (how_.acknowledges) {
        acknowledge();
    }
    return sent;
}

// One packet or a part of one.
bool fake_quic::send(const quic::stream_output& what) {
    stream_state& to = stream(what.stream);
    if (to.reset) {
        above_->on_shut(what.stream);
        return false;
    }
    std::size_t whole = 0;
    for (const iovec& each : what.pieces) {
        whole += each.iov_len;
    }
    std::size_t room = std::min<std::uint64_t>(whole, to.window - to.sent.size());
    if (how_.piece_max > 0 && room > 0) {
        room = random_.between(1, std::min(room, how_.piece_max));
    }
    if (whole > 0 && room == 0) {
        to.blocked = true;
        above_->on_blocked(what.stream);
        return true;
    }
    std::size_t left = room;
    for (const iovec& each : what.pieces) {
        const std::size_t part = std::min(left, each.iov_len);
        to.sent.append(static_cast<const char*>(each.iov_base), part);
        left -= part;
    }
    const bool fin = what.fin && room == whole;
    to.fin = to.fin || fin;
    history_.push_back(what.stream);
    above_->on_written(what.stream, room, fin);
    return true;
}

void fake_quic::close_what_is_over() {
    for (auto& [id, each] : streams_) {
        const bool is_uni = (id & 2) != 0;
        const bool is_ours = (id & 1) == (how_.is_client ? 0 : 1);
        const bool output_over = each.reset || (each.fin && each.acknowledged == each.sent.size());
        const bool over =
            is_uni ? (is_ours ? output_over : each.input_over) : output_over && each.input_over;
        if (over && !each.closed && !closed_) {
            each.closed = true;
            above_->on_stream_closed(id, each.peer_reset ? each.peer_reset : each.reset);
        }
    }
}

result<quic::stream_id> fake_quic::open_stream(quic::direction which) {
    const bool is_uni = which == quic::direction::unidirectional;
    RW_ASSERT(is_uni || how_.is_client);
    int& opened = is_uni ? opened_ : opened_bidi_;
    if (opened == (is_uni ? how_.uni_streams : how_.bidi_streams)) {
        return std::unexpected{error{errc::would_block}};
    }
    return (how_.is_client ? 0 : 1) + (is_uni ? 2 : 0) + 4 * opened++;
}

void fake_quic::consumed(quic::stream_id id, std::size_t bytes) noexcept {
    stream_state& of = stream(id);
    of.consumed += bytes;
    RW_ASSERT(of.consumed <= of.delivered);
}

void fake_quic::reset_stream(quic::stream_id id, std::uint64_t code) noexcept {
    stream_state& of = stream(id);
    of.reset = of.reset.value_or(code);
}

void fake_quic::stop_reading(quic::stream_id id, std::uint64_t code) noexcept {
    stream_state& of = stream(id);
    of.stopped = of.stopped.value_or(code);
    of.input_over = true;
}

void fake_quic::close(std::uint64_t code, std::string_view) noexcept {
    closed_ = closed_.value_or(code);
}

std::uint64_t fake_quic::stream_credit(quic::stream_id id) const noexcept {
    const auto known = streams_.find(id);
    return known == streams_.end() ? how_.window : known->second.window - known->second.sent.size();
}

}  // namespace ringway::test
