// A path between one client and its server that loses, repeats, reorders and spoils datagrams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include <ringway/coro/scope.hpp>
#include <ringway/net/datagram.hpp>

namespace ringway::test {

/// How many of a thousand datagrams meet with what, in each direction.
struct path_faults {
    unsigned lost = 0;
    unsigned repeated = 0;
    unsigned reordered = 0;  ///< Comes behind the next one.
    unsigned spoiled = 0;    ///< A byte is changed.
    unsigned seed = 1;
};

class udp_relay {
public:
    struct flow {
        std::uint64_t datagrams = 0;
        std::uint64_t bytes = 0;
    };
    enum class heading : unsigned char { to_server, to_client };
    /// Whether datagram number `index` (from 0) gets lost.
    using drop_rule = std::function<bool(heading way, std::uint64_t index, byte_view bytes)>;

    explicit udp_relay(const endpoint& server, const path_faults& faults = {});

    /// Where the client finds the server.
    [[nodiscard]] endpoint where() const;
    /// The server sees the client at another port from now on. `forgets`: what comes to the ports
    /// before is lost, as with a router that has no table for them any more.
    void rebind(bool forgets = false);
    /// What the client sends goes to another server.
    void lead_to(const endpoint& server) { server_ = server; }
    void drop_by(drop_rule rule) { rule_ = std::move(rule); }
    /// What arrived at the relay on its way, lost later or not.
    [[nodiscard]] const flow& sent(heading way) const noexcept {
        return way == heading::to_server ? to_server_ : to_client_;
    }
    [[nodiscard]] task<void> stop();

private:
    struct side {
        explicit side(datagram_socket made) : socket{std::move(made)} {}
        datagram_socket socket;
        std::optional<std::vector<std::byte>> held;
        bool forgotten = false;
    };

    void open_back();
    [[nodiscard]] task<void> carry(side& from, heading way);
    void pass_on(heading way, byte_view bytes);
    void deliver(heading way, byte_view bytes);
    [[nodiscard]] bool happens(unsigned of_thousand);

    endpoint server_;
    endpoint client_;
    path_faults faults_;
    drop_rule rule_;
    std::minstd_rand random_;
    flow to_server_;
    flow to_client_;
    std::unique_ptr<side> front_;
    std::vector<std::unique_ptr<side>> backs_;
    std::optional<std::vector<std::byte>> held_[2];
    scope carrying_;
};

}  // namespace ringway::test
