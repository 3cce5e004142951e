#include "cli/metrics_server.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <fmt/core.h>
#include <utility>

#include <ringway/base/result.hpp>
#include <ringway/coro/stop.hpp>
#include <ringway/http/connection_gate.hpp>
#include <ringway/http/server.hpp>
#include <ringway/http/session_context.hpp>
#include <ringway/net/endpoint.hpp>
#include <ringway/net/listener.hpp>
#include <ringway/observe/http_metrics.hpp>

#include "cli/listeners.hpp"
#include "cli/when_free.hpp"
#include "observe/print_text.hpp"

namespace ringway::cli {
namespace {

constexpr std::size_t connections_max = 64;
constexpr std::chrono::seconds patience{1};  // With what is being answered at the end.

}  // namespace

bpf::outcome<metrics_listener> listen_for_metrics(std::string_view option,
                                                  const std::string& address) {
    std::string_view reason;
    const auto where = parse_endpoint(address, &reason);
    if (!where) {
        return bpf::refuse({errc::malformed, 0}, fmt::format("{} {}: {}", option, address, reason));
    }
    auto opened = when_free([&] { return open_listener(*where); });
    if (!opened) {
        return bpf::refuse(opened.error(), explain_listen_failure(*where, opened.error()));
    }
    const auto bound = local_endpoint(opened->get());
    metrics_listener made{*std::move(opened), bound ? bound->to_text() : address};
    print_text(stderr, "ringway: metrics at http://{}/metrics\n", made.address);
    if (!is_private(*where)) {
        print_text(stderr,
                   "ringway: warning: {} {} lets other machines read them; 127.0.0.1 does not\n",
                   option, address);
    }
    return made;
}

task<void> serve_metrics(metrics_listener listener, admin_handler::source& about) {
    observe::http_metrics metrics;
    admin_handler handler{about};
    http::connection_gate gate{{.total_max = connections_max, .per_address_max = 0}};
    const http::session_limits limits;
    http::session_context context{handler, limits, transfer_method::copy, metrics, nullptr, 0};
    http::server server{context, gate};
    co_await server.accept_on(listener.socket.release(), observe::transport::tcp);
    stop_source unstopped;  // Ours is: what is being answered may still end.
    co_await server.finish(patience).under(unstopped);
}

}  // namespace ringway::cli
