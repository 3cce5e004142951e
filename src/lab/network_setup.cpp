#include "lab/network_setup.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ringway::lab {
namespace {

constexpr const char* device_name = "path0";
constexpr int queue_packets = 10000;

bool write_file(const char* path, const char* text) noexcept {
    const int file = ::open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    const auto length = std::strlen(text);
    const bool done = ::write(file, text, length) == static_cast<ssize_t>(length);
    const int why = errno;
    ::close(file);
    errno = why;
    return done;
}

ifreq request_for(const char* device) noexcept {
    ifreq request{};
    std::strncpy(request.ifr_name, device, IFNAMSIZ - 1);
    return request;
}

bool bring_up(int socket, const char* device) noexcept {
    ifreq request = request_for(device);
    if (::ioctl(socket, SIOCGIFFLAGS, &request) != 0) {
        return false;
    }
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
    return ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
}

bool set_v4(int socket, const char* device, const char* address) noexcept {
    ifreq request = request_for(device);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    ::inet_pton(AF_INET, address, &to.sin_addr);
    std::memcpy(&request.ifr_addr, &to, sizeof to);
    if (::ioctl(socket, SIOCSIFADDR, &request) != 0) {
        return false;
    }
    ::inet_pton(AF_INET, "255.255.255.0", &to.sin_addr);
    std::memcpy(&request.ifr_netmask, &to, sizeof to);
    return ::ioctl(socket, SIOCSIFNETMASK, &request) == 0;
}

bool set_v6(int index, const char* address) noexcept {
    const int socket = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) {
        return false;
    }
    in6_ifreq request{};
    ::inet_pton(AF_INET6, address, &request.ifr6_addr);
    request.ifr6_prefixlen = 64;
    request.ifr6_ifindex = index;
    const bool done = ::ioctl(socket, SIOCSIFADDR, &request) == 0;
    ::close(socket);
    return done;
}

int open_device() noexcept {
    const int tun = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tun < 0) {
        return -1;
    }
    ifreq request = request_for(device_name);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (::ioctl(tun, TUNSETIFF, &request) != 0) {
        const int why = errno;
        ::close(tun);
        errno = why;
        return -2;
    }
    return tun;
}

struct end {
    const char* v4;
    const char* v4_second;  // To move to.
    const char* v6;
    bool has_v6 = false;
};

bool configure(end& at, int mtu) noexcept {
    // Settings that may be refused without harm. The first keeps TCP from remembering the path of
    // an earlier run, the second keeps the device free of traffic that nobody asked for.
    static_cast<void>(write_file("/proc/sys/net/ipv4/tcp_no_metrics_save", "1"));
    static_cast<void>(write_file("/proc/sys/net/ipv6/conf/path0/addr_gen_mode", "1"));
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) {
        return false;
    }
    ifreq request = request_for(device_name);
    request.ifr_mtu = mtu;
    bool done = ::ioctl(socket, SIOCSIFMTU, &request) == 0;
    // Of the kernel before us. Only root may: others keep the default of 500 packets.
    request.ifr_qlen = queue_packets;
    static_cast<void>(::ioctl(socket, SIOCSIFTXQLEN, &request));
    done = done && bring_up(socket, "lo") && set_v4(socket, device_name, at.v4) &&
           set_v4(socket, "path0:1", at.v4_second) && bring_up(socket, device_name);
    if (done && ::ioctl(socket, SIOCGIFINDEX, &request) == 0) {
        at.has_v6 = set_v6(request.ifr_ifindex, at.v6);
    }
    const int why = errno;
    ::close(socket);
    errno = why;
    return done;
}

helper_result failed(setup_step step) noexcept {
    return {.step = static_cast<int>(step), .error = errno == 0 ? EIO : errno};
}

bool map_user(const setup_request& request) noexcept {
    char line[64];
    std::snprintf(line, sizeof line, "0 %u 1", request.user);
    if (!write_file("/proc/self/uid_map", line)) {
        return false;
    }
    // Needed before gid_map where the writer has no CAP_SETGID outside (Linux 3.19).
    static_cast<void>(write_file("/proc/self/setgroups", "deny"));
    std::snprintf(line, sizeof line, "0 %u 1", request.group);
    return write_file("/proc/self/gid_map", line);
}

// A new network namespace; for who may not have one, in a new user namespace.
bool enter_new(const setup_request& request, bool& own_user, setup_step& step) noexcept {
    step = setup_step::unshare;
    if (::unshare(CLONE_NEWNET) == 0) {
        return true;
    }
    if (errno != EPERM || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
        return false;
    }
    own_user = true;
    step = setup_step::map_user;
    return map_user(request);
}

}  // namespace

helper_result set_up_namespaces(const void* argument) {
    const auto& request = *static_cast<const setup_request*>(argument);
    end ends[2] = {{"10.77.0.1", "10.77.0.3", "fd77::1"}, {"10.77.0.2", "10.77.0.4", "fd77::2"}};
    helper_result result{.step = static_cast<int>(setup_step::open_names)};
    bool own_user = false;
    for (std::size_t i = 0; i < 2; ++i) {
        setup_step step{};
        errno = 0;
        if (!enter_new(request, own_user, step)) {
            return failed(step);
        }
        const int tun = open_device();
        if (tun < 0) {
            return failed(tun == -1 ? setup_step::open_tun : setup_step::make_device);
        }
        if (!configure(ends[i], request.mtu)) {
            return failed(setup_step::addresses);
        }
        result.fds[i] = tun;
        result.fds[i + 2] = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        result.fds[i + 4] = ::open("/proc/self/net/dev", O_RDONLY | O_CLOEXEC);
        if (result.fds[i + 2] < 0 || result.fds[i + 4] < 0) {
            return failed(setup_step::open_names);
        }
    }
    result.count = 6;
    if (own_user) {
        result.fds[6] = ::open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
        if (result.fds[6] < 0) {
            return failed(setup_step::open_names);
        }
        result.count = 7;
    }
    if (!ends[0].has_v6 || !ends[1].has_v6) {
        result.step = -1;
    }
    return result;
}

}  // namespace ringway::lab
