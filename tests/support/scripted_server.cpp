#include "support/scripted_server.hpp"

#include <algorithm>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "support/sockets.hpp"

namespace ringway::test {

scripted_server::scripted_server(script answers, bool keeps)
    : answers_{std::move(answers)},
      keeps_{keeps},
      listener_{tcp_listener()},
      port_{port_of(listener_.get())},
      acceptor_{[this] { accept_all(); }} {}

scripted_server::~scripted_server() {
    ending_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);  // Ends the accept.
    acceptor_.join();
    {
        const std::scoped_lock lock{mutex_};
        for (const int fd : open_) {
            ::shutdown(fd, SHUT_RDWR);
        }
    }
    for (auto& each : threads_) {
        each.join();
    }
}

std::string scripted_server::url(const std::string& target) const {
    return "http://127.0.0.1:" + std::to_string(port_) + target;
}

std::vector<std::string> scripted_server::requests() const {
    const std::scoped_lock lock{mutex_};
    return requests_;
}

void scripted_server::accept_all() {
    while (!ending_) {
        const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        const std::scoped_lock lock{mutex_};
        open_.push_back(fd);
        threads_.emplace_back([this, fd] { serve(fd); });
    }
}

void scripted_server::serve(int fd) {
    std::string arrived;
    char piece[4096];
    for (ssize_t got = 1; got > 0;) {
        const auto end = arrived.find("\r\n\r\n");
        if (end == std::string::npos) {
            got = ::recv(fd, piece, sizeof piece, 0);
            arrived.append(piece, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            continue;
        }
        const auto head = arrived.substr(0, end + 4);
        arrived.erase(0, end + 4);
        {
            const std::scoped_lock lock{mutex_};
            requests_.push_back(head);
        }
        const auto text = answers_(head);
        for (std::size_t sent = 0; sent < text.size();) {
            const auto wrote = ::send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
            if (wrote <= 0) {
                break;
            }
            sent += static_cast<std::size_t>(wrote);
        }
        if (!keeps_) {
            break;
        }
    }
    const std::scoped_lock lock{mutex_};
    std::erase(open_, fd);
    ::close(fd);
}

std::string answer(const std::string& status, const std::string& fields, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string field_of(const std::string& head, const std::string& name) {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) {
        return {};
    }
    const auto start = at + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
}

}  // namespace ringway::test
