#include "lab/isolation.hpp"

#include <cstring>
#include <fmt/core.h>
#include <fstream>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <ringway/base/unique_fd.hpp>

#include "lab/route.hpp"

namespace ringway::lab {
namespace {

constexpr const char* congestion_control = "/proc/sys/net/ipv4/tcp_congestion_control";

bool start_loopback() {
    const unique_fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ifreq wanted{};
    std::strcpy(wanted.ifr_name, "lo");
    if (!socket || ::ioctl(socket.get(), SIOCGIFFLAGS, &wanted) != 0) {
        return false;
    }
    wanted.ifr_flags |= IFF_UP;
    return ::ioctl(socket.get(), SIOCSIFFLAGS, &wanted) == 0;
}

std::string default_congestion_control() {
    std::string name;
    std::ifstream{congestion_control} >> name;
    return name;
}

std::string isolate_once() {
    if (::unshare(CLONE_NEWNET) != 0 || !start_loopback()) {
        return fmt::format("loopback of this machine, shared with others, {}",
                           default_congestion_control());
    }
    // Through its routes: a namespace may not choose what the machine does not allow everybody.
    return fmt::format(
        "loopback of a network namespace, {}",
        set_loopback_congestion_control("cubic") ? "cubic" : default_congestion_control());
}

}  // namespace

std::string isolate_loopback() {
    static const std::string done = isolate_once();
    return done;
}

}  // namespace ringway::lab
