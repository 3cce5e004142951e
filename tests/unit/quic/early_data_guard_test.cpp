#include "quic/early_data_guard.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <gnutls/gnutls.h>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <ringway/quic/replay_register.hpp>

#include "quic/tls_session.hpp"
#include "support/quic_pair.hpp"
#include "support/quic_world.hpp"

// Of GnuTLS, for tests: what it asks for the time.
extern "C" void _gnutls_global_set_gettime_function(void (*ask)(timespec*));

namespace ringway::quic::detail {
namespace {

using test::quic_end;
using test::quic_pair;
using test::quic_world;

std::atomic<std::int64_t> skipped_s{0};

std::int64_t test_now() noexcept { return unix_now() + skipped_s.load(); }

// Makes GnuTLS's time, on both sides, what the test says.
struct shifted_time {
    shifted_time() {
        skipped_s = 0;
        _gnutls_global_set_gettime_function([](timespec* into) {
            ::clock_gettime(CLOCK_REALTIME, into);
            into->tv_sec += skipped_s.load();
        });
        gnutls_global_set_time_function([](std::time_t* into) {
            const std::time_t now = test_now();
            if (into != nullptr) {
                *into = now;
            }
            return now;
        });
    }
    ~shifted_time() { skipped_s = 0; }
    void skip(std::chrono::seconds more) { skipped_s += more.count(); }
};

struct early_world {
    early_world() : at{options()} {}

    server_crypto_options options() {
        server_crypto_options made;
        made.early_data = strikes.get();
        made.unix_clock = test_now;
        return made;
    }

    // A first connection, for what the next one needs.
    void visit(server_crypto& server) {
        quic_pair pair{server, *at.client};
        ASSERT_TRUE(pair.shake_hands());
        ticket = pair.client.tls->resumption_data();
        parameters = pair.early_parameters();
        ASSERT_FALSE(ticket.empty());
    }

    std::unique_ptr<quic_pair> again(server_crypto& server) {
        return std::make_unique<quic_pair>(
            server, *at.client,
            test::quic_pair_options{
                .resume = ticket, .resume_parameters = parameters, .early = "GET /early"});
    }

    // Whether early data is taken; the connection works in any case.
    bool takes_early(server_crypto& server) {
        const auto pair = again(server);
        EXPECT_TRUE(pair->shake_hands()) << pair->server.tls->problem();
        EXPECT_EQ(pair->server.tls->early_data_accepted(), pair->client.tls->early_data_accepted());
        EXPECT_EQ(pair->server.received_early,
                  pair->server.tls->early_data_accepted() ? "GET /early" : "");
        return pair->server.tls->early_data_accepted();
    }

    shifted_time time;
    std::unique_ptr<replay_register> strikes = *replay_register::make(std::size_t{1} << 14U);
    quic_world at;
    std::vector<std::byte> ticket;
    std::vector<std::byte> parameters;
};

// A server for one recorded flight.
struct replayed {
    replayed(server_crypto& server, const std::vector<std::vector<std::uint8_t>>& flight) {
        ngtcp2_pkt_hd head;
        EXPECT_EQ(ngtcp2_accept(&head, flight[0].data(), flight[0].size()), 0);
        test::serve(end, server, head.scid, head.dcid, head.version);
        for (std::vector<std::uint8_t> datagram : flight) {
            test::read_datagram(end, datagram, 2 * NGTCP2_SECONDS);
        }
    }
    quic_end end;
};

TEST(quic_early_data_guard, a_ticket_is_good_for_early_data) {
    early_world at;
    at.visit(*at.at.crypto);
    at.time.skip(std::chrono::seconds{2});
    EXPECT_TRUE(at.takes_early(*at.at.crypto));
    // The same ticket with another hello is another flight, which a client may send.
    EXPECT_TRUE(at.takes_early(*at.at.crypto));
}

TEST(quic_early_data_guard, without_a_register_it_is_refused_and_not_offered) {
    early_world at;
    const auto careful = at.at.make({});
    at.visit(*at.at.crypto);
    at.time.skip(std::chrono::seconds{2});
    EXPECT_FALSE(at.takes_early(*careful));
    // A ticket of the careful one does not even make the client try.
    at.visit(*careful);
    const auto pair = at.again(*at.at.crypto);
    ASSERT_TRUE(pair->shake_hands());
    EXPECT_TRUE(pair->server.tls->resumed());
    EXPECT_FALSE(pair->server.tls->early_data_accepted());
}

TEST(quic_early_data_guard, a_server_that_promised_other_limits_refuses_it) {
    early_world at;
    at.visit(*at.at.crypto);
    server_crypto_options changed = at.options();
    changed.remembered = {std::byte{9}};
    const auto other = at.at.make(changed);
    at.time.skip(std::chrono::seconds{2});
    EXPECT_FALSE(at.takes_early(*other));
    const auto pair = at.again(*other);
    ASSERT_TRUE(pair->shake_hands());
    EXPECT_FALSE(pair->server.tls->resumed());
}

// GnuTLS alone takes 12 seconds; afterwards what comes depends on when it began anew.
TEST(quic_early_data_guard, tickets_are_good_for_an_hour_at_any_time) {
    early_world at;
    for (int hour = 0; hour < 6; ++hour) {
        at.visit(*at.at.crypto);
        at.time.skip(std::chrono::minutes{23});
        EXPECT_TRUE(at.takes_early(*at.at.crypto)) << hour;
        at.time.skip(std::chrono::minutes{36});
        EXPECT_TRUE(at.takes_early(*at.at.crypto)) << hour;
        EXPECT_TRUE(at.takes_early(*at.at.crypto)) << hour;
        at.time.skip(std::chrono::minutes{17});
    }
}

TEST(quic_early_data_guard, tickets_and_strikes_are_those_of_all_processes_with_the_key) {
    early_world at;
    tls::server_options same_key;
    same_key.key = at.at.server->options().key;
    const auto other_context = *tls::server_context::make(at.at.certificates, same_key);
    const auto other = *server_crypto::make(*other_context, at.options());
    at.visit(*at.at.crypto);
    at.time.skip(std::chrono::minutes{50});
    const auto flight = at.again(*other)->first_flight();
    EXPECT_FALSE(replayed(*other, flight).end.received_early.empty());
    EXPECT_FALSE(early_data_guard::take_refusal());
    EXPECT_TRUE(replayed(*at.at.crypto, flight).end.received_early.empty());
    EXPECT_TRUE(early_data_guard::take_refusal());
    EXPECT_FALSE(early_data_guard::take_refusal());
}

TEST(quic_early_data_guard, a_server_that_nobody_asks_begins_anew) {
    early_world at;
    at.visit(*at.at.crypto);
    at.time.skip(std::chrono::hours{5});
    EXPECT_FALSE(at.takes_early(*at.at.crypto));
    at.visit(*at.at.crypto);
    at.time.skip(std::chrono::minutes{59});
    EXPECT_TRUE(at.takes_early(*at.at.crypto));
}

TEST(quic_early_data_guard, objects_outlive_the_handshakes_that_use_them) {
    const shifted_time time;
    const auto strikes = *replay_register::make(64);
    early_data_guard guard{*strikes, 0};
    std::set<gnutls_anti_replay_st*> seen;
    for (std::int64_t now = 0; now < 10 * 3600; now += 60) {
        seen.insert(guard.current(now));
    }
    EXPECT_GE(seen.size(), 2U);
}

// How many of a thousand servers on four threads take one flight.
unsigned replay_thousandfold(early_world& at) {
    at.visit(*at.at.crypto);
    at.time.skip(std::chrono::seconds{30});
    const auto flight = at.again(*at.at.crypto)->first_flight();
    EXPECT_GE(flight.size(), 1U);
    std::atomic<unsigned> taken{0};
    std::atomic<unsigned> resumed{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            for (int i = 0; i < 250; ++i) {
                const replayed one{*at.at.crypto, flight};
                EXPECT_EQ(one.end.failure, 0);
                EXPECT_EQ(one.end.tls->early_data_accepted(), !one.end.received_early.empty());
                taken += one.end.received_early.empty() ? 0U : 1U;
                resumed += one.end.tls->resumed() ? 1U : 0U;
            }
        });
    }
    for (std::thread& each : threads) {
        each.join();
    }
    EXPECT_EQ(resumed.load(), 1000U);  // The handshake itself goes on for all of them.
    return taken.load();
}

// When two come at the very same moment it is nobody's, but hardly three times.
TEST(quic_early_data_guard, a_replayed_flight_is_taken_once) {
    early_world at;
    unsigned taken = 0;
    for (int round = 0; round < 3; ++round) {
        const unsigned now = replay_thousandfold(at);
        EXPECT_LE(now, 1U);
        taken += now;
    }
    EXPECT_GE(taken, 1U);
}

TEST(quic_early_data_guard, a_replay_is_refused_for_as_long_as_it_could_be_taken) {
    early_world at;
    at.visit(*at.at.crypto);
    at.time.skip(std::chrono::seconds{30});
    const auto flight = at.again(*at.at.crypto)->first_flight();
    EXPECT_FALSE(replayed(*at.at.crypto, flight).end.received_early.empty());
    for (int minutes = 0; minutes < 300; minutes += 10) {
        at.time.skip(std::chrono::minutes{10});
        EXPECT_TRUE(replayed(*at.at.crypto, flight).end.received_early.empty()) << minutes;
    }
}

}  // namespace
}  // namespace ringway::quic::detail
