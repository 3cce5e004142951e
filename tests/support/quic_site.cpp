#include "support/quic_site.hpp"

#include <array>
#include <gtest/gtest.h>
#include <utility>

namespace ringway::test {

quic_service_world::quic_service_world(quic::server_options options, unsigned shards_wanted,
                                       const endpoint& at)
    : tls{{.alpn = {"h3"}}, {.alpn = {"h3"}}}, shards{shards_wanted} {
    auto made = quic::server_group::make(*tls.server, std::move(options), shards);
    EXPECT_TRUE(made.has_value());
    group = *std::move(made);
    const std::array where{at};
    EXPECT_TRUE(group->listen(where).has_value());
}

void quic_service_world::run(const std::function<task<void>(quic_service_world&)>& main) {
    const std::size_t sockets = group->listening().size() * shards;
    const std::size_t before = open_descriptors();
    run_cluster(
        {.shards = shards, .pin = false}, [&](shard&) { return main(*this); },
        descriptors::may_stay_open);
    EXPECT_EQ(open_descriptors() + sockets, before) << "descriptors leaked, or closed twice";
    EXPECT_EQ(group->open(), 0U);
    EXPECT_EQ(group->half_open(), 0U);
}

quic_site::quic_site(quic::server_group& group, stream_role role)
    : service_{role}, endpoint_{quic::server_endpoint::make(group, service_)} {
    serving_.spawn(endpoint_->serve());
}

task<void> quic_site::close(std::chrono::milliseconds patience) {
    serving_.request_stop();
    co_await serving_.join();
    co_await endpoint_->finish(patience);
}

quic_client::quic_client(quic_service_world& world, const ringway::endpoint& where,
                         const quic::client_options& options, const quic::resumption& earlier,
                         std::string host) {
    auto made = quic::client_connection::open(
        where, host, *world.tls.client,
        [this](quic::connection& below) -> std::unique_ptr<quic::application> {
            auto streams = std::make_unique<quic_streams>(below, stream_role::keeps);
            streams_ = streams.get();
            return streams;
        },
        options, earlier);
    EXPECT_TRUE(made.has_value());
    connection_ = *std::move(made);
}

task<bool> quic_client::wait_for(quic::stream_id stream) {
    co_return co_await comes_true(
        [this, stream] { return streams_->over || streams_->is_closed(stream); });
}

task<std::string> quic_client::ask(std::string text) {
    const quic::stream_id stream = streams_->ask(std::move(text));
    if (stream < 0 || !co_await wait_for(stream)) {
        co_return "no answer";
    }
    co_return streams_->of(stream).text;
}

task<void> quic_client::close() {
    streams_ = nullptr;
    co_await connection_->finish();
}

}  // namespace ringway::test
