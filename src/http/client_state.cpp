#include "http/client_state.hpp"

#include <algorithm>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/runtime/run_blocking.hpp>

#include "http/client_connect.hpp"
#include "http/client_within.hpp"

namespace ringway::http {
namespace {

std::vector<std::string> names_for(client_version version) {
    switch (version) {
        case client_version::http_1_1: return {"http/1.1"};
        case client_version::http_2: return {"h2"};
        default: return {"h2", "http/1.1"};
    }
}

}  // namespace

task<void> client::state::sweep(origin& at) {
    for (;;) {
        const auto over = std::ranges::find_if(at.connections, [](const auto& each) {
            return each->is_over() && each->in_flight() == 0;
        });
        if (over == at.connections.end()) {
            co_return;
        }
        const auto gone = std::move(*over);
        at.connections.erase(over);
        co_await gone->close();
    }
}

task<client_result<const tls::client_context*>> client::state::tls_context() {
    if (!tls) {
        tls::client_options wanted{.trust_file = options.trust_file,
                                   .verify = options.verify,
                                   .alpn = names_for(options.version),
                                   .allow_tls_1_2 = true};
        auto made = co_await run_blocking{[&wanted] { return tls::client_context::make(wanted); }};
        if (!made) {
            const auto& file = options.trust_file;
            co_return std::unexpected{client_failure{
                .stage = client_stage::tls,
                .what = made.error(),
                .text = "no certificates to trust in " + (file.empty() ? "this system" : file),
                .certificate = true}};
        }
        if (!tls) {  // Somebody else may have been quicker.
            tls = *std::move(made);
        }
    }
    co_return tls.get();
}

task<client_result<std::shared_ptr<client_connection>>> client::state::make_connection(
    origin& at, const wire::url& to, client_timings& timings, nanoseconds started) {
    at.connecting = true;
    const tls::client_context* trusted = nullptr;
    if (to.secure) {
        const auto context = co_await tls_context();
        if (!context) {
            at.connecting = false;
            news.set();
            co_return std::unexpected{context.error()};
        }
        trusted = *context;
    }
    auto made = co_await detail::within(
        options.connect_timeout, "no connection to " + to.authority(),
        detail::connect_by_tcp({options, trusted, to, at.resume, started}, timings));
    at.connecting = false;
    if (made) {
        at.is_shared = (*made)->version() != client_version::http_1_1;
        at.connections.push_back(*made);
    }
    news.set();
    co_return made;
}

}  // namespace ringway::http
