// Goal: what QUIC can do on real sockets, with our own client as the other side: addresses that are
// proved, change or are preferred, first flights that come twice, and an end that loses nothing.
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/net/datagram.hpp>

#include "support/get_command.hpp"
#include "support/made_certificate.hpp"
#include "support/patience.hpp"
#include "support/run_on_shard.hpp"
#include "support/server_process.hpp"
#include "support/sockets.hpp"
#include "support/temporary_site.hpp"
#include "support/udp_relay.hpp"

namespace ringway::test {
namespace {

using std::string;

class serve_quic : public ::testing::Test {
public:
    serve_quic() { site_.add("small", "hello"); }

    void serve(server_process::options more = {}) {
        files_.replace("1.pem", make_certificate({.names = {"127.0.0.1"}}).both());
        more.insert(more.end(), {"--tls-dir", files_.path(), "--admin", "127.0.0.1:0"});
        server_.emplace(site_.path(), more);
    }

    [[nodiscard]] std::vector<string> words(int port, const string& target,
                                            std::vector<string> more = {}) const {
        more.insert(more.end(), {"--http3", "--json", "--overwrite", "--cacert", files_.at("1.pem"),
                                 "https://127.0.0.1:" + std::to_string(port) + target});
        return more;
    }

    // One fetch from the server; the facts of its connection.
    [[nodiscard]] nlohmann::json fetch(const string& target, std::vector<string> more = {}) const {
        const auto ended = get_.run(words(server_->port(), target, std::move(more)));
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        const auto read = nlohmann::json::parse(ended.standard_output, nullptr, false);
        return read.is_object() ? read["connection"] : nlohmann::json{};
    }

    [[nodiscard]] double metric(const string& name) const {
        return server_->metric("ringway_" + name);
    }

    temporary_site site_;
    temporary_site files_;
    temporary_site state_;
    get_command get_;
    string content_ = site_.add_pattern("big", 8'000'000);
    std::optional<server_process> server_;
};

TEST_F(serve_quic, a_client_proves_its_address) {
    serve({"--quic-retry", "always"});
    EXPECT_TRUE(fetch("/big").is_object());
    EXPECT_TRUE(get_.file("big") == content_);
    EXPECT_EQ(metric("quic_retries_sent_total"), 1);
    EXPECT_EQ(metric("quic_tokens_total{result=\"accepted\"}"), 1);
}

TEST_F(serve_quic, a_client_goes_on_at_the_preferred_address) {
    const auto other = datagram_socket::bind(endpoint::loopback(0), {});
    ASSERT_TRUE(other.has_value());
    const string preferred = local_endpoint(other->get())->to_text();
    ::close(other->get());
    serve({"--preferred-address", preferred, "--shards", "1"});
    EXPECT_TRUE(fetch("/big", {"--limit-rate", "8M"}).is_object());
    EXPECT_TRUE(get_.file("big") == content_);
    EXPECT_GE(metric("quic_path_validations_total{result=\"ok\"}"), 1);
    EXPECT_EQ(metric("quic_handshakes_total{result=\"ok\"}"), 1);
}

// Two shards: the kernel hands a new port to the other one half of the time.
TEST_F(serve_quic, the_clients_port_changes_while_it_downloads) {
    serve();
    run_on_shard([](serve_quic& at) -> task<void> {
        udp_relay relay{endpoint::loopback(static_cast<std::uint16_t>(at.server_->port()))};
        child_process get{at.get_.how(at.words(relay.where().port(), "/big"))};
        for (std::uint64_t part = 1; part <= 6; ++part) {
            RW_CO_ASSERT(co_await comes_true([&] {
                return relay.sent(udp_relay::heading::to_client).bytes > part * 1'000'000;
            }));
            relay.rebind();
        }
        RW_CO_ASSERT(co_await comes_true([&] { return get.has_ended(); }));
        const auto ended = get.wait();
        EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
        co_await relay.stop();
    }(*this));
    EXPECT_TRUE(get_.file("big") == content_);
    EXPECT_EQ(metric("quic_handshakes_total{result=\"ok\"}"), 1);
    EXPECT_GE(metric("quic_migrations_total"), 3);
    EXPECT_GE(metric("quic_path_validations_total{result=\"ok\"}"), 1);
}

TEST_F(serve_quic, the_log_has_the_address_that_a_client_moved_to) {
    // More than the client's window, so that it is still being sent when the client moves.
    site_.add_pattern("large", 24'000'000);
    serve({"--log", state_.at("log")});
    EXPECT_TRUE(fetch("/large", {"--limit-rate", "12M", "--migrate", "127.0.0.2"}).is_object());
    EXPECT_TRUE(fetch("/small").is_object());
    EXPECT_EQ(server_->stop().exit_status, 0);
    const string log = content_of(state_.at("log"));
    const auto line_of = [&](const string& target) {
        const std::size_t at = log.find(target);
        const std::size_t start = at == string::npos ? 0 : log.rfind('\n', at) + 1;
        return log.substr(start, log.find('\n', start) - start);
    };
    EXPECT_TRUE(line_of("GET /large ").starts_with("127.0.0.2 ")) << log;
    EXPECT_TRUE(line_of("GET /small ").starts_with("127.0.0.1 ")) << log;
}

// Goal: what is answered from memory, in the turn in which it was asked, took its time, too.
TEST_F(serve_quic, the_log_tells_how_long_hits_took) {
    serve({"--log", state_.at("log")});
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(fetch("/small").is_object());
    }
    EXPECT_EQ(server_->stop().exit_status, 0);
    const string log = content_of(state_.at("log"));
    EXPECT_TRUE(log.contains("cache=hit")) << log;
    EXPECT_TRUE(log.contains("dur_us=")) << log;
    EXPECT_FALSE(log.contains("dur_us=0 ")) << log;
}

// The datagrams of a client before it has heard anything.
using flight = std::vector<std::vector<std::byte>>;

// From another port, as an attacker would.
void replay(const endpoint& server, const flight& recorded) {
    const auto socket = datagram_socket::bind(endpoint::loopback(0), {});
    ASSERT_TRUE(socket.has_value());
    for (const auto& each : recorded) {
        EXPECT_EQ(
            ::sendto(socket->get(), each.data(), each.size(), 0, server.address(), server.size()),
            static_cast<ssize_t>(each.size()));
    }
}

// Goal: a request that was recorded on its way is answered once, however often it comes.
TEST_F(serve_quic, a_first_flight_counts_once) {
    serve();
    run_on_shard([](serve_quic& at) -> task<void> {
        const auto server = endpoint::loopback(static_cast<std::uint16_t>(at.server_->port()));
        udp_relay relay{server};
        flight recorded;
        bool heard = false;
        relay.drop_by([&](udp_relay::heading way, std::uint64_t, byte_view bytes) {
            heard = heard || way == udp_relay::heading::to_client;
            if (!heard) {
                recorded.emplace_back(bytes.begin(), bytes.end());
            }
            return false;
        });
        for (const string early : {"false", "true"}) {
            recorded.clear();
            heard = false;
            child_process get{
                at.get_.how(at.words(relay.where().port(), "/small", {"--early-data"}))};
            RW_CO_ASSERT(co_await comes_true([&] { return get.has_ended(); }));
            const auto ended = get.wait();
            EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
            const auto read = nlohmann::json::parse(ended.standard_output, nullptr, false);
            RW_CO_ASSERT(read.is_object());
            EXPECT_EQ(read["connection"]["early_data"].dump(), early);
        }
        co_await relay.stop();
        EXPECT_EQ(at.metric("quic_early_data_total{result=\"accepted\"}"), 1);
        EXPECT_EQ(at.metric("http_requests_total"), 2);
        // The IDs of the connection are taken for a while after its end.
        EXPECT_TRUE(co_await comes_true([&] {
            replay(server, recorded);
            return at.metric("quic_handshakes_open") > 0;
        }));
    }(*this));
    // Whatever was done for the replays was done before this.
    EXPECT_TRUE(fetch("/small").is_object());
    EXPECT_EQ(metric("http_requests_total"), 3);
    EXPECT_EQ(metric("quic_early_data_total{result=\"accepted\"}"), 1);
}

// Goal: who never proves an address takes no place of those who do.
TEST_F(serve_quic, unfinished_handshakes_are_no_connections) {
    serve({"--max-connections", "1"});
    run_on_shard([](serve_quic& at) -> task<void> {
        udp_relay deaf{endpoint::loopback(static_cast<std::uint16_t>(at.server_->port()))};
        deaf.drop_by([](udp_relay::heading way, std::uint64_t, byte_view) {
            return way == udp_relay::heading::to_client;
        });
        child_process spoofed{at.get_.how(
            at.words(deaf.where().port(), "/small", {"-o", "-", "--connect-timeout", "20s"}))};
        RW_CO_ASSERT(co_await comes_true([&] { return at.metric("quic_handshakes_open") == 1; }));
        EXPECT_TRUE(at.fetch("/small").is_object());
        co_await deaf.stop();
    }(*this));
    EXPECT_EQ(metric("quic_handshakes_total{result=\"ok\"}"), 1);
}

// Goal: what was begun is answered to its end, while nobody new is let in.
TEST_F(serve_quic, a_download_is_complete_though_the_server_ends) {
    serve();
    child_process slow{get_.how(words(server_->port(), "/big", {"--limit-rate", "4M"}))};
    ASSERT_TRUE(eventually([&] { return metric("http_requests_in_flight") == 1; }));
    server_->signal(SIGTERM);
    ASSERT_TRUE(eventually([&] { return server_->said().contains("draining"); }));
    const auto late = get_.run(words(server_->port(), "/small", {"--connect-timeout", "3s"}));
    EXPECT_NE(late.exit_status, 0);
    const auto ended = slow.wait();
    EXPECT_EQ(ended.exit_status, 0) << ended.standard_error;
    EXPECT_TRUE(get_.file("big") == content_);
    EXPECT_EQ(server_->wait().exit_status, 0);
}

}  // namespace
}  // namespace ringway::test
