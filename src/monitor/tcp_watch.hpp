// Follows TCP connections: their ends, failures and totals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "monitor/kernel_types.hpp"
#include "monitor/model.hpp"
#include "monitor/watch.hpp"

struct ring_buffer;
struct tcp_watch_bpf;

namespace ringway::monitor {

class tcp_watch {
public:
    /// Loads the programs and begins to look. They go away with this, or with the process.
    [[nodiscard]] static bpf::outcome<tcp_watch> start(const kernel_types& types,
                                                       const watch_options& options);

    /// Hands every connection that has ended since the last call to `take`. Does not block.
    void drain(const std::function<void(const monitor_end&)>& take);

    /// Readable when the ring is a quarter full.
    [[nodiscard]] int event_fd() const noexcept;

    [[nodiscard]] monitor_tcp_totals totals() const;
    /// The table of open connections, for `socket_list`.
    [[nodiscard]] int flows_map() const noexcept;
    [[nodiscard]] std::vector<std::uint32_t> program_ids() const;

private:
    struct release {
        void operator()(tcp_watch_bpf* what) const noexcept;
        void operator()(ring_buffer* what) const noexcept;
    };
    tcp_watch() = default;

    std::unique_ptr<tcp_watch_bpf, release> programs_;
    std::unique_ptr<std::function<void(const monitor_end&)>> take_;
    std::unique_ptr<ring_buffer, release> ring_;
};

}  // namespace ringway::monitor
