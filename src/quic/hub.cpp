#include "quic/hub.hpp"

#include <algorithm>

#include <ringway/base/assert.hpp>

namespace ringway::quic::detail {
namespace {

// Reads before the write pass: enough to batch acknowledgements, not so many that nobody answers.
constexpr unsigned receives_per_pass = 16;
// What one link may write before the others have their turn: one send.
constexpr std::size_t bytes_per_turn = burst::bytes_max;

// The largest batch that UDP_GRO makes, and buffers of a shard that are in use during a call only.
struct scratch {
    burst outgoing;
    std::unique_ptr<std::byte[]> incoming =
        std::make_unique_for_overwrite<std::byte[]>(burst::bytes_max);
};

// All hubs of a thread share it: a client has one per connection.
scratch& scratch_here() {
    thread_local scratch own;
    return own;
}

}  // namespace

ngtcp2_tstamp time_now() noexcept {
    return static_cast<ngtcp2_tstamp>(driver::current().now().count());
}

hub::hub(endpoint_counters& counters) noexcept : counters_{counters} {}

hub::~hub() { RW_ASSERT(first_touched_ == nullptr && ids_.size() == 0); }

burst& hub::outgoing() noexcept { return scratch_here().outgoing; }

void hub::start() { loops_.spawn(write_loop()); }

void hub::receive_on(udp_port& port) {
    ports_.push_back(&port);
    loops_.spawn(receive_loop(port));
}

task<void> hub::stop() {
    stopping_ = true;
    writer_.wake_if_held();
    loops_.request_stop();
    co_await loops_.join();
}

void hub::touch(link& which) noexcept {
    if (which.touched_) {
        return;
    }
    which.touched_ = true;
    which.next_touched_ = nullptr;
    (last_touched_ == nullptr ? first_touched_ : last_touched_->next_touched_) = &which;
    last_touched_ = &which;
    ++touched_;
    if (!in_pass_) {  // Else the end of the pass sees to it.
        writer_.wake_if_held();
    }
}

void hub::forget(link& which) noexcept {
    if (!which.touched_) {
        return;
    }
    link** place = &first_touched_;
    link* before = nullptr;
    while (*place != &which) {
        before = *place;
        place = &before->next_touched_;
    }
    *place = which.next_touched_;
    if (last_touched_ == &which) {
        last_touched_ = before;
    }
    which.touched_ = false;
    --touched_;
}

void hub::run_pass() {
    in_pass_ = true;
    burst& out = outgoing();
    for (std::size_t turns = touched_; turns > 0 && first_touched_ != nullptr; --turns) {
        if (any_blocked()) {
            break;
        }
        link& next = *first_touched_;
        forget(next);
        if (next.write(out, bytes_per_turn) == pass::more) {
            touch(next);
        }
    }
    out.flush();
    in_pass_ = false;
    unblock_one();
    if (first_touched_ != nullptr && !unblocking_) {
        writer_.wake_if_held();
    }
}

bool hub::any_blocked() noexcept {
    return std::ranges::any_of(ports_, [](udp_port* port) { return port->is_blocked(); });
}

// Waits for the kernel to take what a port has kept; one port after the other.
void hub::unblock_one() {
    if (unblocking_ || stopping_) {
        return;
    }
    const auto blocked =
        std::ranges::find_if(ports_, [](udp_port* port) { return port->is_blocked(); });
    if (blocked != ports_.end()) {
        unblocking_ = true;
        loops_.spawn(unblock(**blocked));
    }
}

task<void> hub::unblock(udp_port& port) {
    const auto done = co_await port.unblock();
    unblocking_ = false;
    if (done) {
        run_pass();
    }
}

task<void> hub::write_loop() {
    struct pause {
        suspension& writer;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> self) const noexcept { writer.hold(self); }
        void await_resume() const noexcept {}
    };
    while (!stopping_) {
        if (first_touched_ == nullptr || any_blocked()) {
            unblock_one();
            co_await pause{writer_};
        } else {
            run_pass();
            co_await yield{};
        }
    }
}

task<void> hub::receive_loop(udp_port& port) {
    linked_stop_source stop{co_await this_stop{}};
    port.received_under(&stop.source());
    while (!stop.stop_requested()) {
        in_pass_ = true;
        const bool drained = receive_batch(port);
        if (port.take_refusal()) {
            refused();
        }
        run_pass();
        if (!drained) {
            co_await yield{};
            continue;
        }
        const auto ready = co_await port.socket().readable().under(stop.source());
        if (!ready && ready.error().code == errc::canceled) {
            break;
        }
    }
    port.received_under(nullptr);
}

// Whether nothing is left to receive.
bool hub::receive_batch(udp_port& port) {
    const byte_span room{scratch_here().incoming.get(), burst::bytes_max};
    for (unsigned count = 0; count < receives_per_pass; ++count) {
        const auto got = port.socket().receive_now(room);
        if (!got && got.error().sys == ECONNREFUSED) {
            port.note_refusal();
            continue;
        }
        if (!got) {
            return true;
        }
        counters_.receives.add();
        counters_.bytes_received.add(got->bytes);
        if (got->drops != 0) {
            port.note_drops(got->drops);
        }
        split(port, *got, room.first(got->bytes));
    }
    return false;
}

void hub::split(udp_port& port, const received_datagram& what, byte_view bytes) {
    arrival from;
    from.port = &port;
    from.local = what.to.is_ip() && !port.is_connected() ? what.to.with_port(port.local().port())
                                                         : port.local();
    from.remote = what.from;
    from.ecn = what.ecn;
    from.interface = what.interface;
    from.time = time_now();
    const std::size_t segment = std::max<std::size_t>(what.segment, 1);
    for (std::size_t offset = 0; offset < bytes.size(); offset += segment) {
        const std::size_t size = std::min(segment, bytes.size() - offset);
        counters_.datagrams_received.add();
        dispatch(from, bytes.subspan(offset, size));
    }
}

void hub::dispatch(const arrival& from, byte_view datagram) {
    ngtcp2_version_cid head{};
    const int read =
        ngtcp2_pkt_decode_version_cid(&head, octets(datagram), datagram.size(), id_bytes());
    if (read != 0 && read != NGTCP2_ERR_VERSION_NEGOTIATION) {
        counters_.dropped_malformed.add();
        return;
    }
    if (packet_target* const target = ids_.find(head.dcid, head.dcidlen)) {
        target->receive(from, datagram);
    } else if (read == NGTCP2_ERR_VERSION_NEGOTIATION) {
        unknown_version(from, datagram, head);
    } else {
        unknown(from, datagram, head);
    }
}

}  // namespace ringway::quic::detail
