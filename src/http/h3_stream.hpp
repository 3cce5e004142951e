// One request of an HTTP/3 connection and its response.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include <ringway/http/file_blocks.hpp>
#include <ringway/quic/connection.hpp>

#include "http/h3_field_counter.hpp"
#include "http/h3_scanner.hpp"
#include "http/stream_exchange.hpp"

namespace ringway::http::detail {

class h3_connection;

/// Bytes of a body that are being sent: what keeps them alive until they are acknowledged.
struct h3_piece {
    std::size_t left = 0;  ///< Bytes that are not acknowledged.
    block_ref block;       ///< They lie in one of these, or in memory that lives long enough.
    std::unique_ptr<char[]> text;
};

/// Made when the first byte comes. Counts as a request once its head is complete.
struct h3_stream final : stream_exchange {
    h3_stream(h3_connection& connection, quic::stream_id number) noexcept
        : owner{connection}, id{number} {}

    h3_connection& owner;
    quic::stream_id id;
    nanoseconds begun{0};  // When its first byte came.
    h3_scanner scanner{h3_input::request};
    h3_field_counter lines;               // Of the head.
    std::unique_ptr<stream_head> head;    // While it is being received.
    std::size_t head_bytes = 0;           // What is counted for that.
    bool seen_head = false;               // A HEADERS frame has begun.
    bool in_head = false;                 // And has not ended.
    bool ends_here = false;               // Behind what nghttp3 has been given.
    bool taken = false;                   // Is a request: in the list of those.
    bool early = false;                   // Some of it came before the handshake was complete.
    bool in_reset = false;                // Has been given up, by us or the peer.
    bool finished = false;                // The end of the response was handed to QUIC.
    bool blocked = false;                 // By flow control.
    std::optional<std::uint64_t> length;  // That the request promises.
    std::uint64_t data_announced = 0;     // By its DATA frames.
    std::size_t unsent = 0;               // Of the body, with nghttp3, roughly.
    std::uint64_t given = 0;              // Of the body, to nghttp3.
    std::uint64_t acknowledged = 0;       // Of that.
    std::deque<h3_piece> pieces;
    block_ref current;  // What the next bytes are taken from, if it has them.
    h3_stream* bucket_next = nullptr;
    h3_stream* head_next = nullptr;  // In the list of those that are no request yet.
    h3_stream* head_previous = nullptr;
};

}  // namespace ringway::http::detail
