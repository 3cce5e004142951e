#include "ring/simulated_network.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace ringway::detail {
namespace {

constexpr std::uint16_t first_free_port = 49152;

/// Bytes on their way to one socket.
class byte_queue {
public:
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() - begin_; }

    void append(byte_view from) { bytes_.insert(bytes_.end(), from.begin(), from.end()); }

    [[nodiscard]] std::size_t take(byte_span into) noexcept {
        const std::size_t taken = std::min(into.size(), size());
        if (taken > 0) {
            std::memcpy(into.data(), bytes_.data() + begin_, taken);
            begin_ += taken;
        }
        if (begin_ * 2 >= bytes_.size()) {
            bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
            begin_ = 0;
        }
        return taken;
    }

    void keep(std::size_t size) noexcept { bytes_.resize(begin_ + size); }

private:
    std::vector<std::byte> bytes_;
    std::size_t begin_ = 0;
};

}  // namespace

struct simulated_network::socket {
    int fd = -1;             // -1 while it waits for an accept
    bool connected = false;  // is or was
    bool finished = false;   // the peer sends no more; its FIN is behind `incoming`
    bool broken = false;     // reset; `error` has the reason until somebody asks
    bool read_shut = false;
    bool write_shut = false;
    int error = 0;
    socket* peer = nullptr;  // null when it has closed, or when broken
    byte_queue incoming;

    bool listening = false;
    std::uint16_t port = 0;
    std::deque<std::unique_ptr<socket>> pending;
    std::vector<int> connectors;  // wait for room in `pending`
};

simulated_network::simulated_network(std::uint32_t buffer_bytes, std::uint32_t backlog,
                                     simulated_random& random)
    : buffer_bytes_{buffer_bytes}, backlog_{backlog}, random_{random} {
    RW_ASSERT(buffer_bytes > 0 && backlog > 0);
}

simulated_network::~simulated_network() = default;

simulated_network::socket* simulated_network::find(int fd) const noexcept {
    if (!owns(fd)) {
        return nullptr;
    }
    const auto place = static_cast<std::size_t>(fd - first_descriptor);
    return place < descriptors_.size() ? descriptors_[place].get() : nullptr;
}

int simulated_network::install(std::unique_ptr<socket> made) {
    if (free_.empty()) {
        free_.insert(descriptors_.size());
        descriptors_.emplace_back();
    }
    const std::size_t place = *free_.begin();
    free_.erase(free_.begin());
    made->fd = first_descriptor + static_cast<int>(place);
    descriptors_[place] = std::move(made);
    return descriptors_[place]->fd;
}

void simulated_network::changed(socket& which) {
    if (which.fd >= 0) {
        changed_.push_back(which.fd);
    }
}

void simulated_network::changed_for_connectors(socket& listener) {
    const std::vector<int> connectors = std::exchange(listener.connectors, {});
    changed_.insert(changed_.end(), connectors.begin(), connectors.end());
}

void simulated_network::join(socket& one, socket& other) noexcept {
    one.connected = other.connected = true;
    one.peer = &other;
    other.peer = &one;
}

int simulated_network::make_socket() { return install(std::make_unique<socket>()); }

int simulated_network::make_listener(std::uint16_t port) {
    if (port == 0) {
        port = first_free_port;
        while (listeners_.contains(port)) {
            ++port;
        }
    }
    if (listeners_.contains(port)) {
        return -EADDRINUSE;
    }
    const int fd = make_socket();
    socket* const made = find(fd);
    made->listening = true;
    made->port = port;
    listeners_.emplace(port, made);
    return fd;
}

std::array<int, 2> simulated_network::make_connection() {
    const int one = make_socket();
    const int other = make_socket();
    join(*find(one), *find(other));
    return {one, other};
}

std::uint16_t simulated_network::port_of(int listener) const noexcept {
    const socket* const found = find(listener);
    return found == nullptr ? std::uint16_t{0} : found->port;
}

int simulated_network::connect(int fd, std::uint16_t port) {
    socket* const own = find(fd);
    if (own == nullptr) {
        return -EBADF;
    }
    if (own->connected || own->listening) {
        return -EISCONN;
    }
    const auto listener = listeners_.find(port);
    if (listener == listeners_.end()) {
        return -ECONNREFUSED;
    }
    socket& target = *listener->second;
    if (target.pending.size() >= backlog_) {
        target.connectors.push_back(fd);
        return -EAGAIN;
    }
    target.pending.push_back(std::make_unique<socket>());
    join(*own, *target.pending.back());
    changed(target);
    changed(*own);
    return 0;
}

int simulated_network::accept(int listener) {
    socket* const own = find(listener);
    if (own == nullptr) {
        return -EBADF;
    }
    if (!own->listening || own->read_shut) {
        return -EINVAL;
    }
    if (own->pending.empty()) {
        return -EAGAIN;
    }
    std::unique_ptr<socket> first = std::move(own->pending.front());
    own->pending.pop_front();
    changed_for_connectors(*own);
    return install(std::move(first));
}

int simulated_network::readable(int fd) const noexcept {
    const socket* const own = find(fd);
    if (own == nullptr) {
        return -EBADF;
    }
    if (!own->connected) {
        return -ENOTCONN;
    }
    if (own->incoming.size() > 0) {
        return static_cast<int>(own->incoming.size());
    }
    if (own->finished) {
        return 0;
    }
    if (own->error != 0) {
        return -own->error;
    }
    return own->broken || own->read_shut ? 0 : -EAGAIN;
}

int simulated_network::receive(int fd, byte_span into) noexcept {
    const int there = readable(fd);
    if (there == -EAGAIN || there == -EBADF || there == -ENOTCONN || there == 0) {
        return there;
    }
    socket& own = *find(fd);
    if (there < 0) {
        own.error = 0;
        return there;
    }
    const std::size_t taken = own.incoming.take(into);
    if (own.peer != nullptr) {
        changed(*own.peer);
    }
    return static_cast<int>(taken);
}

int simulated_network::writable(int fd) const noexcept {
    const socket* const own = find(fd);
    if (own == nullptr || own->peer == nullptr) {
        return static_cast<int>(buffer_bytes_);
    }
    const std::size_t used = own->peer->incoming.size();
    return used < buffer_bytes_ ? static_cast<int>(buffer_bytes_ - used) : -EAGAIN;
}

int simulated_network::send(int fd, byte_view from) {
    socket* const own = find(fd);
    if (own == nullptr) {
        return -EBADF;
    }
    if (own->error != 0) {
        return -std::exchange(own->error, 0);
    }
    if (!own->connected || own->broken || own->write_shut) {
        return -EPIPE;
    }
    const int room = writable(fd);
    if (from.empty() || room < 0) {
        return from.empty() ? 0 : room;
    }
    from = from.first(std::min(from.size(), static_cast<std::size_t>(room)));
    if (own->peer == nullptr) {
        break_off(*own);  // The peer has closed: the bytes go nowhere and a reset comes back.
    } else {
        own->peer->incoming.append(from);
        changed(*own->peer);
    }
    return static_cast<int>(from.size());
}

int simulated_network::poll(int fd, unsigned events) const noexcept {
    const socket* const own = find(fd);
    if (own == nullptr) {
        return POLLNVAL;
    }
    unsigned found = 0;
    const auto note = [&found](bool condition, int event) {
        found |= condition ? static_cast<unsigned>(event) : 0U;
    };
    note(own->error != 0, POLLERR);
    if (own->listening) {
        note(!own->pending.empty(), POLLIN);
        note(own->read_shut, POLLHUP);
    } else {
        const bool ended = own->finished || own->broken || own->read_shut;
        note(own->connected && (ended || readable(fd) > 0 || own->error != 0), POLLIN);
        note(writable(fd) > 0 || own->broken || own->write_shut, POLLOUT);
        note(ended, POLLRDHUP);
        note(!own->connected || own->broken || (ended && own->write_shut), POLLHUP);
    }
    found &= events | POLLERR | POLLHUP;
    return found != 0 ? static_cast<int>(found) : -EAGAIN;
}

int simulated_network::shutdown(int fd, int how) noexcept {
    socket* const own = find(fd);
    if (own == nullptr) {
        return -EBADF;
    }
    if (!own->listening && (!own->connected || own->broken)) {
        return -ENOTCONN;
    }
    own->read_shut |= how == SHUT_RD || how == SHUT_RDWR;
    own->write_shut |= how == SHUT_WR || how == SHUT_RDWR;
    changed(*own);
    if (own->listening && own->read_shut) {
        leave(*own);
    }
    if (own->write_shut && own->peer != nullptr) {
        own->peer->finished = true;
        changed(*own->peer);
    }
    return 0;
}

// One side learns that the connection is gone. What had arrived can still be read; of what is under
// way to it the end is lost. A FIN that has arrived means that all bytes have.
void simulated_network::break_off(socket& which) noexcept {
    if (which.broken) {
        return;
    }
    const std::size_t size = which.incoming.size();
    const bool all_arrived = size == 0 || random_.below(2) == 0;
    if (!all_arrived) {
        which.incoming.keep(random_.below(size));
        which.finished = false;
    }
    which.error = which.finished ? EPIPE : ECONNRESET;
    which.broken = true;
    which.peer = nullptr;
    changed(which);
}

bool simulated_network::reset(int fd) noexcept {
    socket* const own = find(fd);
    if (own == nullptr || !own->connected || own->broken) {
        return false;
    }
    if (own->peer != nullptr) {
        break_off(*own->peer);
    }
    break_off(*own);
    return true;
}

void simulated_network::abort_pending(int listener) noexcept {
    socket* const own = find(listener);
    if (own == nullptr || own->pending.empty()) {
        return;
    }
    const std::unique_ptr<socket> first = std::move(own->pending.front());
    own->pending.pop_front();
    if (first->peer != nullptr) {
        break_off(*first->peer);
    }
    changed_for_connectors(*own);
}

// A socket ends: tells those who know it.
void simulated_network::leave(socket& which) {
    if (which.listening) {
        const auto place = listeners_.find(which.port);
        if (place != listeners_.end() && place->second == &which) {
            listeners_.erase(place);
        }
        for (const auto& waiting : which.pending) {
            if (waiting->peer != nullptr) {
                break_off(*waiting->peer);
            }
        }
        which.pending.clear();
        changed_for_connectors(which);
    }
    if (which.peer == nullptr) {
        return;
    }
    if (which.incoming.size() > 0) {
        break_off(*which.peer);  // Unread bytes make it a reset.
    } else {
        which.peer->finished = true;
        which.peer->peer = nullptr;
        changed(*which.peer);
    }
    which.peer = nullptr;
}

int simulated_network::close(int fd) {
    socket* const own = find(fd);
    if (own == nullptr) {
        return -EBADF;
    }
    leave(*own);
    const auto place = static_cast<std::size_t>(fd - first_descriptor);
    descriptors_[place].reset();
    free_.insert(place);
    return 0;
}

}  // namespace ringway::detail
