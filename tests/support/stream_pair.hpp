// Two streams that are connected, and what tests do with them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <ringway/net/stream.hpp>

#include "support/sockets.hpp"

namespace ringway::test {

/// Two streams that are connected to each other.
struct stream_pair {
    stream_pair() : stream_pair{tcp_pair()} {}
    explicit stream_pair(fd_pair pair) : near{pair.near.release()}, far{pair.far.release()} {}
    stream near;
    stream far;
};

inline task<void> close(stream_pair& both) {
    co_await both.near.close();
    co_await both.far.close();
}

/// Receives until the end or until `bytes_max` have come.
inline task<std::string> receive_all(stream& from, std::size_t bytes_max = SIZE_MAX) {
    std::string all;
    while (all.size() < bytes_max) {
        const auto piece = co_await from.receive();
        EXPECT_TRUE(piece.has_value()) << describe(piece ? error{} : piece.error());
        if (!piece || !*piece) {
            break;
        }
        all += as_text(piece->bytes());
    }
    co_return all;
}

/// Each step in a statement of its own: the order of evaluation would be unspecified.
inline task<void> send_all(stream& to, std::string text, bool then_shut_down) {
    const auto sent = co_await to.send(as_bytes(text));
    EXPECT_EQ(sent.value_or(0), text.size());
    if (then_shut_down) {
        to.shutdown_send();
    }
}

inline task<result<buffer_lease>> receive_once(stream& from) { co_return co_await from.receive(); }

}  // namespace ringway::test
