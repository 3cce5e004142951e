// One request of an HTTP/2 connection and its response.
#pragma once

#include <cstdint>

#include "http/stream_exchange.hpp"

namespace ringway::http::detail {

class h2_connection;

/// Made when the head of a request is complete.
struct h2_stream final : stream_exchange {
    h2_stream(h2_connection& connection, std::int32_t number) noexcept
        : owner{connection}, id{number} {}

    h2_connection& owner;
    std::int32_t id;
    bool has_chunk = false;  // Of a cold file, in `body`.
};

}  // namespace ringway::http::detail
