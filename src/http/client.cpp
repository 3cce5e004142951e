#include <ringway/http/client.hpp>

#include <algorithm>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/ring/driver.hpp>

#include "http/client_head_text.hpp"
#include "http/client_redirect.hpp"
#include "http/client_state.hpp"
#include "http/client_within.hpp"

namespace ringway::http {
namespace {

// What is read of a redirect's body so that the connection can be used again.
constexpr std::size_t drained_bytes_max = std::size_t{64} * 1024;

task<void> drain(client_response& from) {
    for (std::size_t read = 0; read < drained_bytes_max;) {
        const auto piece = co_await from.read();
        if (!piece || !*piece) {
            break;
        }
        read += piece->bytes().size();
    }
    co_await from.close();
}

std::unexpected<client_failure> refuse(std::string_view why) {
    return std::unexpected{client_failure{
        .stage = client_stage::request, .what = {errc::malformed}, .text = std::string{why}}};
}

// The head, or why there is none.
task<client_result<client_head>> head_of(client_exchange& exchange, const client_connection& over,
                                         const wire::url& from) {
    auto head = co_await exchange.head();
    if (!head && over.connect_failure() != nullptr) {  // Its handshake was still going on.
        client_failure why = *over.connect_failure();
        why.text = from.authority() + ": " + why.text;
        co_return std::unexpected{std::move(why)};
    }
    if (!head) {
        const std::string_view words = exchange.problem();
        co_return std::unexpected{
            client_failure{.stage = client_stage::response,
                           .what = head.error(),
                           .text = from.authority() + ": " +
                                   (words.empty() ? describe(head.error()) : std::string{words}),
                           .surely_unprocessed = exchange.is_unprocessed()}};
    }
    co_return *std::move(head);
}

}  // namespace

client::client(client_options options) : state_{std::make_unique<state>(std::move(options))} {}

client::~client() {
    RW_ASSERT(std::ranges::all_of(
        state_->origins, [](const auto& each) { return each.second.connections.empty(); }));
}

const client_options& client::options() const noexcept { return state_->options; }

void client::released() noexcept { state_->news.set(); }

task<client_result<client_response>> client::fetch(client_request asked) {
    const nanoseconds started = driver::current().now();
    for (const client_field& each : state_->options.fields) {
        if (find_field(asked.fields, each.name) == nullptr) {
            asked.fields.push_back(each);
        }
    }
    if (state_->options.decode && !wire::known_codings().empty() &&
        find_field(asked.fields, "accept-encoding") == nullptr &&
        find_field(asked.fields, "range") == nullptr) {
        asked.fields.push_back({"Accept-Encoding", std::string{wire::known_codings()}});
    }
    if (const auto fault = detail::fault_of(asked); !fault.empty()) {
        co_return refuse(fault);
    }
    for (unsigned redirects = 0;; ++redirects) {
        auto answer = co_await ask(asked, started);
        if (!answer) {
            co_return std::unexpected{std::move(answer.error())};
        }
        auto next = detail::plan_redirect(asked, answer->head_, redirects, state_->options);
        if (next && !*next) {
            answer->redirects_ = redirects;
            co_return *std::move(answer);
        }
        co_await drain(*answer);
        if (!next) {
            co_return std::unexpected{std::move(next.error())};
        }
        asked = **std::move(next);
    }
}

// Until it was processed, surely or perhaps.
task<client_result<client_response>> client::ask(client_request asked, nanoseconds started) {
    bool fresh = false;
    for (unsigned attempt = 1;; ++attempt) {
        auto answer = co_await try_once(asked, started, fresh);
        if (answer || !answer.error().surely_unprocessed ||
            attempt >= state_->options.attempts_max) {
            co_return answer;
        }
        // Where one idle connection was closed the others will have been, too.
        const auto& there = state_->origins[asked.target.origin()];
        fresh = !there.is_shared;
    }
}

task<client_result<client_response>> client::try_once(const client_request& asked,
                                                      nanoseconds started, bool fresh) {
    client_response made;
    auto connection = co_await connect(asked.target, made.timings_, started, fresh);
    if (!connection) {
        co_return std::unexpected{std::move(connection.error())};
    }
    if (!(*connection)->takes_more()) {  // The server has begun to end meanwhile.
        co_return std::unexpected{
            client_failure{.stage = client_stage::connect,
                           .what = {errc::closed},
                           .text = asked.target.authority() + " takes no more requests",
                           .surely_unprocessed = true}};
    }
    made.owner_ = this;
    made.connection_ = *std::move(connection);
    made.asked_ = std::make_unique<client_request>(asked);
    made.exchange_ = made.connection_->begin(*made.asked_);
    made.version_ = made.connection_->version();
    made.url_ = asked.target;
    made.started_ = started;
    made.idle_timeout_ = state_->options.idle_timeout;
    auto head = co_await detail::within(state_->options.first_byte_timeout,
                                        asked.target.authority() + ": no answer came",
                                        head_of(*made.exchange_, *made.connection_, asked.target));
    made.timings_.first_byte = driver::current().now() - started;
    auto& at = state_->origins[asked.target.origin()];
    if (!head) {
        const bool was_early = made.connection_->connect_failure() != nullptr &&
                               state_->options.version == client_version::automatic;
        if (was_early) {  // TCP is the way back; early data may be repeated (RFC 8470 section 2).
            state_->avoid_http3(at, asked.target.origin());
            head.error().surely_unprocessed = asked.method == "GET" || asked.method == "HEAD";
        }
        co_await made.close();
        co_return std::unexpected{std::move(head.error())};
    }
    made.head_ = *std::move(head);
    if (state_->options.decode) {
        made.begin_decoding();
    }
    if (state_->options.resumption) {  // The ticket came before the answer.
        state::keep_session(at, *made.connection_);
    }
    if (!made.timings_.reused) {  // With early data none of it was known before the answer.
        made.timings_.early_data = made.connection_->was_early();
        made.timings_.resumed |= made.connection_->is_resumed();
    }
    state_->learn_alternatives(asked.target, made.head_);
    co_return made;
}

task<client_result<std::shared_ptr<client_connection>>> client::connect(const wire::url& to,
                                                                        client_timings& timings,
                                                                        nanoseconds started,
                                                                        bool fresh) {
    auto& at = state_->origins[to.origin()];  // References into a map stay.
    for (;;) {
        co_await state_->sweep(at);
        for (const auto& each : at.connections) {
            if (!fresh && each->takes_more()) {
                timings = {.reused = true};
                timings.name = timings.connect = timings.tls = driver::current().now() - started;
                co_return each;
            }
        }
        const bool waits_for_other = !fresh && at.connecting && at.is_shared;
        if (!waits_for_other && at.connections.size() < state_->options.connections_max) {
            co_return co_await state_->make_connection(at, to, timings, started);
        }
        state_->news.reset();
        const auto waited = co_await state_->news.wait();
        if (!waited) {
            co_return std::unexpected{client_failure{
                .stage = client_stage::connect, .what = waited.error(), .text = "stopped"}};
        }
    }
}

task<void> client::close() {
    for (auto& [name, at] : state_->origins) {
        for (auto& each : std::exchange(at.connections, {})) {
            co_await state_->wait_for_session(at, *each);
            state::keep_session(at, *each);
            co_await each->close();
        }
        state_->store_sessions(at, name);
    }
}

}  // namespace ringway::http
