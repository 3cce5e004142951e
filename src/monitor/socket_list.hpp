// Lists the sockets of all network namespaces, and the processes that have them open.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "monitor/container_name.hpp"
#include "monitor/kernel_types.hpp"
#include "monitor/model.hpp"
#include "monitor/watch.hpp"

struct socket_list_bpf;

namespace ringway::monitor {

class socket_list {
public:
    static constexpr std::size_t sockets_max = 200'000;
    static constexpr std::size_t networks_max = 256;

    /// Loads the iterators. `flows_map` is that of `tcp_watch`, or -1. Before Linux 5.11 nobody
    /// tells who has a socket open: those of this network namespace and of named ones are listed.
    [[nodiscard]] static bpf::outcome<socket_list> start(const kernel_types& types, int flows_map);

    /// Fills sockets, their owners and the counts of namespaces. Enters the namespaces of processes
    /// that have sockets, and comes back (setns(2) of the calling thread, CAP_SYS_ADMIN). Blocks
    /// for milliseconds.
    void collect(snapshot& into, container_names& containers);

    /// Who had the socket open when it was last listed, or listens on that port of that namespace.
    [[nodiscard]] const owner* find_owner(const monitor_end& of) const;

    /// Sockets that were left out, since there were more than `sockets_max`.
    [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }
    [[nodiscard]] std::vector<std::uint32_t> program_ids() const;

private:
    struct release {
        void operator()(socket_list_bpf* what) const noexcept;
    };
    struct owner_table;
    socket_list();

    void list_here(snapshot& into);
    void list_owners(container_names& containers, std::vector<socket_record>& open,
                     std::vector<std::uint32_t>& processes);
    void name_owners(snapshot& into, container_names& containers);

    std::unique_ptr<socket_list_bpf, release> programs_;
    std::shared_ptr<owner_table> owners_;
    std::uint64_t left_out_ = 0;
};

}  // namespace ringway::monitor
