// A QUIC server on the running shard, and clients of it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <ringway/coro/scope.hpp>
#include <ringway/quic/client.hpp>
#include <ringway/quic/server.hpp>

#include "support/quic_streams.hpp"
#include "support/tls_world.hpp"

namespace ringway::test {

/// What the shards of a test server share; made before they run.
struct quic_service_world {
    explicit quic_service_world(quic::server_options options = {}, unsigned shards = 1,
                                const endpoint& at = endpoint::loopback(0));

    /// Runs `main` on each shard, with the driver that RINGWAY_DRIVER asks for. Checks afterwards
    /// that nothing leaks: operations, connections, and of descriptors those that were open before
    /// but for the sockets of the group.
    void run(const std::function<task<void>(quic_service_world&)>& main);

    [[nodiscard]] endpoint where() const { return group->listening().front(); }

    tls_world tls;
    std::unique_ptr<quic::server_group> group;
    unsigned shards;
};

/// The endpoint of one shard. `close` must be awaited.
class quic_site {
public:
    explicit quic_site(quic_service_world& world, stream_role role = stream_role::echoes)
        : quic_site{*world.group, role} {}
    explicit quic_site(quic::server_group& group, stream_role role = stream_role::echoes);

    [[nodiscard]] quic::server_endpoint& endpoint() noexcept { return *endpoint_; }
    [[nodiscard]] quic_streams_service& service() noexcept { return service_; }
    [[nodiscard]] const quic::endpoint_counters& counters() const { return endpoint_->counters(); }
    [[nodiscard]] task<void> close(std::chrono::milliseconds patience = {});

private:
    quic_streams_service service_;
    std::unique_ptr<quic::server_endpoint> endpoint_;
    scope serving_;
};

/// A client of a site. `close` must be awaited.
class quic_client {
public:
    quic_client(quic_service_world& world, const ringway::endpoint& where,
                const quic::client_options& options = {}, const quic::resumption& earlier = {},
                std::string host = "localhost");

    [[nodiscard]] quic::client_connection& connection() noexcept { return *connection_; }
    [[nodiscard]] quic_streams& streams() noexcept { return *streams_; }
    [[nodiscard]] bool has_streams() const noexcept { return streams_ != nullptr; }
    /// Asks on a new stream and waits for the end of the answer.
    [[nodiscard]] task<std::string> ask(std::string text);
    /// Waits until `stream` has ended; false after `patience`.
    [[nodiscard]] task<bool> wait_for(quic::stream_id stream);
    [[nodiscard]] task<void> close();

private:
    quic_streams* streams_ = nullptr;
    std::unique_ptr<quic::client_connection> connection_;
};

}  // namespace ringway::test
