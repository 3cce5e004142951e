#include "quic/link.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/runtime/shard.hpp>

#include "quic/hub.hpp"

namespace ringway::quic::detail {
namespace {

constexpr std::size_t send_buffer_min = std::size_t{64} * 1024;
constexpr std::size_t send_buffer_max = std::size_t{4} * 1024 * 1024;

nanoseconds as_duration(ngtcp2_duration time) noexcept {
    return nanoseconds{static_cast<nanoseconds::rep>(time)};
}

}  // namespace

link::own_timer::own_timer(link& owner) noexcept
    : precise_timer{[](precise_timer& self) noexcept {
          link& me = static_cast<own_timer&>(self).owner_;
          me.timer_fired_ = true;
          me.owner_.touch(me);
      }},
      owner_{owner} {}

link::link(hub& owner, const endpoint& local, const endpoint& peer)
    : local_{local}, peer_{peer}, told_peer_{peer}, owner_{owner} {
    reference_.get_conn = [](ngtcp2_crypto_conn_ref* self) {
        return static_cast<link*>(self->user_data)->native();
    };
    reference_.user_data = this;
}

link::~link() { RW_ASSERT(connection_ == nullptr && application_ == nullptr && !touched_); }

void link::adopt(ngtcp2_conn* made, std::unique_ptr<tls_session> session,
                 congestion_control congestion) {
    RW_ASSERT(connection_ == nullptr && made != nullptr && session != nullptr);
    connection_ = made;
    tls_ = std::move(session);
    paced_by_ngtcp2_ = congestion == congestion_control::bbr;
    ngtcp2_conn_set_tls_native_handle(native(), tls_->handle());
    owner_.counters().tls_sessions_open.add();
}

// Not in the callback: ngtcp2 is in the middle of the handshake there.
void link::settle() noexcept {
    settled_ = true;
    tls_->handshake_is_over(native());
    if (tls_->handle() == nullptr) {
        note_tls_gone();
    }
}

bool link::rest(ngtcp2_tstamp silent_since) noexcept {
    resting_memory& memory = memory_.resting();
    if (memory.rests()) {
        return true;
    }
    if (is_over() || !settled_ || touched_ || close_ || time_ > silent_since) {
        return false;
    }
    memory.rest();
    if (memory.rests()) {
        owner_.counters().rests.add();
    }
    return true;
}

void link::note_tls_gone() noexcept {
    if (!std::exchange(tls_gone_, true)) {
        owner_.counters().tls_sessions_open.sub();
    }
}

ngtcp2_tstamp link::clock() noexcept { return advance(time_now()); }

failure link::begin_protocol() {
    if (application_ == nullptr) {
        application_ = make_protocol();
        if (application_ == nullptr) {
            close_with(NGTCP2_CONNECTION_REFUSED, "");
            owner_.counters().connections_refused.add();
            return std::nullopt;
        }
    }
    if (std::exchange(ready_told_, true)) {
        return std::nullopt;
    }
    return application_->on_ready();
}

void link::arm_timer(ngtcp2_tstamp held_until) {
    ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(native());
    if (held_until != 0) {
        expiry = std::min(expiry, held_until);
    }
    if (expiry == UINT64_MAX) {
        shard::current().exact_timers().cancel(timer_);
        return;
    }
    const nanoseconds deadline{static_cast<nanoseconds::rep>(expiry)};
    // One that comes too early costs a look at the clock; moving it each time would cost more.
    if (!timer_.armed() || deadline < timer_.deadline()) {
        shard::current().exact_timers().add(timer_, deadline);
    }
}

void link::register_id(const ngtcp2_cid& id) {
    ids_.push_back(id);
    owner_.ids().put(id, *this);
}

void link::retire_id(const ngtcp2_cid& id) noexcept {
    owner_.ids().erase(id, *this);
    std::erase_if(ids_, [&](const ngtcp2_cid& own) { return ngtcp2_cid_eq(&own, &id) != 0; });
}

void link::retire_all_ids() noexcept {
    for (const ngtcp2_cid& id : ids_) {
        owner_.ids().erase(id, *this);
    }
    ids_.clear();
}

// ngtcp2 derives the next keys ahead of their use: the first time is no update yet.
void link::note_key_update() noexcept {
    if (std::exchange(keys_derived_, true)) {
        owner_.counters().key_updates.add();
    }
}

result<stream_id> link::open_stream(direction which) {
    if (is_over()) {
        return fail(errc::closed);
    }
    stream_id made = -1;
    const int opened = which == direction::bidirectional
                           ? ngtcp2_conn_open_bidi_stream(native(), &made, nullptr)
                           : ngtcp2_conn_open_uni_stream(native(), &made, nullptr);
    if (opened == NGTCP2_ERR_STREAM_ID_BLOCKED) {
        return fail(errc::would_block);
    }
    if (opened != 0) {
        return fail(errc::closed);
    }
    return made;
}

void link::consumed(stream_id stream, std::size_t bytes) noexcept {
    if (is_over() || bytes == 0) {
        return;
    }
    ngtcp2_conn_extend_max_stream_offset(native(), stream, bytes);
    ngtcp2_conn_extend_max_offset(native(), bytes);
    owner_.touch(*this);
}

void link::reset_stream(stream_id stream, std::uint64_t code) noexcept {
    if (!is_over()) {
        ngtcp2_conn_shutdown_stream_write(native(), 0, stream, code);
        owner_.touch(*this);
    }
}

void link::stop_reading(stream_id stream, std::uint64_t code) noexcept {
    if (!is_over()) {
        ngtcp2_conn_shutdown_stream_read(native(), 0, stream, code);
        owner_.touch(*this);
    }
}

void link::wake() noexcept {
    if (!is_over()) {
        owner_.touch(*this);
    }
}

std::string_view link::server_name() const noexcept { return tls_->server_name(); }

std::uint64_t link::stream_credit(stream_id stream) const noexcept {
    if (is_over()) {
        return 0;
    }
    return std::min(ngtcp2_conn_get_max_stream_data_left(native(), stream),
                    ngtcp2_conn_get_max_data_left(native()));
}

path_facts link::facts() const noexcept {
    if (is_over()) {
        return last_facts_;
    }
    ngtcp2_conn_info info;
    ngtcp2_conn_get_conn_info(native(), &info);
    path_facts facts;
    facts.latest_rtt = as_duration(info.latest_rtt);
    facts.smoothed_rtt = as_duration(info.smoothed_rtt);
    facts.min_rtt = info.min_rtt == UINT64_MAX ? nanoseconds{0} : as_duration(info.min_rtt);
    facts.congestion_window = info.cwnd;
    facts.bytes_in_flight = info.bytes_in_flight;
    facts.packets_sent = packets_sent_;
    facts.packets_lost = packets_lost_;
    facts.packets_received = packets_received_;
    facts.datagram_bytes = ngtcp2_conn_get_path_max_tx_udp_payload_size(native());
    return facts;
}

void link::keep_facts() noexcept { last_facts_ = facts(); }

std::size_t link::send_buffer_target() const noexcept {
    if (is_over()) {
        return send_buffer_min;
    }
    ngtcp2_conn_info info;
    ngtcp2_conn_get_conn_info(native(), &info);
    return std::clamp<std::size_t>(info.cwnd, send_buffer_min, send_buffer_max);
}

}  // namespace ringway::quic::detail
