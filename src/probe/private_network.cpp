#include "probe/private_network.hpp"

#include <cerrno>
#include <fmt/core.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <string>

#include "probe/netlink.hpp"

namespace ringway::probe {
namespace {

int add_pair(netlink_socket& socket, const std::string& first, const std::string& second) {
    netlink_request request{RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK};
    request.append(ifinfomsg{});
    request.text(IFLA_IFNAME, first);
    request.number(IFLA_NUM_TX_QUEUES, 1);
    request.number(IFLA_NUM_RX_QUEUES, 1);
    const auto information = request.begin(IFLA_LINKINFO);
    request.text(IFLA_INFO_KIND, "veth");
    const auto data = request.begin(IFLA_INFO_DATA);
    const auto peer = request.begin(VETH_INFO_PEER);
    request.append(ifinfomsg{});
    request.text(IFLA_IFNAME, second);
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
        }
    }
    return made;
}

}  // namespace

private_network enter_private_network() noexcept {
    static const private_network entered = enter();
    static unsigned pairs = 0;
    private_network made = entered;
    if (made.error != 0) {
        return made;
    }
    const auto first = fmt::format("doctor{}a", pairs);
    const auto second = fmt::format("doctor{}b", pairs);
    ++pairs;
    netlink_socket socket{NETLINK_ROUTE};
    made.error = socket.error() != 0 ? socket.error() : add_pair(socket, first, second);
    if (made.error != 0) {
        return made;
    }
    made.interface = ::if_nametoindex(first.c_str());
    made.peer = ::if_nametoindex(second.c_str());
    for (const std::uint32_t each : {made.interface, made.peer}) {
        if (const int failure = bring_up(socket, each); failure != 0) {
            made.error = failure;
        }
    }
    return made;
}

}  // namespace ringway::probe
