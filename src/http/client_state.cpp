#include "http/client_state.hpp"

#include <algorithm>
#include <ctime>
#include <string_view>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/runtime/run_blocking.hpp>
#include <ringway/wire/alt_svc.hpp>

#include "http/client_connect.hpp"
#include "http/client_h3.hpp"
#include "http/client_within.hpp"

namespace ringway::http {
namespace {

using made_connection = client_result<std::shared_ptr<client_connection>>;

// An offer of HTTP/3 that leads nowhere, as behind a firewall, must not hold a request up for long.
constexpr std::chrono::milliseconds alternative_limit{1500};

std::vector<std::string> names_for(client_version version, bool over_quic) {
    if (over_quic) {
        return {"h3"};
    }
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

task<client_result<const tls::client_context*>> client::state::tls_context(bool over_quic) {
    auto& kept = over_quic ? quic_tls : tls;
    if (!kept) {
        const tls::client_options wanted{.trust_file = options.trust_file,
                                         .verify = options.verify,
                                         .alpn = names_for(options.version, over_quic),
                                         .allow_tls_1_2 = !over_quic};
        auto made = co_await run_blocking{[&wanted] { return tls::client_context::make(wanted); }};
        if (!made) {
            const auto& file = options.trust_file;
            co_return std::unexpected{client_failure{
                .stage = client_stage::tls,
                .what = made.error(),
                .text = "no certificates to trust in " + (file.empty() ? "this system" : file),
                .certificate = true}};
        }
        if (!kept) {  // Somebody else may have been quicker.
            kept = *std::move(made);
        }
    }
    co_return kept.get();
}

void client::state::keep_session(const std::string& name, const client_connection& of) {
    if (of.version() == client_version::http_3 && options.early_data) {
        sessions.keep(name, static_cast<const detail::client_h3&>(of).resumption());
    }
}

void client::state::learn_alternatives(const wire::url& from, const client_head& head) {
    const auto* const field = find_field(head.fields, "alt-svc");
    if (!from.secure || field == nullptr || options.version != client_version::automatic) {
        return;
    }
    const auto name = from.origin();
    auto& at = origins[name];
    const auto told = wire::parse_alt_svc(*field);
    const auto h3 = std::ranges::find(told.alternatives, "h3", &wire::alternative::protocol);
    if (h3 == told.alternatives.end() || h3->max_age_s == 0) {
        at.alternative.reset();
        sessions.forget_alternative(name);
        return;
    }
    at.alternative = detail::known_alternative{h3->host, h3->port,
                                               std::time(nullptr) + std::int64_t{h3->max_age_s}};
    sessions.keep_alternative(name, *at.alternative);
}

const detail::known_alternative* client::state::alternative_of(origin& at, const wire::url& to) {
    if (!to.secure || options.version != client_version::automatic) {
        return nullptr;
    }
    const std::int64_t now = std::time(nullptr);
    if (!std::exchange(at.asked_cache, true)) {
        at.alternative = sessions.alternative(to.origin(), now);
    }
    return at.alternative && at.alternative->until_unix_s > now ? &*at.alternative : nullptr;
}

task<made_connection> client::state::by_quic(const wire::url& to,
                                             const detail::known_alternative& where,
                                             client_timings& timings, nanoseconds started) {
    const auto trusted = co_await tls_context(true);
    if (!trusted) {
        co_return std::unexpected{trusted.error()};
    }
    quic::resumption earlier;
    if (options.early_data) {
        earlier = sessions.take(to.origin());
    }
    co_return co_await detail::connect_by_quic(
        {options, *trusted, to, {}, started, where.host, where.port}, earlier, timings);
}

task<made_connection> client::state::by_tcp(origin& at, const wire::url& to,
                                            client_timings& timings, nanoseconds started) {
    const tls::client_context* trusted = nullptr;
    if (to.secure) {
        const auto context = co_await tls_context(false);
        if (!context) {
            co_return std::unexpected{context.error()};
        }
        trusted = *context;
    }
    co_return co_await detail::connect_by_tcp({options, trusted, to, at.resume, started}, timings);
}

task<made_connection> client::state::connect_somehow(origin& at, const wire::url& to,
                                                     client_timings& timings, nanoseconds started) {
    if (options.version == client_version::http_3) {
        if (!to.secure) {
            co_return std::unexpected{client_failure{.stage = client_stage::connect,
                                                     .what = {errc::unsupported},
                                                     .text = "HTTP/3 needs https"}};
        }
        co_return co_await by_quic(to, {}, timings, started);
    }
    if (const auto* const known = alternative_of(at, to)) {
        const detail::known_alternative where = *known;
        auto made = co_await detail::within(alternative_limit, "no HTTP/3",
                                            by_quic(to, where, timings, started));
        if (made || made.error().what.code == errc::canceled) {
            co_return made;
        }
        at.alternative.reset();
        sessions.forget_alternative(to.origin());
    }
    co_return co_await by_tcp(at, to, timings, started);
}

task<made_connection> client::state::make_connection(origin& at, const wire::url& to,
                                                     client_timings& timings, nanoseconds started) {
    at.connecting = true;
    auto made =
        co_await detail::within(options.connect_timeout, "no connection to " + to.authority(),
                                connect_somehow(at, to, timings, started));
    at.connecting = false;
    if (made) {
        at.is_shared = (*made)->version() != client_version::http_1_1;
        at.connections.push_back(*made);
    }
    news.set();
    co_return made;
}

}  // namespace ringway::http
