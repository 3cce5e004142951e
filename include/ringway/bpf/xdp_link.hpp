// Attaching an XDP program to an interface without ever taking the place of somebody else's.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <ringway/base/unique_fd.hpp>
#include <ringway/bpf/network_interface.hpp>
#include <ringway/bpf/refusal.hpp>

namespace ringway::bpf {

/// Where an XDP program runs.
enum class xdp_mode : std::uint8_t {
    automatic,  ///< In the driver if it can, else generic.
    generic,    ///< In the network stack, behind the allocation of the packet (XDP_FLAGS_SKB_MODE).
    driver,     ///< In the driver, before that (XDP_FLAGS_DRV_MODE).
    hardware,   ///< On the card (XDP_FLAGS_HW_MODE); next to no driver can.
};

/// "generic", "driver", "hardware"; "automatic" for what is not decided.
[[nodiscard]] const char* name_of(xdp_mode mode) noexcept;

/// What is attached to an interface.
struct xdp_hook {
    std::uint32_t program = 0;            ///< Number of the program; 0: none.
    xdp_mode mode = xdp_mode::automatic;  ///< Of that program.
    std::string program_name;             ///< Empty where that may not be asked (CAP_SYS_ADMIN).
    bool is_dispatcher = false;           ///< libxdp's, which runs several programs in turn.
    std::uint64_t features = 0;  ///< NETDEV_XDP_ACT_* of the driver (Linux 6.3); 0: unknown.
    std::uint32_t zero_copy_segments = 0;  ///< Fragments of a zero-copy packet at most.

    static constexpr std::uint64_t feature_basic = 1;
    static constexpr std::uint64_t feature_redirect = 2;
    static constexpr std::uint64_t feature_transmit = 4;  ///< ndo_xdp_xmit.
    static constexpr std::uint64_t feature_zero_copy = 8;
    static constexpr std::uint64_t feature_fragments = 32;
};

/// What is attached to the interface with that number. Fails with the errno of netlink; needs no
/// privilege.
[[nodiscard]] outcome<xdp_hook> query_xdp(unsigned interface);

struct xdp_attach_options {
    xdp_mode mode = xdp_mode::automatic;
    /// How long to wait for a program that is there to go away, as that of a process that just
    /// ended does.
    std::chrono::milliseconds patience{100};
};

/// An XDP program on an interface. The program is detached when this goes away, and by the kernel
/// when the process does, however it ends (a BPF link, Linux 5.9).
class xdp_link {
public:
    /// Attaches the program with descriptor `program` to `where`.
    ///
    /// Refuses with `not_permitted` and EBUSY where a program is attached already, and names it: a
    /// program of somebody else is never replaced. Fails with `unsupported` where the driver can't
    /// do what is wanted; with `automatic` generic mode is tried then. Blocks for `patience` at
    /// most. Any thread of the interface's network namespace.
    [[nodiscard]] static outcome<xdp_link> attach(int program, const network_interface& where,
                                                  const xdp_attach_options& options = {});

    /// The mode that was obtained: `generic`, `driver` or `hardware`.
    [[nodiscard]] xdp_mode mode() const noexcept { return mode_; }
    /// Why it is not `driver` although that was tried; empty otherwise.
    [[nodiscard]] const std::string& driver_refused() const noexcept { return driver_refused_; }
    /// The descriptor of the link, to hand over to another process, which then keeps it attached.
    [[nodiscard]] int fd() const noexcept { return link_.get(); }

    /// Whether the program still runs: an interface that is deleted takes it along, and root can
    /// detach any link.
    [[nodiscard]] bool is_attached() const noexcept;

    /// Detaches, whoever else holds the link. Once.
    void detach() noexcept;

private:
    xdp_link(unique_fd link, xdp_mode mode, std::string refused) noexcept
        : link_{std::move(link)}, mode_{mode}, driver_refused_{std::move(refused)} {}

    unique_fd link_;
    xdp_mode mode_;
    std::string driver_refused_;
};

}  // namespace ringway::bpf
