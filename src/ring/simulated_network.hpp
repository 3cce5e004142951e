// Stream sockets in memory that behave as TCP does on Linux. Knows no operations and no time: every
// call returns at once, -EAGAIN where a real one would wait.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <ringway/base/bytes.hpp>

#include "ring/simulated_random.hpp"

namespace ringway::detail {

class simulated_network {
public:
    static constexpr int first_descriptor = 1 << 20;

    /// A sender can be `buffer_bytes` ahead of its peer; `backlog` connections wait for an accept.
    simulated_network(std::uint32_t buffer_bytes, std::uint32_t backlog, simulated_random& random);
    ~simulated_network();
    simulated_network(const simulated_network&) = delete;
    simulated_network& operator=(const simulated_network&) = delete;

    [[nodiscard]] static bool owns(int fd) noexcept { return fd >= first_descriptor; }

    [[nodiscard]] int make_socket();
    /// -EADDRINUSE if another listener has `port`; 0 picks one.
    [[nodiscard]] int make_listener(std::uint16_t port);
    [[nodiscard]] std::array<int, 2> make_connection();

    [[nodiscard]] std::uint16_t port_of(int listener) const noexcept;
    [[nodiscard]] std::size_t open() const noexcept { return descriptors_.size() - free_.size(); }

    // What system calls do; results are theirs, or -errno.
    [[nodiscard]] int connect(int fd, std::uint16_t port);
    [[nodiscard]] int accept(int listener);
    [[nodiscard]] int receive(int fd, byte_span into) noexcept;
    [[nodiscard]] int send(int fd, byte_view from);
    [[nodiscard]] int poll(int fd, unsigned events) const noexcept;
    int shutdown(int fd, int how) noexcept;
    int close(int fd);

    /// What `receive` would yield if it were given room enough; takes nothing.
    [[nodiscard]] int readable(int fd) const noexcept;
    /// How much `send` would take; takes nothing. Errors are not reported, only -EAGAIN.
    [[nodiscard]] int writable(int fd) const noexcept;

    /// Breaks the connection for both sides. False if there is none.
    bool reset(int fd) noexcept;
    /// Breaks the connection that the next accept would have taken.
    void abort_pending(int listener) noexcept;

    /// The descriptors whose state has changed since the last call.
    [[nodiscard]] std::vector<int> take_changed() noexcept { return std::exchange(changed_, {}); }

private:
    struct socket;

    [[nodiscard]] socket* find(int fd) const noexcept;
    int install(std::unique_ptr<socket> made);
    void join(socket& one, socket& other) noexcept;
    void changed(socket& which);
    void changed_for_connectors(socket& listener);
    void break_off(socket& which) noexcept;
    void leave(socket& which);

    std::uint32_t buffer_bytes_;
    std::uint32_t backlog_;
    simulated_random& random_;
    std::vector<std::unique_ptr<socket>> descriptors_;
    std::set<std::size_t> free_;  // Unused places; as in a kernel, the lowest goes first.
    std::map<std::uint16_t, socket*> listeners_;
    std::vector<int> changed_;
};

}  // namespace ringway::detail
