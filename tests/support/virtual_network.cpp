#include "support/virtual_network.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace ringway::test {
namespace {

constexpr const char* own_namespace = "/proc/thread-self/ns/net";

unique_fd make_namespace() {
    unique_fd made;
    std::thread{[&made] {
        if (::unshare(CLONE_NEWNET) == 0) {
            made = unique_fd{::open(own_namespace, O_RDONLY | O_CLOEXEC)};
        }
    }}.join();
    return made;
}

int status_of(const std::string& command) {
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

std::unique_ptr<virtual_network> virtual_network::make(const network_options& options,
                                                       std::string& why_not) {
    if (::geteuid() != 0) {
        why_not = "network namespaces need root";
        return nullptr;
    }
    std::unique_ptr<virtual_network> made{new virtual_network};
    made->near_ = make_namespace();
    made->far_ = make_namespace();
    if (!made->near_ || !made->far_) {
        why_not = "network namespaces are refused here";
        return nullptr;
    }
    if (!made->set_up(options)) {
        why_not = "ip link, ip address or ethtool failed (./dev setup installs them)";
        return nullptr;
    }
    return made;
}

bool virtual_network::set_up(const network_options& options) const {
    const std::string queues = " numrxqueues " + std::to_string(options.queues) + " numtxqueues " +
                               std::to_string(options.queues);
    return run(side::near, "ip link add near" + queues + " type veth peer name far" + queues +
                               " netns " + path(side::far)) == 0 &&
           set_up_side(side::near, options) && set_up_side(side::far, options);
}

bool virtual_network::set_up_side(side where, const network_options& options) const {
    const bool is_near = where == side::near;
    const std::string name = is_near ? "near" : "far";
    const std::string own = is_near ? "1" : "2";
    const std::string other = is_near ? "2" : "1";
    std::string script =
        "exec >/dev/null 2>&1; set -e\n"
        "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 || true\n"  // No chatter of its own.
        "ip link set lo up\n"
        "ip link set dev " +
        name + " address 02:00:00:00:00:0" + own + " mtu " + std::to_string(options.mtu) +
        "\n"
        "ethtool -K " +
        name + " gro on tso off gso off" + (options.offloads ? "" : " tx off") +
        "\n"
        "echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6 || true\n"
        "echo 0 >/proc/sys/net/ipv6/conf/" +
        name +
        "/router_solicitations || true\n"
        "echo 1 >/proc/sys/net/ipv6/conf/" +
        name +
        "/addr_gen_mode || true\n"
        "ip address add 10.77.0." +
        own + "/24 dev " + name +
        "\n"
        "ip address add fd77::" +
        own + "/64 dev " + name +
        " nodad\n"
        "ip link set " +
        name +
        " up\n"
        "ip neigh replace 10.77.0." +
        other + " lladdr 02:00:00:00:00:0" + other + " dev " + name +
        "\n"
        "ip neigh replace fd77::" +
        other + " lladdr 02:00:00:00:00:0" + other + " dev " + name + "\n";
    return run(where, script) == 0;
}

void virtual_network::in(side where, const std::function<void()>& work) const {
    const unique_fd before{::open(own_namespace, O_RDONLY | O_CLOEXEC)};
    ASSERT_EQ(::setns(fd(where), CLONE_NEWNET), 0);
    work();
    ASSERT_EQ(::setns(before.get(), CLONE_NEWNET), 0);
}

int virtual_network::run(side where, const std::string& command) const {
    int status = -1;
    in(where, [&] { status = status_of(command); });
    return status;
}

std::string virtual_network::path(side where) const {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd(where));
}

}  // namespace ringway::test
