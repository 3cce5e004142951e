// How a link ends: by us, by the peer, or by silence.
#include <array>
#include <string>

#include <ringway/base/assert.hpp>
#include <ringway/runtime/shard.hpp>

#include "quic/hub.hpp"
#include "quic/link.hpp"
#include "quic/packet_protection.hpp"

namespace ringway::quic::detail {
namespace {

constexpr std::size_t reason_bytes_max = 256;

errc kind_of(const ngtcp2_ccerr& what) noexcept {
    switch (what.type) {
        case NGTCP2_CCERR_TYPE_IDLE_CLOSE: return errc::timed_out;
        case NGTCP2_CCERR_TYPE_APPLICATION: return errc::none;
        default: return what.error_code == NGTCP2_NO_ERROR ? errc::none : errc::malformed;
    }
}

}  // namespace

void link::close(std::uint64_t code, std::string_view reason) noexcept {
    if (is_over() || close_) {
        return;
    }
    close_.emplace();
    close_->reason = reason.substr(0, reason_bytes_max);
    ngtcp2_ccerr_set_application_error(&close_->what, code, octets(close_->reason),
                                       close_->reason.size());
    owner_.touch(*this);
}

void link::close_with(std::uint64_t transport_code, std::string_view reason) noexcept {
    if (is_over() || close_) {
        return;
    }
    close_.emplace();
    close_->reason = reason.substr(0, reason_bytes_max);
    ngtcp2_ccerr_set_transport_error(&close_->what, transport_code, octets(close_->reason),
                                     close_->reason.size());
    owner_.touch(*this);
}

void link::read_failed(int why, const arrival& from, byte_view datagram) {
    owner_.outgoing().flush();
    switch (why) {
        case NGTCP2_ERR_DRAINING:
            if (ended_.reason.code == errc::none) {  // Else it was a stateless reset.
                note_ended(*ngtcp2_conn_get_ccerr(native()), true);
            }
            end(farewell::received, {});
            break;
        case NGTCP2_ERR_RETRY:
            wants_retry(from, datagram);
            end(farewell::silent, {});
            break;
        case NGTCP2_ERR_CLOSING: break;  // Never: we leave when we close.
        default: fail_with(why);
    }
}

void link::fail_with(int why) {
    ngtcp2_ccerr what;
    ngtcp2_ccerr_default(&what);
    switch (why) {
        case NGTCP2_ERR_IDLE_CLOSE:
            owner_.counters().connections_timed_out.add();
            ended_.reason = {errc::timed_out, 0};
            end(farewell::silent, {});
            return;
        case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
            owner_.counters().handshakes_timed_out.add();
            ended_.reason = {errc::timed_out, 0};
            end(farewell::silent, {});
            return;
        case NGTCP2_ERR_DROP_CONN:
        case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
            if (ended_.reason.code == errc::none) {
                ended_.reason = {errc::malformed, 0};
            }
            end(farewell::silent, {});
            return;
        case NGTCP2_ERR_CRYPTO:
            ngtcp2_ccerr_set_tls_alert(&what, ngtcp2_conn_get_tls_alert(native()), nullptr, 0);
            break;
        case NGTCP2_ERR_CALLBACK_FAILURE:
            if (application_failure_) {
                ngtcp2_ccerr_set_application_error(&what, *application_failure_, nullptr, 0);
                break;
            }
            [[fallthrough]];
        default: ngtcp2_ccerr_set_liberr(&what, why, nullptr, 0);
    }
    if (const std::string problem = tls_->problem(); !problem.empty()) {
        ended_.text = problem;
    }
    send_close(what);
}

void link::send_close(const ngtcp2_ccerr& what) {
    note_ended(what, false);
    std::array<std::byte, NGTCP2_MAX_UDP_PAYLOAD_SIZE> room;
    ngtcp2_path_storage path;
    ngtcp2_path_storage_zero(&path);
    ngtcp2_pkt_info info{};
    const ngtcp2_ssize size = ngtcp2_conn_write_connection_close(
        native(), &path.path, &info, octets(byte_span{room}), room.size(), &what, clock());
    if (size <= 0) {
        end(farewell::silent, {});
        return;
    }
    seal_pending_packets();
    ++packets_sent_;
    const byte_view packet{room.data(), static_cast<std::size_t>(size)};
    if (find_real(path.path)) {
        static_cast<udp_port*>(path.path.user_data)
            ->send({packet, &path.path, packet.size(), static_cast<std::uint8_t>(info.ecn)});
    }
    end(farewell::sent, packet);
}

void link::abandon(error why) {
    if (!is_over()) {
        owner_.outgoing().flush();
        ended_.reason = why;
        end(farewell::silent, {});
    }
}

void link::note_ended(const ngtcp2_ccerr& what, bool by_peer) {
    ended_.by_peer = by_peer;
    ended_.by_application = what.type == NGTCP2_CCERR_TYPE_APPLICATION;
    ended_.code = what.error_code;
    ended_.reason = {kind_of(what), 0};
    if (what.reasonlen > 0 && ended_.text.empty()) {
        ended_.text.assign(reinterpret_cast<const char*>(what.reason), what.reasonlen);
    }
}

// From here on nothing reaches ngtcp2; what the application asks for does nothing.
void link::end(farewell how, byte_view packet) {
    RW_ASSERT(!is_over());
    leave_behind(how, packet);
    retire_all_ids();
    shard::current().exact_timers().cancel(timer_);
    owner_.forget(*this);
    keep_facts();
    seal_pending_packets();
    ngtcp2_conn* const gone = native();
    connection_ = nullptr;
    ngtcp2_conn_del(gone);
    note_tls_gone();
    endpoint_counters& counters = owner_.counters();
    counters.packets_sent.add(packets_sent_);
    counters.packets_received.add(packets_received_);
    counters.packets_lost.add(last_facts_.packets_lost);
    if (handshake_done_) {
        counters.connections_closed.add();
    } else if (ended_.reason.code != errc::timed_out) {
        counters.handshakes_failed.add();
    }
    if (application_ != nullptr) {
        application_->on_closed();
    }
    has_ended();
}

}  // namespace ringway::quic::detail
