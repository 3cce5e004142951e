// The write pass of a link: ngtcp2 makes packets of what the application has.
#include <algorithm>

#include <ringway/base/assert.hpp>

#include "quic/link.hpp"
#include "quic/packet_protection.hpp"

namespace ringway::quic::detail {
namespace {

// An application that goes on offering what can't be written would keep the shard busy for ever.
constexpr unsigned fruitless_max = 4096;

}  // namespace

bool link::timer_is_due() noexcept {
    if (!timer_fired_) {
        return false;
    }
    timer_fired_ = false;
    return ngtcp2_conn_get_expiry(native()) <= time_;
}

void link::update_pacer() noexcept {
    ngtcp2_conn_info info;
    ngtcp2_conn_get_conn_info(native(), &info);
    const bool measured = info.min_rtt != UINT64_MAX && handshake_done_ && !paced_by_ngtcp2_;
    pacer_.update(time_, {.window = info.cwnd,
                          .slow_start = info.cwnd < info.ssthresh,
                          .smoothed_rtt = measured ? info.smoothed_rtt : 0,
                          .packet_bytes = ngtcp2_conn_get_path_max_tx_udp_payload_size(native())});
}

// A probe of the path's MTU counts as any other packet: it may well be too long for the first link,
// and what follows must not wait as if it had been sent.
void link::note_written(std::size_t bytes) noexcept {
    if (handshake_done_ && !paced_by_ngtcp2_) {
        pacer_.sent(bytes);
    }
}

pass link::write(burst& out, std::size_t bytes_max) {
    if (is_over()) {
        return pass::over;
    }
    clock();
    if (timer_is_due()) {
        const int outcome = ngtcp2_conn_handle_expiry(native(), time_);
        if (outcome != 0) {
            out.flush();
            fail_with(outcome);
            return pass::over;
        }
    }
    if (close_) {
        out.flush();
        send_close(close_->what);
        return pass::over;
    }
    // Probes of the path's MTU are longer: they wait until the buffer has room.
    const std::size_t packet_max = ngtcp2_conn_get_path_max_tx_udp_payload_size(native());
    const std::size_t quantum = ngtcp2_conn_get_send_quantum(native());
    // The last packet may go beyond: so they all fit into one send.
    std::size_t left = std::max<std::size_t>(std::min(bytes_max - packet_max, quantum), 1);
    ngtcp2_path_storage path;
    ngtcp2_path_storage_zero(&path);
    bool wrote = false;
    ngtcp2_tstamp held_until = 0;
    update_pacer();
    while (left > 0) {
        if (!pacer_.allows()) {
            held_until = pacer_.hold();
            break;
        }
        ngtcp2_pkt_info info{};
        const byte_span room = out.room(packet_max);
        const ngtcp2_ssize bytes = write_packet(room, path, info);
        if (bytes < 0) {
            out.flush();
            fail_with(static_cast<int>(bytes));
            return pass::over;
        }
        if (bytes == 0) {
            break;
        }
        const auto size = static_cast<std::size_t>(bytes);
        const bool probe = size > ngtcp2_conn_get_path_max_tx_udp_payload_size(native());
        if (find_real(path.path)) {
            out.add(size, path.path, static_cast<std::uint8_t>(info.ecn), probe);
        } else {
            seal_pending_packets();  // It stays here, so nothing may wait to be written into it.
        }
        ++packets_sent_;
        wrote = true;
        left -= std::min(left, size);
        note_written(std::min(size, packet_max));
    }
    if (wrote && paced_by_ngtcp2_ && handshake_done_) {
        ngtcp2_conn_update_pkt_tx_time(native(), time_);
    }
    if (close_) {
        return pass::more;
    }
    arm_timer(held_until);
    return left == 0 ? pass::more : pass::done;
}

// One packet, of what the application gives one after the other. 0: there is none to be sent now.
ngtcp2_ssize link::write_packet(byte_span room, ngtcp2_path_storage& path, ngtcp2_pkt_info& info) {
    for (unsigned fruitless = 0; fruitless < fruitless_max; ++fruitless) {
        stream_output output;
        if (application_ != nullptr && !close_ && ngtcp2_conn_get_max_data_left(native()) > 0) {
            output = application_->next_output();
        }
        std::uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_NONE;
        if (output.stream >= 0) {
            flags |= NGTCP2_WRITE_STREAM_FLAG_MORE;
            flags |= output.fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0U;
        }
        ngtcp2_ssize taken = -1;
        ngtcp2_ssize written = ngtcp2_conn_writev_stream(
            native(), &path.path, &info, octets(room), room.size(), &taken, flags, output.stream,
            reinterpret_cast<const ngtcp2_vec*>(output.pieces.data()), output.pieces.size(), time_);
        if (written < 0 && handle_write_error(written, output, taken)) {
            continue;
        }
        if (written >= 0 && taken >= 0 && output.stream >= 0) {
            application_->on_written(output.stream, static_cast<std::size_t>(taken), output.fin);
        }
        return written;
    }
    return NGTCP2_ERR_INTERNAL;
}

// Whether the packet goes on, with something else.
bool link::handle_write_error(ngtcp2_ssize& written, const stream_output& output,
                              ngtcp2_ssize taken) {
    switch (written) {
        case NGTCP2_ERR_WRITE_MORE:
            RW_ASSERT(taken >= 0);
            application_->on_written(output.stream, static_cast<std::size_t>(taken), output.fin);
            return true;
        case NGTCP2_ERR_STREAM_DATA_BLOCKED: application_->on_blocked(output.stream); return true;
        case NGTCP2_ERR_STREAM_SHUT_WR:
        case NGTCP2_ERR_STREAM_NOT_FOUND: application_->on_shut(output.stream); return true;
        default: return false;
    }
}

}  // namespace ringway::quic::detail
