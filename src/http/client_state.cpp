#include "http/client_state.hpp"

#include <algorithm>
#include <ctime>
#include <string_view>
#include <utility>

#include <ringway/runtime/run_blocking.hpp>
#include <ringway/wire/alt_svc.hpp>

#include "http/client_connect.hpp"
#include "http/client_h3.hpp"
#include "http/client_race.hpp"
#include "http/client_within.hpp"

namespace ringway::http {
namespace {

using detail::made_connection;
using detail::session_kind;

// An offer of HTTP/3 that leads nowhere, as behind a firewall that drops UDP, is not taken up again
// for so long (RFC 7838 section 2.4 leaves it to us).
constexpr std::int64_t avoided_s = 300;

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

task<void> client::state::wait_for_session(const origin& at, client_connection& of) const {
    if (options.early_data && options.resumption && of.was_early() &&
        of.version() == client_version::http_3 && at.quic_session.session.empty()) {
        co_await static_cast<detail::client_h3&>(of).wait_for_ticket();
    }
}

void client::state::keep_session(origin& at, client_connection& of) {
    const bool over_quic = of.version() == client_version::http_3;
    auto& from = over_quic ? at.quic_session_from : at.tls_session_from;
    if (of.session_kept && from != &of) {  // Another has used it, or left a later one.
        return;
    }
    auto left = over_quic ? static_cast<const detail::client_h3&>(of).resumption()
                          : quic::resumption{.session = of.resumption_data()};
    if (!left.session.empty()) {
        of.session_kept = true;
        from = &of;
        (over_quic ? at.quic_session : at.tls_session) = std::move(left);
    }
}

quic::resumption client::state::take_session(origin& at, const std::string& name,
                                             session_kind kind) {
    if (!options.resumption) {
        return {};
    }
    auto& ours = kind == session_kind::quic ? at.quic_session : at.tls_session;
    (kind == session_kind::quic ? at.quic_session_from : at.tls_session_from) = nullptr;
    if (!ours.session.empty() || !options.early_data) {
        return std::exchange(ours, {});
    }
    return sessions.take(name, kind);
}

void client::state::store_sessions(origin& at, const std::string& name) {
    if (options.early_data) {
        sessions.keep(name, at.quic_session, session_kind::quic);
        sessions.keep(name, at.tls_session, session_kind::tls);
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
    const std::int64_t not_before = at.alternative ? at.alternative->from_unix_s : 0;
    at.alternative = detail::known_alternative{
        h3->host, h3->port, std::time(nullptr) + std::int64_t{h3->max_age_s}, not_before};
    sessions.keep_alternative(name, *at.alternative);
}

void client::state::avoid_http3(origin& at, const std::string& name) {
    if (at.alternative) {
        at.alternative->from_unix_s = std::time(nullptr) + avoided_s;
        sessions.keep_alternative(name, *at.alternative);
    }
}

const detail::known_alternative* client::state::alternative_of(origin& at, const wire::url& to,
                                                               client_timings& timings) {
    if (!to.secure || options.version != client_version::automatic) {
        return nullptr;
    }
    const std::int64_t now = std::time(nullptr);
    if (!std::exchange(at.asked_cache, true)) {
        at.alternative = sessions.alternative(to.origin(), now);
    }
    if (!at.alternative || at.alternative->until_unix_s <= now) {
        return nullptr;
    }
    if (at.alternative->from_unix_s > now) {
        timings.http3 = http3_offer::avoided;
        return nullptr;
    }
    return &*at.alternative;
}

task<made_connection> client::state::by_quic(origin& at, const wire::url& to,
                                             detail::known_alternative where,
                                             client_timings& timings, nanoseconds started) {
    const auto trusted = co_await tls_context(true);
    if (!trusted) {
        co_return std::unexpected{trusted.error()};
    }
    const auto earlier = take_session(at, to.origin(), session_kind::quic);
    co_return co_await detail::connect_by_quic(
        {options, *trusted, to, {}, started, where.host, where.port}, earlier, timings);
}

task<made_connection> client::state::by_either(origin& at, const wire::url& to,
                                               detail::known_alternative where,
                                               client_timings& timings, nanoseconds started) {
    std::vector<detail::client_attempt> attempts;
    attempts.emplace_back(
        [&, this](client_timings& noted) { return by_quic(at, to, where, noted, started); });
    attempts.emplace_back(
        [&, this](client_timings& noted) { return by_tcp(at, to, noted, started); });
    auto race = co_await detail::race_connections(std::move(attempts), timings);
    timings = race.timings;
    if (race.made) {
        timings.http3 = race.winner == 0 ? http3_offer::taken
                        : race.failed[0] ? http3_offer::failed
                                         : http3_offer::slower;
    }
    if (race.made && race.winner != 0) {
        avoid_http3(at, to.origin());
    }
    co_return std::move(race.made);
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
    const auto earlier =
        to.secure ? take_session(at, to.origin(), session_kind::tls) : quic::resumption{};
    co_return co_await detail::connect_by_tcp({options, trusted, to, earlier.session, started},
                                              timings);
}

task<made_connection> client::state::connect_somehow(origin& at, const wire::url& to,
                                                     client_timings& timings, nanoseconds started) {
    if (options.version == client_version::http_3) {
        if (!to.secure) {
            co_return std::unexpected{client_failure{.stage = client_stage::connect,
                                                     .what = {errc::unsupported},
                                                     .text = "HTTP/3 needs https"}};
        }
        co_return co_await by_quic(at, to, {}, timings, started);
    }
    if (const auto* const known = alternative_of(at, to, timings)) {
        co_return co_await by_either(at, to, *known, timings, started);
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
