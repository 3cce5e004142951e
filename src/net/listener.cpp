#include <ringway/net/listener.hpp>

#include <cerrno>
#include <cstdint>
#include <expected>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>
#include <ringway/runtime/shard.hpp>

namespace ringway {
namespace {

int flags_of_this_shard() noexcept {
    shard* const here = shard::current_or_null();
    return here == nullptr ? 0 : here->io().socket_flags();
}

bool set(int fd, int level, int option, int value) noexcept {
    return ::setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

bool set_up(int fd, const endpoint& where, const listen_options& options) noexcept {
    if (!where.is_ip()) {
        return true;
    }
    const int only_v6 = where.is_every_address() ? 0 : 1;
    const auto defer_s = static_cast<int>(options.defer_accept.count());
    return set(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
           (!options.reuse_port || set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) &&
           (where.family() != AF_INET6 || set(fd, IPPROTO_IPV6, IPV6_V6ONLY, only_v6)) &&
           (!options.nodelay || set(fd, IPPROTO_TCP, TCP_NODELAY, 1)) &&
           (defer_s == 0 || set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, defer_s));
}

// Whether a program accepts connections on the Unix socket at `where`, or might: 0 if certainly
// not, else the errno to report.
int who_listens(const endpoint& where) noexcept {
    struct stat facts{};
    if (::lstat(where.path().c_str(), &facts) != 0) {
        return errno == ENOENT ? 0 : errno;
    }
    if (!S_ISSOCK(facts.st_mode)) {
        return ENOTSOCK;
    }
    const unique_fd probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!probe) {
        return errno;
    }
    if (::connect(probe.get(), where.address(), where.size()) == 0) {
        return EADDRINUSE;
    }
    switch (errno) {
        case ENOENT:
        case ECONNREFUSED: return 0;
        case EACCES: return EACCES;
        default: return EADDRINUSE;  // A full backlog, or a socket of another type.
    }
}

bool bind_to(int fd, const endpoint& where) noexcept {
    if (::bind(fd, where.address(), where.size()) == 0) {
        return true;
    }
    const bool file = where.is_unix() && !where.path().starts_with('@');
    if (errno != EADDRINUSE || !file) {
        return false;
    }
    if (const int listens = who_listens(where); listens != 0) {
        errno = listens;
        return false;
    }
    ::unlink(where.path().c_str());
    return ::bind(fd, where.address(), where.size()) == 0;
}

result<unique_fd> open_at(const endpoint& where, const listen_options& options) noexcept {
    const int type = SOCK_STREAM | SOCK_CLOEXEC | flags_of_this_shard();
    unique_fd made{::socket(where.family(), type, 0)};
    if (!made || !set_up(made.get(), where, options) || !bind_to(made.get(), where)) {
        return fail_errno(errno);
    }
    return made;
}

// IPv6 may be missing from the kernel (EAFNOSUPPORT) or be switched off (EADDRNOTAVAIL).
bool lacks_ipv6(const endpoint& where, int sys) noexcept {
    return where.is_every_address() && (sys == EAFNOSUPPORT || sys == EADDRNOTAVAIL);
}

endpoint every_ipv4_address(std::uint16_t port) noexcept {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    return *endpoint::from(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

result<unique_fd> open_bound(const endpoint& where, const listen_options& options) noexcept {
    auto made = open_at(where, options);
    if (!made && lacks_ipv6(where, made.error().sys)) {
        made = open_at(every_ipv4_address(where.port()), options);
    }
    return made;
}

}  // namespace

result<unique_fd> open_listener(const endpoint& where, const listen_options& options) noexcept {
    if (!where.is_ip() && !where.is_unix()) {
        return fail_errno(EAFNOSUPPORT);
    }
    auto made = open_bound(where, options);
    if (made && ::listen(made->get(), options.backlog) != 0) {
        return fail_errno(errno);
    }
    return made;
}

result<std::vector<unique_fd>> open_listeners(const endpoint& where, unsigned count,
                                              listen_options options) {
    RW_ASSERT(count > 0);
    endpoint place = where;
    std::vector<unique_fd> made;
    options.reuse_port = false;
    if (where.is_ip() && count > 1 && where.port() != 0) {
        // Without SO_REUSEPORT the kernel refuses what would be shared with another program.
        const auto alone = open_bound(where, options);
        if (!alone) {
            return std::unexpected{alone.error()};
        }
    }
    options.reuse_port = where.is_ip() && count > 1;
    for (unsigned i = 0; i < count; ++i) {
        const bool duplicate = where.is_unix() && i > 0;
        auto next = duplicate ? result<unique_fd>{::fcntl(made.front().get(), F_DUPFD_CLOEXEC, 0)}
                              : open_listener(place, options);
        if (!next || !*next) {
            return next ? fail_errno(errno) : std::unexpected{next.error()};
        }
        if (const auto bound = local_endpoint(next->get()); i == 0 && bound && bound->is_ip()) {
            place = place.with_port(bound->port());
        }
        made.push_back(*std::move(next));
    }
    return made;
}

std::string explain_listen_failure(const endpoint& where, error failure) {
    std::string line = "can't listen on " + where.to_text() + ": ";
    switch (failure.sys) {
        case EADDRINUSE:
            return line +
                   "another program listens there; choose another, or end that one (ss -lnp "
                   "tells which it is)";
        case EADDRNOTAVAIL:
            return line + "this machine has no such address (ip address lists those it has)";
        case EAFNOSUPPORT: return line + "the kernel has no such address family";
        case ENOTSOCK: return line + "the file exists and is no socket; choose another path";
        case ENOENT: return line + "the folder of the socket does not exist; make it first";
        case EACCES:
            if (where.is_ip() && where.port() < 1024) {
                return line +
                       "ports below 1024 need the capability CAP_NET_BIND_SERVICE, or a "
                       "lower sysctl net.ipv4.ip_unprivileged_port_start";
            }
            return line +
                   (where.is_ip() ? "no permission" : "no permission to make a socket there");
        case EMFILE: return line + "too few files may be open; raise that limit (ulimit -n)";
        default: return line + describe(failure);
    }
}

}  // namespace ringway
