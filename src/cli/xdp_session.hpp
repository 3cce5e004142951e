// What the commands of `ringway xdp` have in common: interfaces, sockets, reports, an end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ringway/bpf/network_interface.hpp>
#include <ringway/xdp/socket.hpp>
#include <ringway/xdp/steering.hpp>
#include <ringway/xdp/umem.hpp>

#include "cli/xdp_options.hpp"

namespace ringway::cli {
class xdp_loop;

/// An interface with a program, and sockets where the command has some.
struct xdp_port {
    bpf::network_interface where;
    std::unique_ptr<xdp::steering> program;
    std::vector<std::unique_ptr<xdp::xdp_socket>> sockets;

    xdp_port() = default;
    xdp_port(xdp_port&&) = default;
    xdp_port& operator=(xdp_port&&) = default;
    /// Detaches before the sockets go.
    ~xdp_port();
};

/// Which rules EXPRESSION makes for the kernel.
[[nodiscard]] bpf::outcome<std::vector<xdp::match_rule>> rules_of(const xdp_options& options);

/// Refuses to take everything from the interface of the default route without --force.
[[nodiscard]] bpf::outcome<void> check_reach(const xdp_options& options,
                                             const std::string& interface);

/// Loads a program for `interface` without attaching it.
[[nodiscard]] bpf::outcome<xdp_port> load_port(const std::string& interface,
                                               const xdp::steering_options& how);

/// Loads and attaches a program to `interface`.
[[nodiscard]] bpf::outcome<xdp_port> open_port(const xdp_options& options,
                                               const std::string& interface,
                                               const xdp::steering_options& how);

/// Memory for packets: `frames` if so much may be locked (RLIMIT_MEMLOCK, unless with
/// CAP_IPC_LOCK), else as many as fit in half of that, as io_uring wants some too.
[[nodiscard]] bpf::outcome<std::unique_ptr<xdp::umem>> open_memory(const xdp_options& options,
                                                                   std::uint32_t frames);

/// As `open_port`, with a socket per queue on `memory`; without a program if `how` is null.
[[nodiscard]] bpf::outcome<xdp_port> open_sockets(const xdp_options& options,
                                                  const std::string& interface,
                                                  const xdp::steering_options* how,
                                                  xdp::umem& memory,
                                                  std::uint32_t receive_frames = 1024);

/// Packets that were for the sockets of `port` and did not reach them.
[[nodiscard]] std::uint64_t lost_by(const xdp_port& port);

/// Tells on standard error, or as JSON, what was obtained: driver, mode, copies, queues, frames.
void tell_port(const xdp_options& options, const xdp_port& port);

/// One report: counts so far, told as rates since the last one, or as JSON.
class xdp_report {
public:
    struct row {
        const char* name;
        std::uint64_t value;
        bool is_packets = true;  ///< Else bytes.
    };
    explicit xdp_report(const xdp_options& options) : options_{options} {}
    /// `seconds` since the last report.
    void tell(const std::vector<row>& rows, double seconds);
    /// The totals, at the end. Of the whole run.
    void tell_total(const std::vector<row>& rows, double seconds) const;

private:
    const xdp_options& options_;
    std::vector<row> before_;
};

/// Prints a refusal; yields the exit status.
int refuse_xdp(const bpf::refusal& why);

/// The commands.
[[nodiscard]] int run_xdp_counting(const xdp_options& options, xdp_loop& loop);
[[nodiscard]] int run_xdp_respond(const xdp_options& options, xdp_loop& loop);
[[nodiscard]] int run_xdp_forward(const xdp_options& options, xdp_loop& loop);
[[nodiscard]] int run_xdp_gen(const xdp_options& options, xdp_loop& loop);
[[nodiscard]] int run_xdp_ping(const xdp_options& options, xdp_loop& loop);
[[nodiscard]] int run_xdp_capture(const xdp_options& options, xdp_loop& loop);
[[nodiscard]] int run_xdp_status(const xdp_options& options);

}  // namespace ringway::cli
