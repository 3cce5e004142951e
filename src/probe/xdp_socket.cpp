#include "probe/xdp_socket.hpp"

#include <cerrno>
#include <cstring>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

namespace ringway::probe {
namespace {

constexpr int family_xdp = 44;  // AF_XDP
constexpr int level_xdp = 283;  // SOL_XDP
constexpr std::size_t ethernet_type_at = 12;

}  // namespace

std::uint32_t* xdp_socket::ring::producer() const noexcept {
    return reinterpret_cast<std::uint32_t*>(memory + at.producer);
}
std::uint32_t* xdp_socket::ring::consumer() const noexcept {
    return reinterpret_cast<std::uint32_t*>(memory + at.consumer);
}

xdp_socket::xdp_socket() noexcept : socket_{::socket(family_xdp, SOCK_RAW | SOCK_CLOEXEC, 0)} {
    if (!socket_) {
        error_ = errno;
        failed_in_ = "socket(AF_XDP)";
        return;
    }
    void* const memory = ::mmap(nullptr, std::size_t{count} * frame_bytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        error_ = errno;
        failed_in_ = "mmap";
        return;
    }
    frames_ = static_cast<std::byte*>(memory);
    xdp_umem_reg frames{};
    frames.addr = reinterpret_cast<std::uintptr_t>(frames_);
    frames.len = std::uint64_t{count} * frame_bytes;
    frames.chunk_size = frame_bytes;
    constexpr std::uint32_t entries = count;
    static_cast<void>(
        set(XDP_UMEM_REG, &frames, sizeof frames, "XDP_UMEM_REG") &&
        set(XDP_UMEM_FILL_RING, &entries, sizeof entries, "XDP_UMEM_FILL_RING") &&
        set(XDP_UMEM_COMPLETION_RING, &entries, sizeof entries, "XDP_UMEM_COMPLETION_RING") &&
        set(XDP_RX_RING, &entries, sizeof entries, "XDP_RX_RING") &&
        set(XDP_TX_RING, &entries, sizeof entries, "XDP_TX_RING"));
}

xdp_socket::~xdp_socket() {
    for (const ring* each : {&fill_, &received_}) {
        if (each->memory != nullptr) {
            ::munmap(each->memory, each->bytes);
        }
    }
    socket_.reset();
    if (frames_ != nullptr) {
        ::munmap(frames_, std::size_t{count} * frame_bytes);
    }
}

bool xdp_socket::set(int option, const void* value, socklen_t size,
                     std::string_view name) noexcept {
    if (::setsockopt(socket_.get(), level_xdp, option, value, size) == 0) {
        return true;
    }
    error_ = errno;
    failed_in_ = name;
    return false;
}

int xdp_socket::bind(std::uint32_t interface, std::uint16_t flags) noexcept {
    sockaddr_xdp name{};
    name.sxdp_family = family_xdp;
    name.sxdp_flags = flags;
    name.sxdp_ifindex = interface;
    // What a queue's last owner held is given back a moment after its socket was closed.
    constexpr int attempts = 60;
    for (int i = 0; i < attempts; ++i) {
        if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0) {
            return 0;
        }
        if (errno != EBUSY) {
            return errno;
        }
        ::poll(nullptr, 0, 4);
    }
    return EBUSY;
}

bool xdp_socket::map(ring& which, const xdp_ring_offset& at, std::size_t entry_bytes,
                     std::int64_t offset) noexcept {
    which.at = at;
    which.bytes = at.desc + count * entry_bytes;
    void* const memory = ::mmap(nullptr, which.bytes, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_POPULATE, socket_.get(), offset);
    which.memory = memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory);
    return which.memory != nullptr;
}

bool xdp_socket::offer_frames() noexcept {
    xdp_mmap_offsets at{};
    socklen_t size = sizeof at;
    if (::getsockopt(socket_.get(), level_xdp, XDP_MMAP_OFFSETS, &at, &size) != 0 ||
        !map(fill_, at.fr, sizeof(std::uint64_t), XDP_UMEM_PGOFF_FILL_RING) ||
        !map(received_, at.rx, sizeof(xdp_desc), XDP_PGOFF_RX_RING)) {
        return false;
    }
    for (std::uint64_t i = 0; i + 1 < count; ++i) {
        const std::uint64_t frame = i * frame_bytes;
        std::memcpy(fill_.memory + fill_.at.desc + i * sizeof frame, &frame, sizeof frame);
    }
    __atomic_store_n(fill_.producer(), count - 1, __ATOMIC_RELEASE);
    return true;
}

bool xdp_socket::receives(std::uint16_t type) noexcept {
    for (int turn = 0; turn < 4; ++turn) {
        pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&wait, 1, 50) < 0) {
            return false;
        }
        const std::uint32_t last = __atomic_load_n(received_.producer(), __ATOMIC_ACQUIRE);
        for (std::uint32_t i = *received_.consumer(); i != last; ++i) {
            xdp_desc frame{};
            std::memcpy(&frame, received_.memory + received_.at.desc + (i % count) * sizeof frame,
                        sizeof frame);
            std::uint16_t seen = 0;
            std::memcpy(&seen, frames_ + frame.addr + ethernet_type_at, sizeof seen);
            if (ntohs(seen) == type) {
                return true;
            }
        }
        __atomic_store_n(received_.consumer(), last, __ATOMIC_RELEASE);
    }
    return false;
}

int send_frame(std::uint32_t interface, std::uint16_t type) noexcept {
    const unique_fd socket{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)};
    std::array<unsigned char, 60> frame{};
    std::memset(frame.data(), 0xff, 6);
    const std::uint16_t told = htons(type);
    std::memcpy(frame.data() + ethernet_type_at, &told, sizeof told);
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = static_cast<int>(interface);
    return socket && ::sendto(socket.get(), frame.data(), frame.size(), 0,
                              reinterpret_cast<sockaddr*>(&to), sizeof to) == std::ssize(frame)
               ? 0
               : errno;
}

}  // namespace ringway::probe
