// An AF_XDP socket for trials: 16 frames of memory, its rings, one queue of one interface.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <linux/if_xdp.h>
#include <string_view>
#include <sys/socket.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway::probe {

class xdp_socket {
public:
    xdp_socket() noexcept;
    xdp_socket(const xdp_socket&) = delete;
    xdp_socket& operator=(const xdp_socket&) = delete;
    ~xdp_socket();

    /// 0, or the errno of the call that failed, whose name `failed_in` is.
    [[nodiscard]] int error() const noexcept { return error_; }
    [[nodiscard]] std::string_view failed_in() const noexcept { return failed_in_; }
    [[nodiscard]] int fd() const noexcept { return socket_.get(); }

    /// Takes packets of queue 0, waiting up to 240 ms for its last owner. Yields 0 or the errno.
    [[nodiscard]] int bind(std::uint32_t interface, std::uint16_t flags) noexcept;

    /// Lets the kernel fill all frames but one. Before `bind`, as older kernels map no rings after
    /// it. False, with errno set, if they can't be mapped.
    [[nodiscard]] bool offer_frames() noexcept;

    /// Waits 200 ms for a frame of this type of Ethernet.
    [[nodiscard]] bool receives(std::uint16_t type) noexcept;

private:
    static constexpr std::uint32_t count = 16;
    static constexpr std::uint32_t frame_bytes = 4096;

    struct ring {
        std::byte* memory = nullptr;
        std::size_t bytes = 0;
        xdp_ring_offset at{};
        [[nodiscard]] std::uint32_t* producer() const noexcept;
        [[nodiscard]] std::uint32_t* consumer() const noexcept;
    };

    bool set(int option, const void* value, socklen_t size, std::string_view name) noexcept;
    bool map(ring& which, const xdp_ring_offset& at, std::size_t entry_bytes,
             std::int64_t offset) noexcept;

    unique_fd socket_;
    int error_ = 0;
    std::string_view failed_in_;
    std::byte* frames_ = nullptr;
    ring fill_;
    ring received_;
};

/// Sends one frame of this type to all on an interface, by a packet socket. 0 or the errno.
[[nodiscard]] int send_frame(std::uint32_t interface, std::uint16_t type) noexcept;

}  // namespace ringway::probe
