#include "quic/udp_port.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <utility>

#include <ringway/base/log.hpp>

#include "quic/addresses.hpp"

namespace ringway::quic::detail {
namespace {

// Room for what arrives while the shard is busy: 4 MiB are 30 ms at 1 Gbit/s.
constexpr int buffer_bytes = 4 * 1024 * 1024;

parcel part_of(const parcel& all, std::size_t offset, std::size_t size) noexcept {
    return {all.bytes.subspan(offset, size), all.path, size, all.ecn};
}

}  // namespace

datagram_options quic_socket_options(bool shared_port) noexcept {
    return {.reuse_port = shared_port,
            .coalesce = true,
            .with_facts = true,
            .dont_fragment = true,
            .count_drops = true,
            .receive_bytes = buffer_bytes,
            .send_bytes = buffer_bytes};
}

void warn_of_small_buffers(const datagram_socket& socket) {
    static std::atomic<bool> told{false};
    const std::size_t granted = socket.receive_buffer_bytes();
    if (granted < buffer_bytes && !told.exchange(true)) {
        log_line(log_level::warning,
                 fmt::format("UDP sockets have receive buffers of {} KiB only; set "
                             "net.core.rmem_max to {} with sysctl(8) for fewer lost packets",
                             granted / 1024, buffer_bytes));
    }
}

udp_port::udp_port(datagram_socket socket, const endpoint& local, std::size_t index, bool connected,
                   endpoint_counters& counters) noexcept
    : socket_{std::move(socket)},
      local_{local},
      index_{index},
      counters_{counters},
      connected_{connected} {}

void udp_port::send(const parcel& what) {
    if (retired_) {
        counters_.dropped_send.add();
    } else if (is_blocked()) {
        keep(what);
    } else if (const auto sent = try_send(what); !sent) {
        counters_.send_blocked.add();
    }
}

void udp_port::send_or_drop(const parcel& what) {
    if (retired_ || is_blocked() || !send_once(what)) {
        counters_.dropped_send.add();
    }
}

// Fails with `would_block` only, and has kept what is left then.
result<void> udp_port::try_send(const parcel& what) {
    if (what.segment < what.bytes.size() && !can_segment_) {
        return send_singly(what);
    }
    const auto sent = send_once(what);
    if (sent) {
        return {};
    }
    if (sent.error().code == errc::would_block) {
        keep(what);
        return sent;
    }
    const int why = sent.error().sys;
    if (what.segment < what.bytes.size() && (why == EIO || why == EINVAL || why == EMSGSIZE)) {
        const std::uint64_t before = counters_.datagrams_sent.get();
        const auto singly = send_singly(what);
        // Where single ones don't get out either, segmentation is not what is wrong.
        if (why != EMSGSIZE && counters_.datagrams_sent.get() != before) {
            can_segment_ = false;
            counters_.gso_fallbacks.add();
        }
        return singly;
    }
    counters_.dropped_send.add();
    return {};
}

result<void> udp_port::send_singly(const parcel& what) {
    for (std::size_t offset = 0; offset < what.bytes.size(); offset += what.segment) {
        const std::size_t size = std::min(what.segment, what.bytes.size() - offset);
        const auto sent = send_once(part_of(what, offset, size));
        if (!sent && sent.error().code == errc::would_block) {
            parcel rest = part_of(what, offset, what.bytes.size() - offset);
            rest.segment = what.segment;
            keep(rest);
            return sent;
        }
        if (!sent) {
            counters_.dropped_send.add();
        }
    }
    return {};
}

result<void> udp_port::send_once(const parcel& what) {
    const endpoint to = from_ngtcp2(what.path->remote);
    const endpoint from = from_ngtcp2(what.path->local);
    const bool many = what.segment < what.bytes.size();
    const datagram_target target{
        .to = connected_ ? nullptr : &to,
        .from = connected_ ? nullptr : &from,
        .segment = many ? static_cast<std::uint16_t>(what.segment) : std::uint16_t{0},
        .ecn = what.ecn};
    auto sent = socket_.send_now(what.bytes, target);
    if (!sent && sent.error().sys == ECONNREFUSED) {
        refused_ = true;  // Of an earlier datagram: this one was not tried yet.
        sent = socket_.send_now(what.bytes, target);
    }
    if (!sent) {
        return std::unexpected{sent.error()};
    }
    counters_.sends.add();
    counters_.datagrams_sent.add((what.bytes.size() + what.segment - 1) / what.segment);
    counters_.bytes_sent.add(what.bytes.size());
    return {};
}

void udp_port::keep(const parcel& what) {
    kept& saved = waiting_.emplace_back();
    saved.bytes.assign(what.bytes.begin(), what.bytes.end());
    ngtcp2_path_storage_zero(&saved.path);
    ngtcp2_path_copy(&saved.path.path, what.path);
    saved.segment = what.segment;
    saved.ecn = what.ecn;
}

task<result<void>> udp_port::unblock() {
    held_ = false;
    while (!waiting_.empty()) {
        const auto ready = co_await socket_.writable();
        if (!ready) {
            waiting_.clear();
            co_return ready;
        }
        std::deque<kept> before = std::exchange(waiting_, {});
        while (!before.empty()) {
            const kept& first = before.front();
            send({first.bytes, &first.path.path, first.segment, first.ecn});
            before.pop_front();
        }
    }
    co_return result<void>{};
}

bool udp_port::take_refusal() noexcept { return std::exchange(refused_, false); }

void udp_port::retire() noexcept {
    retired_ = true;
    if (receiver_ != nullptr) {
        receiver_->request_stop();
    }
}

void udp_port::received_under(stop_source* stop) noexcept {
    receiver_ = stop;
    if (!retired_) {
        return;
    }
    if (stop != nullptr) {
        stop->request_stop();
    } else if (!is_blocked()) {
        socket_.close();
    }
}

void udp_port::note_drops(std::uint32_t total) noexcept {
    counters_.kernel_drops.add(total - std::exchange(drops_seen_, total));
}

}  // namespace ringway::quic::detail
