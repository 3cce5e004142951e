// Two network namespaces with a pair of virtual interfaces between them, for tests with packets.
#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include <ringway/base/unique_fd.hpp>

// Ends a test as skipped, with the reason, where the network can't be made.
#define RW_MAKE_NETWORK(variable, ...)                                             \
    std::string variable##_refused;                                                \
    const auto variable =                                                          \
        ::ringway::test::virtual_network::make({__VA_ARGS__}, variable##_refused); \
    if (variable == nullptr) {                                                     \
        GTEST_SKIP() << variable##_refused;                                        \
    }                                                                              \
    static_assert(true)

namespace ringway::test {

struct network_options {
    unsigned queues = 1;    ///< Receive and transmit queues of both interfaces.
    unsigned mtu = 1500;    ///< Of both.
    bool offloads = false;  ///< Leave checksums to the other side, as veth does by default.
};

/// The interface "near" in one namespace, "far" in another, a wire between them:
///
///     near 10.77.0.1/24 fd77::1/64 02:00:00:00:00:01
///     far  10.77.0.2/24 fd77::2/64 02:00:00:00:00:02
///
/// Both know each other's hardware address, and GRO is on, so that native XDP on one side can send
/// to the other. Gone with this object, together with all that is attached.
class virtual_network {
public:
    enum class side : bool { near, far };

    /// None without root, or where namespaces are refused: `why_not` says so.
    [[nodiscard]] static std::unique_ptr<virtual_network> make(const network_options& options,
                                                               std::string& why_not);

    /// Runs `work` in the namespace of `where`: sockets, programs and threads that it makes belong
    /// there. Afterwards the calling thread is where it was.
    void in(side where, const std::function<void()>& work) const;

    /// Runs a shell command in the namespace of `where`; its exit status.
    int run(side where, const std::string& command) const;

    /// The namespace of the side, to be entered by setns(2).
    [[nodiscard]] int fd(side where) const noexcept {
        return where == side::near ? near_.get() : far_.get();
    }
    /// A path to it that other processes can open as long as this lives.
    [[nodiscard]] std::string path(side where) const;

private:
    virtual_network() = default;
    [[nodiscard]] bool set_up(const network_options& options) const;
    [[nodiscard]] bool set_up_side(side where, const network_options& options) const;

    unique_fd near_;
    unique_fd far_;
};

using net_side = virtual_network::side;

}  // namespace ringway::test
