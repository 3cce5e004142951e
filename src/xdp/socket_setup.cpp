#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <expected>
#include <fmt/core.h>
#include <memory>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>

#include <ringway/base/assert.hpp>
#include <ringway/base/result.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/umem.hpp>

#include "xdp/interrupt_deferral.hpp"
#include "xdp/shared_ring.hpp"
#include "xdp/socket_rings.hpp"
#include "xdp/uapi.hpp"

namespace ringway::xdp {
namespace {

constexpr std::chrono::milliseconds between_attempts{5};
constexpr int option_prefer_busy_poll = 69;  // SO_PREFER_BUSY_POLL, Linux 5.11
constexpr int option_busy_poll_budget = 70;  // SO_BUSY_POLL_BUDGET

bool set(int fd, int level, int option, std::uint32_t value) noexcept {
    return ::setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

int registered(int fd, const uapi::umem_registration& how) noexcept {
    return ::setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &how, sizeof(how)) == 0 ? 0 : errno;
}

ring_memory::offsets places(const xdp_ring_offset& from) noexcept {
    return {from.producer, from.consumer, from.desc, from.flags};
}

}  // namespace

bpf::outcome<std::unique_ptr<xdp_socket>> xdp_socket::open(umem& memory,
                                                           const bpf::network_interface& where,
                                                           const socket_options& options) {
    RW_ASSERT(std::has_single_bit(options.ring_entries));
    if (options.queue >= where.receive_queues) {
        return bpf::refuse({errc::invalid_argument, EINVAL},
                           fmt::format("{} has no queue {}: it has {}, counted from 0", where.name,
                                       options.queue, where.receive_queues));
    }
    int fd = options.handed_over;
    if (fd < 0) {
        fd = ::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    }
    if (fd < 0) {
        const int why = errno;
        return bpf::refuse(error_from_errno(why),
                           why == EPERM ? "an AF_XDP socket needs cap_net_raw: run it as root"
                                        : fmt::format("no AF_XDP socket: {}; the kernel needs "
                                                      "CONFIG_XDP_SOCKETS",
                                                      std::strerror(why)));
    }
    std::unique_ptr<xdp_socket> made{new xdp_socket{memory, options, fd}};
    if (const auto ready = made->set_up(where); !ready) {
        return std::unexpected{ready.error()};
    }
    return made;
}

bpf::outcome<void> xdp_socket::set_up(const bpf::network_interface& where) {
    set_busy_poll(where);
    if (const auto done = register_memory(); !done) {
        return done;
    }
    if (const auto done = map_rings(); !done) {
        return done;
    }
    refill();
    return bind(where);
}

// The first socket tells the kernel of the memory, further ones name that socket.
bpf::outcome<void> xdp_socket::register_memory() {
    shares_memory_ = memory_.registered_with_ >= 0;
    if (shares_memory_) {
        return {};
    }
    const umem_options& how = memory_.options();
    uapi::umem_registration what{.address = reinterpret_cast<std::uintptr_t>(memory_.memory()),
                                 .length = memory_.bytes(),
                                 .chunk_size = how.frame_bytes,
                                 .headroom = 0,
                                 .flags = how.unaligned ? XDP_UMEM_UNALIGNED_CHUNK_FLAG : 0U,
                                 .transmit_metadata_length = how.metadata_bytes};
    if (how.metadata_bytes != 0) {  // In software where the driver has no checksums (copy mode).
        what.flags |= uapi::umem_metadata_length | uapi::umem_software_checksum;
    }
    // The memory of a socket that was closed counts as locked for some milliseconds more.
    const auto until = std::chrono::steady_clock::now() + options_.patience;
    int failed = registered(fd_, what);
    while (failed == ENOBUFS && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(between_attempts);
        failed = registered(fd_, what);
    }
    if (failed == EINVAL && how.metadata_bytes != 0) {
        what.flags &= ~uapi::umem_metadata_length;  // Before Linux 6.11 the length says it.
        failed = registered(fd_, what);
    }
    if (failed == 0) {
        memory_.registered_with_ = fd_;
        return {};
    }
    if (failed == ENOBUFS) {
        return bpf::refuse({errc::not_permitted, failed},
                           fmt::format("{} KiB for packets, beside what other processes of this "
                                       "user have locked, are more than RLIMIT_MEMLOCK allows: "
                                       "raise it (ulimit -l), or give cap_ipc_lock",
                                       memory_.bytes() / 1024));
    }
    if (failed == EINVAL && how.metadata_bytes != 0) {
        return bpf::refuse({errc::unsupported, failed},
                           "checksums by the kernel (metadata_bytes) need Linux 6.8");
    }
    return bpf::refuse(error_from_errno(failed),
                       fmt::format("registering memory for packets: {}", std::strerror(failed)));
}

bpf::outcome<void> xdp_socket::map_rings() {
    const std::uint32_t entries = options_.ring_entries;
    xdp_mmap_offsets where{};
    socklen_t size = sizeof(where);
    const bool mapped =
        set(fd_, SOL_XDP, XDP_UMEM_FILL_RING, entries) &&
        set(fd_, SOL_XDP, XDP_UMEM_COMPLETION_RING, entries) &&
        set(fd_, SOL_XDP, XDP_RX_RING, entries) && set(fd_, SOL_XDP, XDP_TX_RING, entries) &&
        ::getsockopt(fd_, SOL_XDP, XDP_MMAP_OFFSETS, &where, &size) == 0 &&
        rings_->fill_memory.map(fd_, XDP_UMEM_PGOFF_FILL_RING, places(where.fr), entries,
                                sizeof(std::uint64_t)) &&
        rings_->completion_memory.map(fd_, XDP_UMEM_PGOFF_COMPLETION_RING, places(where.cr),
                                      entries, sizeof(std::uint64_t)) &&
        rings_->receive_memory.map(fd_, XDP_PGOFF_RX_RING, places(where.rx), entries,
                                   sizeof(xdp_desc)) &&
        rings_->transmit_memory.map(fd_, XDP_PGOFF_TX_RING, places(where.tx), entries,
                                    sizeof(xdp_desc));
    if (!mapped) {
        const int failed = errno;
        return bpf::refuse(error_from_errno(failed),
                           fmt::format("rings of an AF_XDP socket: {}", std::strerror(failed)));
    }
    rings_->fill = producer_ring<std::uint64_t>{rings_->fill_memory.parts()};
    rings_->completion = consumer_ring<std::uint64_t>{rings_->completion_memory.parts()};
    rings_->receive = consumer_ring<xdp_desc>{rings_->receive_memory.parts()};
    rings_->transmit = producer_ring<xdp_desc>{rings_->transmit_memory.parts()};
    return {};
}

// The queue of a socket that was closed stays busy for some milliseconds.
bpf::outcome<void> xdp_socket::bind(const bpf::network_interface& where) {
    sockaddr_xdp address{};
    address.sxdp_family = AF_XDP;
    address.sxdp_ifindex = where.index;
    address.sxdp_queue_id = options_.queue;
    if (shares_memory_) {  // All else is as with the first socket.
        address.sxdp_flags = XDP_SHARED_UMEM;
        address.sxdp_shared_umem_fd = static_cast<std::uint32_t>(memory_.registered_with_);
    } else {
        const unsigned copying = options_.copying == copy_mode::copy        ? XDP_COPY
                                 : options_.copying == copy_mode::zero_copy ? XDP_ZEROCOPY
                                                                            : 0;
        address.sxdp_flags =
            static_cast<std::uint16_t>(copying | (options_.need_wakeup ? XDP_USE_NEED_WAKEUP : 0) |
                                       (options_.multi_buffer ? unsigned{uapi::bind_use_sg} : 0U));
    }
    const auto until = std::chrono::steady_clock::now() + options_.patience;
    while (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        const int failed = errno;
        if (failed != EBUSY || std::chrono::steady_clock::now() >= until) {
            return refuse_bind(where, failed);
        }
        std::this_thread::sleep_for(between_attempts);
    }
    xdp_options obtained{};
    socklen_t size = sizeof(obtained);
    if (::getsockopt(fd_, SOL_XDP, XDP_OPTIONS, &obtained, &size) == 0 &&
        (obtained.flags & XDP_OPTIONS_ZEROCOPY) != 0) {
        copying_ = copy_mode::zero_copy;
    }
    return {};
}

bpf::outcome<void> xdp_socket::refuse_bind(const bpf::network_interface& where, int failed) const {
    if (failed == EBUSY) {
        return bpf::refuse(error_from_errno(failed),
                           fmt::format("queue {} of {} is in use by another AF_XDP socket: "
                                       "ss --xdp shows whose",
                                       options_.queue, where.name));
    }
    if (options_.copying == copy_mode::zero_copy && (failed == EOPNOTSUPP || failed == EINVAL)) {
        return bpf::refuse(
            {errc::unsupported, failed},
            fmt::format("{}{} has no zero-copy here: {}; do without "
                        "--zero-copy to have packets copied",
                        where.name, where.driver.empty() ? "" : " (" + where.driver + ")",
                        std::strerror(failed)));
    }
    if (failed == EINVAL && options_.multi_buffer) {
        return bpf::refuse({errc::unsupported, failed}, "packets of several frames need Linux 6.6");
    }
    return bpf::refuse(error_from_errno(failed),
                       fmt::format("binding to queue {} of {}: {}", options_.queue, where.name,
                                   std::strerror(failed)));
}

// Needs CAP_NET_ADMIN, so whoever hands a socket over may have set it already.
void xdp_socket::set_busy_poll(const bpf::network_interface& where) {
    if (options_.busy_poll_us == 0) {
        return;
    }
    set(fd_, SOL_SOCKET, option_prefer_busy_poll, 1);
    set(fd_, SOL_SOCKET, SO_BUSY_POLL, options_.busy_poll_us);
    set(fd_, SOL_SOCKET, option_busy_poll_budget, options_.busy_poll_budget);
    int preferred = 0;
    socklen_t size = sizeof(preferred);
    busy_polls_ = ::getsockopt(fd_, SOL_SOCKET, option_prefer_busy_poll, &preferred, &size) == 0 &&
                  preferred != 0;
    if (busy_polls_) {
        deferral_ = interrupt_deferral::begin(where);
    }
}

}  // namespace ringway::xdp
