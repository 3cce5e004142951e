#include "guard/control_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fmt/core.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace ringway::guard {
namespace {

constexpr std::size_t clients_max = 16;
constexpr std::size_t request_bytes_max = std::size_t{1} << 20U;
constexpr std::chrono::seconds client_patience{5};
constexpr std::string_view name_begin = "guard-";
constexpr std::string_view name_end = ".sock";

std::filesystem::path socket_folder() {
    constexpr const char* shared = "/run/ringway";  // RuntimeDirectory=ringway of systemd.exec(5)
    const char* const own = std::getenv("XDG_RUNTIME_DIR");
    if (::geteuid() == 0 || ::access(shared, W_OK) == 0 || own == nullptr || *own != '/') {
        return shared;
    }
    return std::filesystem::path{own} / "ringway";
}

told<sockaddr_un> address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path) {
        return std::unexpected{fmt::format("{}: longer than the name of a socket may be ({})",
                                           path.native(), sizeof address.sun_path - 1)};
    }
    std::memcpy(&address.sun_path[0], path.c_str(), path.native().size());
    return address;
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

ucred peer_of(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        peer = {.pid = 0, .uid = static_cast<uid_t>(-1), .gid = static_cast<gid_t>(-1)};
    }
    return peer;
}

// By a signal, or by a debugger: proc_pid_stat(5).
bool is_stopped(pid_t process) {
    std::ifstream file{fmt::format("/proc/{}/stat", process)};
    const std::string line{std::istreambuf_iterator<char>{file}, {}};
    const auto name_ends = line.rfind(") ");
    return name_ends != std::string::npos &&
           (line[name_ends + 2] == 'T' || line[name_ends + 2] == 't');
}

// A connected socket, or an errno.
std::expected<unique_fd, int> connect_to(const std::filesystem::path& path) {
    const auto address = address_of(path);
    unique_fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!address) {
        return std::unexpected{ENAMETOOLONG};
    }
    if (!socket || ::connect(socket.get(), generic(*address), sizeof *address) != 0) {
        return std::unexpected{errno};
    }
    return socket;
}

bool send_all(int socket, std::string_view text) {
    while (!text.empty()) {
        const auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    }
    return true;
}

}  // namespace

std::filesystem::path default_socket_path(std::string_view interface) {
    return socket_folder() / fmt::format("{}{}{}", name_begin, interface, name_end);
}

std::vector<std::string> guards_with_sockets() {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{socket_folder(), none}) {
        const auto name = entry.path().filename().native();
        if (name.starts_with(name_begin) && name.ends_with(name_end) &&
            listener_of(entry.path()) != 0) {
            names.push_back(
                name.substr(name_begin.size(), name.size() - name_begin.size() - name_end.size()));
        }
    }
    std::ranges::sort(names);
    return names;
}

pid_t listener_of(const std::filesystem::path& socket) {
    const auto connected = connect_to(socket);
    return connected ? peer_of(connected->get()).pid : 0;
}

told<std::string> ask_guard(const std::filesystem::path& socket, std::string_view request) {
    const auto connected = connect_to(socket);
    if (!connected) {
        const int why = connected.error();
        return std::unexpected{
            why == ENOENT || why == ECONNREFUSED
                ? fmt::format("no guard listens at {}; ringway guard IFACE starts one",
                              socket.native())
                : fmt::format("{}: {}{}", socket.native(), std::strerror(why),
                              why == EACCES ? "; root and the user of the guard may ask it" : "")};
    }
    if (const pid_t guard = peer_of(connected->get()).pid; is_stopped(guard)) {
        return std::unexpected{
            fmt::format("the guard, process {0}, is stopped; kill -CONT {0} lets it go on", guard)};
    }
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(connected->get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (!send_all(connected->get(), request) || !send_all(connected->get(), "\n")) {
        return std::unexpected{std::string{"the guard does not take requests: "} +
                               std::strerror(errno)};
    }
    std::string answer;
    std::array<char, 65536> piece{};
    while (!answer.ends_with('\n')) {
        const auto count = ::recv(connected->get(), piece.data(), piece.size(), 0);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return std::unexpected{std::string{"the guard does not answer: "} +
                                   (count == 0        ? "it hung up"
                                    : errno == EAGAIN ? "not within 30 s"
                                                      : std::strerror(errno))};
        }
        answer.append(piece.data(), static_cast<std::size_t>(count));
    }
    return answer;
}

told<control_socket> control_socket::open(std::filesystem::path path) {
    const auto address = address_of(path);
    if (!address) {
        return std::unexpected{address.error()};
    }
    if (const pid_t there = listener_of(path); there != 0) {
        return std::unexpected{fmt::format(
            "a guard listens at {} already: process {}; end that, or give this one a socket of "
            "its own (--socket, or --guard-socket of serve)",
            path.native(), there)};
    }
    if (path.parent_path() == socket_folder()) {  // Others belong to who named them.
        std::error_code failed;
        std::filesystem::create_directories(path.parent_path(), failed);
    }
    ::unlink(path.c_str());
    unique_fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    // Of a Unix socket bind(2) makes the file with the mode of the socket's inode.
    if (!socket || ::fchmod(socket.get(), 0600) != 0 ||
        ::bind(socket.get(), generic(*address), sizeof *address) != 0 ||
        ::chmod(path.c_str(), 0600) != 0 || ::listen(socket.get(), clients_max) != 0) {
        return std::unexpected{fmt::format(
            "the socket {} can't be made: {}{}", path.native(), std::strerror(errno),
            errno == ENOENT   ? "; make its folder first"
            : errno == EACCES ? "; name a place that this user may write to (--socket, or "
                                "--guard-socket of serve)"
                              : "")};
    }
    return control_socket{std::move(path), std::move(socket)};
}

control_socket::~control_socket() {
    if (listening_) {
        ::unlink(path_.c_str());
    }
}

void control_socket::run(guard_service& service, int end, const guard_service::sink& events) {
    for (;;) {
        const auto now = std::chrono::steady_clock::now();
        const auto next = service.tick(now, events);
        std::vector<pollfd> waits{{.fd = end, .events = POLLIN, .revents = 0},
                                  {.fd = listening_.get(), .events = POLLIN, .revents = 0}};
        if (clients_.size() == clients_max) {
            waits.back().fd = -1;
        }
        for (const client& one : clients_) {
            const short wanted = one.answered ? POLLOUT : POLLIN;
            waits.push_back({.fd = one.socket.get(), .events = wanted, .revents = 0});
        }
        const auto patience =
            std::chrono::ceil<std::chrono::milliseconds>(std::max(next - now, {})).count();
        if (::poll(waits.data(), waits.size(), static_cast<int>(patience)) < 0 && errno != EINTR) {
            return;
        }
        if (waits.front().revents != 0) {
            return;
        }
        const auto then = std::chrono::steady_clock::now();
        for (std::size_t i = clients_.size(); i-- > 0;) {
            const bool ready = waits[i + 2].revents != 0;
            if (clients_[i].deadline < then || (ready && !serve(clients_[i], service, then))) {
                clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(i));
            }
        }
        if (waits[1].revents != 0) {
            accept_one(then);
        }
    }
}

void control_socket::accept_one(time_point now) {
    unique_fd socket{::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!socket) {
        return;
    }
    const auto peer = peer_of(socket.get());
    if (peer.uid != 0 && peer.uid != ::geteuid()) {
        return;
    }
    clients_.push_back(
        {.socket = std::move(socket), .in = {}, .out = {}, .deadline = now + client_patience});
}

bool control_socket::serve(client& one, guard_service& service, time_point now) {
    if (!one.answered) {
        std::array<char, 65536> piece{};
        const auto count = ::recv(one.socket.get(), piece.data(), piece.size(), 0);
        if (count <= 0) {
            return count < 0 && (errno == EAGAIN || errno == EINTR);
        }
        one.in.append(piece.data(), static_cast<std::size_t>(count));
        const auto end = one.in.find('\n');
        if (end == std::string::npos) {
            return one.in.size() <= request_bytes_max;
        }
        one.out = service.answer(std::string_view{one.in}.substr(0, end), now);
        one.answered = true;
        // Loading lists takes its time, which is not the client's fault.
        one.deadline = std::chrono::steady_clock::now() + client_patience;
    }
    const auto sent = ::send(one.socket.get(), one.out.data(), one.out.size(), MSG_NOSIGNAL);
    if (sent < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    one.out.erase(0, static_cast<std::size_t>(sent));
    return !one.out.empty();
}

}  // namespace ringway::guard
