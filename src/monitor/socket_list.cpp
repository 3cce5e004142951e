#include "monitor/socket_list.hpp"

#include "socket_list.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cstring>
#include <map>
#include <ringway/bpf/bpf_log.hpp>
#include <set>
#include <unordered_map>
#include <utility>

#include "monitor/iterator_reader.hpp"
#include "monitor/network_namespaces.hpp"

namespace ringway::monitor {
namespace {

constexpr const char* part = "sockets";
constexpr std::uint8_t state_closed = 7;
constexpr std::uint8_t state_listen = 10;

// A socket without a port is neither bound nor connected; the kernel's lists have none of those.
bool is_in_use(const monitor_socket& socket) {
    return socket.ends.local_port != 0 &&
           (socket.kind == MONITOR_UDP || socket.state != state_closed);
}

unique_fd open_iterator(bpf_link* link) {
    return unique_fd{link == nullptr ? -1 : ::bpf_iter_create(::bpf_link__fd(link))};
}

}  // namespace

// Of the last list.
struct socket_list::owner_table {
    std::unordered_map<std::uint64_t, owner> by_socket;
    std::map<std::pair<std::uint32_t, std::uint16_t>, owner> listeners;  // Namespace and port.
};

socket_list::socket_list() : owners_{std::make_shared<owner_table>()} {}

void socket_list::release::operator()(socket_list_bpf* what) const noexcept {
    ::socket_list_bpf__destroy(what);
}

bpf::outcome<socket_list> socket_list::start(const kernel_types& types, int flows_map) {
    const bpf::bpf_log log;
    socket_list made;
    made.programs_.reset(::socket_list_bpf__open());
    if (!made.programs_) {
        return std::unexpected{refusal_of(part, errno, log.reason())};
    }
    ::bpf_program__set_autoload(made.programs_->progs.list_owners,
                                types.has_function("bpf_sock_from_file"));
    if (flows_map >= 0) {
        ::bpf_map__reuse_fd(made.programs_->maps.flows, flows_map);
    }
    if (const int failed = ::socket_list_bpf__load(made.programs_.get()); failed != 0) {
        return std::unexpected{refusal_of(part, failed, log.reason())};
    }
    if (const int failed = ::socket_list_bpf__attach(made.programs_.get()); failed != 0) {
        return std::unexpected{refusal_of(part, failed, log.reason())};
    }
    return made;
}

void socket_list::list_here(snapshot& into) {
    const auto take = [this, &into](const monitor_socket& seen) {
        if (into.sockets.size() >= sockets_max) {
            ++left_out_;
            return;
        }
        into.sockets.push_back({.seen = seen, .whose = {}});
    };
    read_iterator<monitor_socket>(open_iterator(programs_->links.list_tcp), take);
    read_iterator<monitor_socket>(open_iterator(programs_->links.list_udp), take);
}

// Who has which socket open; the sockets themselves go to `open`.
void socket_list::list_owners(container_names& containers, std::vector<socket_record>& open,
                              std::vector<std::uint32_t>& processes) {
    std::unordered_map<std::uint64_t, owner> found;
    std::unordered_map<std::uint32_t, std::string> container_of;
    read_iterator<monitor_owner>(
        open_iterator(programs_->links.list_owners), [&](const monitor_owner& seen) {
            const auto [place, is_new] = container_of.try_emplace(seen.process);
            if (is_new) {
                place->second = containers.of_process(seen.process);
                processes.push_back(seen.process);
            }
            // The first that has it: mostly the one that opened it.
            const bool is_first =
                found
                    .try_emplace(seen.socket.id,
                                 owner{.process = seen.process,
                                       .name = {seen.comm, ::strnlen(seen.comm, sizeof seen.comm)},
                                       .container = place->second})
                    .second;
            if (is_first && open.size() < sockets_max) {
                open.push_back({.seen = seen.socket, .whose = {}});
            }
        });
    owners_->by_socket = std::move(found);
}

void socket_list::collect(snapshot& into, container_names& containers) {
    std::vector<socket_record> open;
    std::vector<std::uint32_t> processes;
    list_owners(containers, open, processes);
    const auto networks =
        visit_networks(processes, networks_max, [this, &into] { list_here(into); });
    std::set<std::uint32_t> reached;  // Without entering them, through what processes hold.
    for (const socket_record& each : open) {
        if (!networks.visited.contains(each.seen.ends.network) && is_in_use(each.seen)) {
            reached.insert(each.seen.ends.network);
            into.sockets.push_back(each);
        }
    }
    into.networks = static_cast<unsigned>(networks.visited.size() + reached.size());
    into.networks_closed = networks.closed;
    name_owners(into, containers);
}

void socket_list::name_owners(snapshot& into, container_names& containers) {
    auto& table = *owners_;
    table.listeners.clear();
    for (socket_record& each : into.sockets) {
        if (const auto at = table.by_socket.find(each.seen.id); at != table.by_socket.end()) {
            each.whose = at->second;
        } else {
            each.whose.container = containers.of_cgroup(each.seen.cgroup);
        }
        if (each.seen.state == state_listen && each.whose.process != 0) {
            table.listeners[{each.seen.ends.network, each.seen.ends.local_port}] = each.whose;
        }
    }
    for (socket_record& each : into.sockets) {  // What waits to be accepted is the listener's.
        if (each.whose.process == 0 && each.seen.kind == MONITOR_TCP) {
            const auto at =
                table.listeners.find({each.seen.ends.network, each.seen.ends.local_port});
            each.whose = at != table.listeners.end() ? at->second : std::move(each.whose);
        }
    }
}

const owner* socket_list::find_owner(const monitor_end& of) const {
    if (const auto at = owners_->by_socket.find(of.id); at != owners_->by_socket.end()) {
        return &at->second;
    }
    const auto at = owners_->listeners.find({of.ends.network, of.ends.local_port});
    return at != owners_->listeners.end() ? &at->second : nullptr;
}

std::vector<std::uint32_t> socket_list::program_ids() const {
    return monitor::program_ids(programs_->obj);
}

}  // namespace ringway::monitor
