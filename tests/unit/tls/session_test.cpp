#include "tls/session.hpp"

#include <algorithm>
#include <cstddef>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "support/tls_world.hpp"
#include "unit/tls/record_support.hpp"

namespace ringway::tls {
namespace {

using progress = session::progress;
using test::tls_world;

// Two sessions with nothing but memory between them.
struct in_memory {
    explicit in_memory(tls_world& world)
        : server{session::accept(*world.server)},
          client{session::connect(*world.client, "localhost", {})} {}

    // Moves what `from` has to send to `to`, in pieces of `piece` bytes.
    progress move(session& from, session& to, std::size_t piece) {
        const std::vector<std::byte> wire{from.output().begin(), from.output().end()};
        from.clear_output();
        progress last = progress::wants_input;
        byte_view rest = wire;
        while (!rest.empty() && last == progress::wants_input) {
            to.feed(rest.first(std::min(piece, rest.size())));
            rest = rest.subspan(std::min(piece, rest.size()));
            last = to.advance();
        }
        moved = wire.size();
        left = rest.size() + to.unread();
        return last;
    }

    std::unique_ptr<session> server;
    std::unique_ptr<session> client;
    std::size_t moved = 0;
    std::size_t left = 0;
};

// Goal: a handshake goes through however its bytes are cut, and both record layers fit together.
TEST(tls_session, shakes_hands_in_memory) {
    tls_world world;
    for (const std::size_t piece : {1U, 7U, 100U, 100'000U}) {
        in_memory both{world};
        EXPECT_EQ(both.client->advance(), progress::wants_input);
        EXPECT_EQ(both.move(*both.client, *both.server, piece), progress::wants_input);
        EXPECT_EQ(both.move(*both.server, *both.client, piece), progress::done);
        EXPECT_EQ(both.left, 0U);
        EXPECT_EQ(both.move(*both.client, *both.server, piece), progress::done);
        EXPECT_EQ(both.server->server_name(), "localhost");
        EXPECT_EQ(both.server->spoken(), version::tls_1_3);
        EXPECT_GT(both.server->output().size(), 100U);  // The tickets.

        record_reader reader{both.client->keys(session::direction::receiving),
                             record_reader::role::client};
        EXPECT_EQ(read_all(reader, both.server->output()).last, record_reader::status::needs_input);
        both.client->add_tickets(reader.take_tickets());
        EXPECT_FALSE(both.client->resumption_data().empty());
        record_keys sending = both.server->keys(session::direction::sending);
        EXPECT_EQ(read_all(reader, record_of(sending, "data")).data, "data");
    }
}

// Goal: bytes behind the handshake are left for the record layer.
TEST(tls_session, leaves_what_follows) {
    tls_world world;
    in_memory both{world};
    static_cast<void>(both.client->advance());
    static_cast<void>(both.move(*both.client, *both.server, 100'000));
    static_cast<void>(both.move(*both.server, *both.client, 100'000));
    std::vector<std::byte> wire{both.client->output().begin(), both.client->output().end()};
    record_keys keys = both.client->keys(session::direction::sending);
    const auto early = record_of(keys, "early");
    wire.insert(wire.end(), early.begin(), early.end());
    both.server->feed(wire);
    EXPECT_EQ(both.server->advance(), progress::done);
    EXPECT_EQ(both.server->unread(), early.size());
}

// Goal: GnuTLS pauses between records of one message; what else has arrived is not forgotten.
TEST(tls_session, reads_a_hello_that_is_spread_over_records) {
    tls_world world;
    in_memory both{world};
    static_cast<void>(both.client->advance());
    const std::vector<std::byte> hello{both.client->output().begin() + 5,
                                       both.client->output().end()};
    std::vector<std::byte> wire;
    for (std::size_t at = 0; at < hello.size(); at += 20) {
        const auto piece =
            byte_view{hello}.subspan(at, std::min<std::size_t>(20, hello.size() - at));
        for (const int byte : {22, 3, 1, 0, static_cast<int>(piece.size())}) {
            wire.push_back(static_cast<std::byte>(byte));
        }
        wire.insert(wire.end(), piece.begin(), piece.end());
    }
    both.server->feed(wire);
    EXPECT_EQ(both.server->advance(), progress::wants_input);
    EXPECT_EQ(both.server->unread(), 0U);
    EXPECT_EQ(both.server->server_name(), "localhost");
    EXPECT_GT(both.server->output().size(), 100U);
}

TEST(tls_session, an_end_in_the_middle_is_a_failure) {
    tls_world world;
    const auto server = session::accept(*world.server);
    EXPECT_EQ(server->advance(), progress::wants_input);
    server->feed_end();
    EXPECT_EQ(server->advance(), progress::failed);
    EXPECT_FALSE(server->problem().empty());
    EXPECT_FALSE(server->alert_sent());
}

}  // namespace
}  // namespace ringway::tls
