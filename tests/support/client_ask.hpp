// One request on a connection of the HTTP client, up to its end.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/http/client_connection.hpp>
#include <ringway/wire/url.hpp>

namespace ringway::test {

/// What became of it.
struct asked_answer {
    int status = 0;  ///< 0: no head came.
    std::string body;
    errc failed = errc::none;
    std::string problem;
    bool unprocessed = false;
};

[[nodiscard]] inline http::client_request request_to(std::string_view url,
                                                     std::string method = "GET") {
    return {.method = std::move(method), .target = *wire::parse_url(url)};
}

/// Reads the answer of an exchange that has begun, and finishes it.
[[nodiscard]] inline task<asked_answer> answer_of(http::client_exchange& exchange) {
    asked_answer out;
    const auto head = co_await exchange.head();
    error failed = head ? error{} : head.error();
    if (head) {
        out.status = head->status;
    }
    while (failed.code == errc::none) {
        const auto piece = co_await exchange.read();
        if (!piece) {
            failed = piece.error();
        } else if (!*piece) {
            break;
        } else {
            out.body += as_text(piece->bytes());
        }
    }
    out.failed = failed.code;
    out.problem = exchange.problem();
    out.unprocessed = exchange.is_unprocessed();
    co_await exchange.finish();
    co_return out;
}

/// Asks for `asked`, which outlives it.
[[nodiscard]] inline task<asked_answer> ask(http::client_connection& on,
                                            const http::client_request& asked) {
    const auto exchange = on.begin(asked);
    co_return co_await answer_of(*exchange);
}

}  // namespace ringway::test
