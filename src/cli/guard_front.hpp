// The firewall in front of `ringway serve`, and how the server's complaints become bans.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <ringway/http/abuse_listener.hpp>

#include "cli/connection_cutter.hpp"
#include "cli/serve_options.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// As long as it lives the program is attached, and answers `ringway guard status`.
class guard_front : public http::abuse_listener {
public:
    /// Attaches. From then on the connections of who is banned are cut off by `cutter`. Fails with
    /// a line for the operator; in a build without BPF always. Lifetime: `cutter` outlives it.
    [[nodiscard]] static parsed<std::unique_ptr<guard_front>> start(
        const serve_guard_options& options, std::span<const std::uint16_t> quic_ports,
        connection_cutter& cutter);

    /// Appends the metrics of the guard.
    virtual void write_metrics(std::string& out) const = 0;
    /// "eth0, driver mode": for the log.
    [[nodiscard]] virtual std::string describe() const = 0;
};

}  // namespace ringway::cli
