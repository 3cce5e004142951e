// Two network namespaces with a pair of virtual interfaces between them, and a server in one.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "lab/outcome.hpp"

namespace ringway::lab {

/// How both ends call their interface, and their addresses.
inline constexpr const char* veth_name = "rw0";
inline constexpr const char* veth_client_address = "10.213.0.1";
inline constexpr const char* veth_server_address = "10.213.0.2";

/// A server: tells that it is ready, serves until it is killed, and yields a line for people if it
/// can't.
using veth_server = std::function<std::string(const std::function<void()>& ready)>;

/// The end of the pair with the server.
class veth_peer {
public:
    /// Moves the calling process, which must have one thread, into a new network namespace, starts
    /// a child in another one on `core`, connects the two by a pair of veth interfaces (veth(4))
    /// and runs `serve` in the child. Returns when that is ready.
    ///
    /// Nothing of the machine's own network is touched, and nothing is left when both processes are
    /// gone. Fails with a line for people: without root (CAP_SYS_ADMIN, CAP_NET_ADMIN) or without
    /// the program ip.
    [[nodiscard]] static outcome<veth_peer> start(unsigned core, const veth_server& serve);

    veth_peer(veth_peer&& other) noexcept;
    veth_peer& operator=(veth_peer&&) = delete;
    /// Kills the child.
    ~veth_peer();

    [[nodiscard]] pid_t id() const noexcept { return id_; }

private:
    explicit veth_peer(pid_t id) noexcept : id_{id} {}
    pid_t id_;
};

}  // namespace ringway::lab
