// Making a connection of the HTTP client over QUIC.
#include <algorithm>
#include <chrono>
#include <utility>

#include <ringway/ring/driver.hpp>
#include <ringway/runtime/sleep.hpp>

#include "http/client_connect.hpp"
#include "http/client_h3.hpp"

namespace ringway::http::detail {
namespace {

// For one of several addresses; the last one may take as long as it likes.
constexpr std::chrono::seconds attempt_limit{2};

using made_connection = client_result<std::shared_ptr<client_connection>>;

client_failure failure_at(const wire::url& to, client_failure why) {
    why.text = to.authority() + " by HTTP/3: " + why.text;
    why.stage = why.certificate ? client_stage::tls : client_stage::connect;
    return why;
}

task<result<void>> shake_hands(client_h3& with, bool last) {
    if (last) {
        co_return co_await with.handshake();
    }
    co_return co_await with_timeout(attempt_limit, with.handshake());
}

task<made_connection> try_address(const connect_plan& plan, const endpoint& where,
                                  const quic::resumption& earlier, bool last) {
    quic::client_options options;
    options.early_data = plan.options.early_data;
    auto opened = client_h3::open(where, plan.to.host, *plan.tls, options, earlier);
    if (!opened) {
        co_return std::unexpected{
            failure_at(plan.to, {.what = opened.error(), .text = describe(opened.error())})};
    }
    const std::shared_ptr<client_h3> made = *std::move(opened);
    if (made->sends_early()) {  // Whoever asks now needs not wait.
        co_return std::static_pointer_cast<client_connection>(made);
    }
    const auto done = co_await shake_hands(*made, last);
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
    made_connection made = std::unexpected{client_failure{}};
    for (std::size_t i = 0; i < addresses->size(); ++i) {
        const bool last = i + 1 == addresses->size();
        made = co_await try_address(plan, (*addresses)[i], earlier, last);
        if (made || made.error().certificate || made.error().what.code == errc::canceled) {
            break;
        }
    }
    timings.connect = timings.tls = since();
    timings.resumed = made && (*made)->is_resumed();
    co_return made;
}

}  // namespace ringway::http::detail
