#include <ringway/xdp/socket.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <linux/if_xdp.h>
#include <memory>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/ring/operation.hpp>
#include <ringway/runtime/shard.hpp>
#include <ringway/xdp/umem.hpp>

#include "xdp/interrupt_deferral.hpp"  // IWYU pragma: keep (it is destroyed here)
#include "xdp/receive_moderation.hpp"
#include "xdp/received_hints.hpp"
#include "xdp/socket_rings.hpp"
#include "xdp/uapi.hpp"

namespace ringway::xdp {
namespace {

// The kernel sends 32 packets per call in copy mode (TX_BATCH_SIZE) and says EAGAIN for the rest.
constexpr std::uint32_t kicks_max = packet_batch::packets_max / 32 + 2;

// With unaligned frames the kernel tells the frame and, in the upper 16 bits, how far behind its
// beginning the packet stands.
constexpr std::uint64_t place_of(std::uint64_t told) noexcept {
    return (told & XSK_UNALIGNED_BUF_ADDR_MASK) + (told >> XSK_UNALIGNED_BUF_OFFSET_SHIFT);
}

}  // namespace

const char* name_of(copy_mode mode) noexcept {
    switch (mode) {
        case copy_mode::automatic: return "automatic";
        case copy_mode::copy: return "copy";
        case copy_mode::zero_copy: return "zero-copy";
    }
    return "";
}

xdp_socket::xdp_socket(umem& memory, const socket_options& options, int fd)
    : memory_{memory},
      options_{options},
      fd_{fd},
      rings_{std::make_unique<rings>()},
      moderation_{
          std::make_unique<receive_moderation>(options.moderation, options.receive_frames)} {
    rings_->held.resize(memory.options().frames);
    poll_.owner = this;
    poll_.kind = op_kind::poll;
    poll_.multishot = true;
    poll_.fd = fd;
    poll_.flags = POLLIN;
    poll_.complete = [](operation& self, completion what) noexcept {
        xdp_socket& me = *static_cast<poll_operation&>(self).owner;
        if (what.result < 0 && what.result != -ECANCELED) {
            me.poll_failed_ = -what.result;
        } else if (what.result > 0 && (what.result & (POLLERR | POLLHUP)) != 0) {
            me.poll_failed_ = ENETDOWN;
        }
        me.news_.set();
        if (!what.more) {
            me.ended_.set();
        }
    };
}

// The rings first: the kernel frees the queue when the last mapping is gone.
xdp_socket::~xdp_socket() {
    RW_ASSERT(!poll_.in_flight);
    const std::vector<bool> held = std::move(rings_->held);
    rings_.reset();
    if (memory_.registered_with_ == fd_) {
        memory_.registered_with_ = -1;
    }
    if (on_shard_ && shard::current_or_null() != nullptr) {
        driver::current().close_now(fd_);
    } else {
        ::close(fd_);
    }
    for (std::size_t i = 0; i < held.size(); ++i) {
        if (held[i]) {
            memory_.give(i * memory_.options().frame_bytes);
        }
    }
}

std::uint32_t xdp_socket::receive_now(packet_batch& into) noexcept {
    into.release();
    rings& own = *rings_;
    const std::uint32_t count = own.receive.available(into.room());
    if (count > 0) {
        // Frames mostly come back in the order in which they were offered: the first bytes can be
        // on their way while we read where they are. To be written to, as answers are made in
        // place.
        const std::uint64_t guess = own.fill.entry(counted_.received) + driver_headroom;
        __builtin_prefetch(memory_.memory() + guess, 1);
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        const xdp_desc found = own.receive.pop();
        const std::uint64_t address = place_of(found.addr);
        own.held[memory_.frame_of(address)] = false;
        into.push({.data = memory_.memory() + address,
                   .length = found.len,
                   .flags = found.options & uapi::packet_continues,
                   .address = address});
    }
    if (count > 0) {
        own.receive.release();
        in_fill_ -= count;
        counted_.received += count;
    }
    refill();
    return count;
}

void xdp_socket::refill() noexcept {
    rings& own = *rings_;
    const std::uint32_t wanted = std::min<std::uint32_t>(
        options_.receive_frames - in_fill_, static_cast<std::uint32_t>(memory_.free_frames()));
    const std::uint32_t count = wanted == 0 ? 0 : own.fill.room(wanted);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint64_t address = memory_.take();
        own.held[memory_.frame_of(address)] = true;
        if (options_.hints) {
            clear_hints(memory_.memory() + address + driver_headroom);
        }
        own.fill.push(address);
    }
    if (count > 0) {
        own.fill.publish();
        in_fill_ += count;
        if (options_.need_wakeup && own.fill.needs_wakeup()) {
            ++counted_.wakeups;
            ::recv(fd_, nullptr, 0, MSG_DONTWAIT);
        }
    }
}

void xdp_socket::reap() noexcept {
    rings& own = *rings_;
    const std::uint32_t count =
        outstanding_ == 0 ? 0 : own.completion.available(options_.ring_entries);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint64_t address = place_of(own.completion.pop());
        own.held[memory_.frame_of(address)] = false;
        if (!own.stamps.empty()) {
            note_sent_time(address);
        }
        memory_.give(address);
    }
    if (count > 0) {
        own.completion.release();
        outstanding_ -= count;
        counted_.completed += count;
    }
}

// As many whole packets as there is room for.
void xdp_socket::push_transmit(packet_batch& from) noexcept {
    rings& own = *rings_;
    const std::uint32_t room = own.transmit.room(from.size());
    std::uint32_t whole = 0;
    for (std::uint32_t i = 0; i < room; ++i) {
        if ((from.packets()[i].flags & packet::flag_continues) == 0) {
            whole = i + 1;
        }
    }
    for (const packet& each : from.packets().first(whole)) {
        if (each.length == 0) {
            memory_.give(each.address);
            continue;
        }
        own.held[memory_.frame_of(each.address)] = true;
        own.transmit.push({.addr = each.address, .len = each.length, .options = each.flags});
        ++outstanding_;
        ++counted_.transmitted;
    }
    own.transmit.publish();
    from.drop_front(whole);
}

std::uint32_t xdp_socket::transmit_now(packet_batch& from) noexcept {
    reap();
    const std::uint64_t before = counted_.transmitted;
    push_transmit(from);
    const auto sent = static_cast<std::uint32_t>(counted_.transmitted - before);
    if (sent > 0 && wants_kick()) {
        kick();
    }
    return sent;
}

// The kernel asks for a wake-up, then looks into the ring once more; we fill the ring, then look
// whether it asks. With the fence one of both sees the other.
bool xdp_socket::wants_kick() const noexcept {
    if (!options_.need_wakeup || rings_->transmit.needs_wakeup()) {
        return true;  // Always so where packets are copied.
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return rings_->transmit.needs_wakeup();
}

void xdp_socket::kick() noexcept {
    for (std::uint32_t i = 0; i < kicks_max && rings_->transmit.pending() > 0; ++i) {
        ++counted_.wakeups;
        if (::sendto(fd_, nullptr, 0, MSG_DONTWAIT, nullptr, 0) == 0 || errno != EAGAIN) {
            break;
        }
    }
    reap();
}

void xdp_socket::poll_interface() noexcept {
    ++counted_.wakeups;
    if (::recv(fd_, nullptr, 0, MSG_DONTWAIT) < 0 && errno != EAGAIN && errno != EINTR) {
        poll_failed_ = errno;
    }
}

socket_statistics xdp_socket::statistics() const noexcept {
    socket_statistics all = counted_;
    xdp_statistics kernel{};
    socklen_t size = sizeof(kernel);
    if (::getsockopt(fd_, SOL_XDP, XDP_STATISTICS, &kernel, &size) == 0) {
        all.receive_dropped = kernel.rx_dropped;
        all.receive_ring_full = kernel.rx_ring_full;
        all.fill_ring_empty = kernel.rx_fill_ring_empty_descs;
        all.invalid_receive = kernel.rx_invalid_descs;
        all.invalid_transmit = kernel.tx_invalid_descs;
        all.transmit_ring_empty = kernel.tx_ring_empty_descs;
    }
    return all;
}

}  // namespace ringway::xdp
