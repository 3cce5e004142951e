// Making a connection of the HTTP client over QUIC.
#include <chrono>
#include <utility>
#include <vector>

#include <ringway/ring/driver.hpp>

#include "http/client_connect.hpp"
#include "http/client_h3.hpp"
#include "http/client_race.hpp"

namespace ringway::http::detail {
namespace {

// Where there is a way back over TCP, what is sent early must not wait for the whole of QUIC's time
// limit.
constexpr std::chrono::milliseconds early_handshake_limit{1500};

client_failure failure_at(const wire::url& to, client_failure why) {
    why.text = to.authority() + " by HTTP/3: " + why.text;
    why.stage = why.certificate ? client_stage::tls : client_stage::connect;
    return why;
}

task<made_connection> try_address(const connect_plan& plan, const endpoint& where,
                                  quic::resumption earlier) {
    quic::client_options options;
    options.early_data = plan.options.early_data && !earlier.session.empty();
    if (options.early_data && plan.options.version == client_version::automatic) {
        options.transport.handshake_timeout = early_handshake_limit;
    }
    auto opened = client_h3::open(where, plan.to.host, *plan.tls, options, earlier);
    if (!opened) {
        co_return std::unexpected{
            failure_at(plan.to, {.what = opened.error(), .text = describe(opened.error())})};
    }
    const std::shared_ptr<client_h3> made = *std::move(opened);
    if (made->sends_early()) {  // Whoever asks now needs not wait.
        co_return std::static_pointer_cast<client_connection>(made);
    }
    const auto done = co_await made->handshake();
    if (!done) {
        const auto* const known = made->connect_failure();
        client_failure why =
            known != nullptr ? *known
                             : client_failure{.what = done.error(), .text = "no answer in time"};
        if (done.error().code == errc::canceled) {
            why.what = done.error();
        }
        co_await made->close();
        co_return std::unexpected{failure_at(plan.to, std::move(why))};
    }
    co_return std::static_pointer_cast<client_connection>(made);
}

}  // namespace

task<made_connection> connect_by_quic(connect_plan plan, const quic::resumption& earlier,
                                      client_timings& timings) {
    const auto since = [&plan] { return driver::current().now() - plan.started; };
    const auto addresses = co_await addresses_of(plan);
    if (!addresses) {
        co_return std::unexpected{addresses.error()};
    }
    timings.name = since();
    std::vector<client_attempt> attempts;
    attempts.reserve(addresses->size());
    for (std::size_t i = 0; i < addresses->size(); ++i) {
        // A ticket is for one connection (RFC 8446 appendix C.4).
        attempts.emplace_back([&plan, where = (*addresses)[i],
                               left = i == 0 ? earlier : quic::resumption{}](client_timings&) {
            return try_address(plan, where, left);
        });
    }
    auto race = co_await race_connections(std::move(attempts), timings);
    timings.connect = timings.tls = since();
    timings.resumed = race.made && (*race.made)->is_resumed();
    co_return std::move(race.made);
}

}  // namespace ringway::http::detail
