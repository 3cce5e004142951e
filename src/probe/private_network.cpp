#include "probe/private_network.hpp"

#include <cerrno>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include "probe/netlink.hpp"

namespace ringway::probe {
namespace {

constexpr const char* first_name = "doctor0";
constexpr const char* second_name = "doctor1";

int add_pair(netlink_socket& socket) {
    netlink_request request{RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK};
    request.append(ifinfomsg{});
    request.text(IFLA_IFNAME, first_name);
    request.number(IFLA_NUM_TX_QUEUES, 1);
    request.number(IFLA_NUM_RX_QUEUES, 1);
    const auto information = request.begin(IFLA_LINKINFO);
    request.text(IFLA_INFO_KIND, "veth");
    const auto data = request.begin(IFLA_INFO_DATA);
    const auto peer = request.begin(VETH_INFO_PEER);
    request.append(ifinfomsg{});
    request.text(IFLA_IFNAME, second_name);
    request.number(IFLA_NUM_TX_QUEUES, 1);
    request.number(IFLA_NUM_RX_QUEUES, 1);
    request.end(peer);
    request.end(data);
    request.end(information);
    return socket.ask(request);
}

int bring_up(netlink_socket& socket, std::uint32_t interface) {
    netlink_request request{RTM_NEWLINK, NLM_F_ACK};
    ifinfomsg which{};
    which.ifi_index = static_cast<int>(interface);
    which.ifi_flags = IFF_UP;
    which.ifi_change = IFF_UP;
    request.append(which);
    return socket.ask(request);
}

private_network enter() noexcept {
    private_network made;
    if (::unshare(CLONE_NEWNET) != 0) {
        made.own_user = errno == EPERM;
        if (!made.own_user || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
            made.error = errno;
            return made;
        }
    }
    netlink_socket socket{NETLINK_ROUTE};
    made.error = socket.error() != 0 ? socket.error() : add_pair(socket);
    if (made.error != 0) {
        return made;
    }
    made.interface = ::if_nametoindex(first_name);
    made.peer = ::if_nametoindex(second_name);
    for (const std::uint32_t each : {made.interface, made.peer, ::if_nametoindex("lo")}) {
        if (const int failure = bring_up(socket, each); failure != 0) {
            made.error = failure;
        }
    }
    return made;
}

}  // namespace

const private_network& enter_private_network() noexcept {
    static const private_network made = enter();
    return made;
}

}  // namespace ringway::probe
